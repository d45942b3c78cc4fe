#include "spec/network_spec.hpp"

#include <utility>

#include "schema/schema_of.hpp"
#include "spec/check_kind.hpp"
#include "spec/figure_names.hpp"
#include "spec/shared_sections.hpp"

namespace bncollapse::study {
namespace {

FieldSchema make_schema() {
  FieldSchema spec = schema_of<NetworkSpec>("an experiment with networks that are trained");
  spec.fields.push_back({"sweep", sweep_schema()});
  spec.fields.push_back({"checks", entries_by_kind("claims to judge", "check", network_check_kinds(), 1000)});
  spec.fields.push_back({"figure", figure_schema(network_figures())});
  return spec;
}

}  // namespace

FieldSchema RecordedTrainingSteps::schema(std::string help) {
  FieldSchema rule = object(
      "a rule for the steps",
      {{"every", integer("every n-th step from 0 on", from_to(1, largest_count)).left_out_if_absent()},
       {"in_round",
        list("steps counted from each round's start", integer("step", from_to(0, largest_count)), 1, 10000)
            .left_out_if_absent()}});
  rule.exactly_one = {"every", "in_round"};
  return one_of(std::move(help), {list("steps, ascending; 0 is the start",
                                       integer("step", from_to(0, largest_count)), 0, 10000),
                                  std::move(rule)});
}

const FieldSchema& network_schema() {
  static const FieldSchema schema = make_schema();
  return schema;
}

}  // namespace bncollapse::study
