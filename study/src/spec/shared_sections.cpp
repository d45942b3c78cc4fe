#include "spec/shared_sections.hpp"

#include "schema/schema_of.hpp"
#include "spec/sweep.hpp"

namespace bncollapse::study {
namespace {

FieldSchema range_axis(const std::string& spacing, Range range) {
  return object(spacing + " range, both ends included",
                {{"from", number("first value", range)},
                 {"to", number("last value", range)},
                 {"count", integer("number of values", from_to(2, 10000))}})
      .left_out_if_absent();
}

FieldSchema number_or_name() { return one_of("value", {number(""), text("")}); }

}  // namespace

FieldSchema sweep_schema() {
  FieldSchema axis = object(
      "one swept field, or several that go together",
      {{"field",
        text("a field that takes a number or one of several names, for example optimizer.learning_rate; "
             "not with rows")
            .left_out_if_absent(),
        {},
        {"values", "linear", "log"}},
       {"values", list("the values", number_or_name(), 1, 10000).left_out_if_absent()},
       {"linear", range_axis("linear", fields::any_parameter)},
       {"log", range_axis("logarithmic", fields::positive)},
       {"rows", list("one object {field: value, ...} per point, all with the same fields",
                     mapping("field -> value", number_or_name(), 1), 1, 10000)
                    .left_out_if_absent()}});
  axis.exactly_one = {"values", "linear", "log", "rows"};
  return object("the sweep; null for one point",
                {{"mode", enumerator_schema<SweepMode>("how the axes make the points")
                              .defaults_to(fields::name_of(SweepMode::grid))},
                 {"axes", list("axes", std::move(axis), 1, 20)}})
      .or_null()
      .defaults_to(nullptr);
}

FieldSchema figure_schema(std::vector<std::string> names) {
  FieldSchema figure =
      text("name of the figure that draws this run; empty for none", std::move(names)).defaults_to("");
  figure.is_fixed = true;
  return figure;
}

}  // namespace bncollapse::study
