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
#include "spec/shared_sections.hpp"

namespace bncollapse::study {
namespace {

FieldSchema make_schema() {
  FieldSchema spec = schema_of<NeuronSpec>("an experiment with one batch-normalised neuron");
  spec.fields.push_back({"sweep", sweep_schema()});
  spec.fields.push_back({"checks", entries_by_kind("predictions to judge", "check", check_kinds(), 1000)});
  spec.fields.push_back({"curves", entries_by_kind("predicted curves to draw", "curve", curve_kinds(), 100)});
  spec.fields.push_back({"figure", figure_schema(neuron_figures())});
  return spec;
}

}  // namespace

FieldSchema RecordedSteps::schema(std::string help) {
  const Range count = from_to(1, most_records);
  FieldSchema by_rule = object(
      "a rule for the steps; 0 and the last are always among them",
      {{"every", integer("every n-th step", from_to(1, largest_count)).left_out_if_absent()},
       {"linear", integer("n equal parts", count).left_out_if_absent()},
       {"log", integer("n steps from 1 to the last, evenly on a log scale", count).left_out_if_absent()}});
  by_rule.exactly_one = {"every", "linear", "log"};
  for (Field& field : by_rule.fields) field.value.is_fixed = true;
  return one_of(
      std::move(help),
      {list("steps, ascending", integer("step, 0 is the start", from_to(0, largest_count)), 1, most_records),
       std::move(by_rule)});
}

const FieldSchema& neuron_schema() {
  static const FieldSchema schema = make_schema();
  return schema;
}

}  // namespace bncollapse::study
