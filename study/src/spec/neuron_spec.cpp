#include "spec/neuron_spec.hpp"

#include <array>
#include <tuple>
#include <utility>
#include <vector>

#include "bncollapse/sim/fields.hpp"
#include "schema/schema_of.hpp"
#include "spec/check_kind.hpp"
#include "spec/curve_kind.hpp"
#include "spec/figure_names.hpp"
#include "spec/neuron_spec_fields.hpp"
#include "spec/sweep_schema.hpp"

namespace bncollapse::study {
namespace {

FieldSchema describe_spec() {
  FieldSchema spec = schema_of<NeuronSpec>("an experiment with one batch-normalised neuron");
  spec.fields.push_back({"sweep", sweep_schema().or_null().defaults_to(nullptr)});
  spec.fields.push_back(
      {"checks", list("predictions to judge", tagged_by_kind("one check", "check", check_kinds()), 0, 1000)
                     .defaults_to(Json::array())});
  spec.fields.push_back(
      {"curves", list("predicted curves to draw", tagged_by_kind("one curve", "curve", curve_kinds()), 0, 100)
                     .defaults_to(Json::array())});
  spec.fields.push_back(
      {"figure",
       text("name of the figure that draws this run; empty for none", neuron_figures()).defaults_to("")});
  spec.fields.back().value.is_fixed = true;
  return spec;
}

}  // namespace

FieldSchema RecordedSteps::schema(std::string help) {
  const Range count = from_to(1, 100000);
  FieldSchema by_rule = object(
      "a rule for the steps; 0 and the last are always among them",
      {{"every", integer("every n-th step", from_to(1, largest_count)).left_out_if_absent()},
       {"linear", integer("n equal parts", count).left_out_if_absent()},
       {"log", integer("n steps from 1 to the last, evenly on a log scale", count).left_out_if_absent()}});
  by_rule.exactly_one = {"every", "linear", "log"};
  for (Field& field : by_rule.fields) field.value.is_fixed = true;
  return one_of(std::move(help), {list("steps, ascending",
                                       integer("step, 0 is the start", from_to(0, largest_count)), 1, 100000),
                                  std::move(by_rule)});
}

const FieldSchema& neuron_schema() {
  static const FieldSchema description = describe_spec();
  return description;
}

FieldSchema law_description() { return schema_of<LawOfX>("law of the normalised pre-activation x"); }

}  // namespace bncollapse::study
