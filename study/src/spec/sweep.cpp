#include "spec/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "bncollapse/fields/nearest_name.hpp"
#include "bncollapse/theory/text_file.hpp"

namespace bncollapse::study {
namespace {

/// The fields that an axis moves, and what each of its points sets them to.
struct Axis {
  std::vector<std::string> fields;
  std::vector<Json> assignments;
};

std::vector<SweepableField> swept_candidates(const Json& spec) {
  return sweepable_fields(spec_schema_of(spec), spec);
}

const FieldSchema& swept_field(const std::string& name, const std::vector<SweepableField>& fields,
                               const Place& place) {
  std::vector<std::string> names;
  for (const SweepableField& field : fields) {
    if (field.path == name) return *field.schema;
    names.push_back(field.path);
  }
  place.fail(fmt::format("{} is not a field of this spec that a sweep can move (a number or a name){}",
                         theory::quoted(name), fields::suggestion(name, names)));
}

/// The i-th of n values from `from` to `to`; the ends are exact, and so is a 0 between them.
double spaced(double from, double to, std::int64_t i, std::int64_t n, bool logarithmic) {
  if (i == 0) return from;
  if (i == n - 1) return to;
  const double share = static_cast<double>(i) / static_cast<double>(n - 1);
  if (logarithmic) return std::exp(std::lerp(std::log(from), std::log(to), share));
  constexpr double rounding = 1e-15;
  const double value = std::lerp(from, to, share);
  return std::abs(value) <= rounding * std::max(std::abs(from), std::abs(to)) ? 0 : value;
}

std::vector<Json> range_values(const Json& range, bool logarithmic, const FieldSchema& field) {
  const auto count = range.at("count").get<std::int64_t>();
  std::vector<Json> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = spaced(range.at("from"), range.at("to"), i, count, logarithmic);
    values.emplace_back(field.kind == FieldSchema::Kind::integer ? std::round(value) : value);
  }
  return values;
}

Json resolved_value(const std::string& name, const Json& value, const std::vector<SweepableField>& fields,
                    const Place& name_place, const Place& value_place) {
  const FieldSchema& field = swept_field(name, fields, name_place);
  return resolve(field, value, {value_place.file, value_place.path + " for " + name});
}

/// An axis of one field.
Axis read_field_axis(const Json& axis, const std::vector<SweepableField>& fields, const Place& place) {
  const auto name = axis.at("field").get<std::string>();
  const Place name_place = place.key("field");
  const FieldSchema& field = swept_field(name, fields, name_place);
  std::string key = "values";
  std::vector<Json> values;
  if (axis.contains("values")) {
    values = axis.at("values").get<std::vector<Json>>();
  } else {
    key = axis.contains("log") ? "log" : "linear";
    if (field.kind == FieldSchema::Kind::text) {
      place.key(key).fail(fmt::format("is a range, but {} takes names; list them in \"values\"", name));
    }
    values = range_values(axis.at(key), key == "log", field);
  }
  Axis result{{name}, {}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    Json& assignment = result.assignments.emplace_back(Json::object());
    assignment[name] = resolved_value(name, values[i], fields, name_place,
                                      key == "values" ? place.key(key).index(i) : place.key(key));
  }
  return result;
}

/// An axis of several fields that go together.
Axis read_rows_axis(const Json& axis, const std::vector<SweepableField>& fields, const Place& place) {
  const Json& rows = axis.at("rows");
  Axis result;
  for (const auto& item : rows.front().items()) result.fields.push_back(item.key());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Place row_place = place.key("rows").index(i);
    Json& assignment = result.assignments.emplace_back(Json::object());
    for (const std::string& name : result.fields) {
      if (rows[i].size() != result.fields.size() || !rows[i].contains(name)) {
        row_place.fail("must set the same fields as the first row");
      }
      assignment[name] =
          resolved_value(name, rows[i].at(name), fields, row_place.key(name), row_place.key(name));
    }
  }
  return result;
}

Axis read_axis(const Json& axis, const std::vector<SweepableField>& fields, const Place& place) {
  return axis.contains("rows") ? read_rows_axis(axis, fields, place) : read_field_axis(axis, fields, place);
}

std::vector<Json> zip(const std::vector<Axis>& axes, const Place& place) {
  std::vector<Json> assignments(axes.front().assignments.size(), Json::object());
  for (const Axis& axis : axes) {
    if (axis.assignments.size() != assignments.size()) {
      place.fail(fmt::format(
          "zips {} values of {} with {} of {}; give all axes the same number or take mode \"grid\"",
          assignments.size(), axes.front().fields.front(), axis.assignments.size(), axis.fields.front()));
    }
    for (std::size_t i = 0; i < assignments.size(); ++i) assignments[i].update(axis.assignments[i]);
  }
  return assignments;
}

std::vector<Json> grid(const std::vector<Axis>& axes, const Place& place) {
  std::vector<Json> assignments{Json::object()};
  for (const Axis& axis : axes) {
    if (assignments.size() * axis.assignments.size() > largest_sweep) {
      place.fail(
          fmt::format("makes more than {} points; take fewer values or split the spec", largest_sweep));
    }
    std::vector<Json> extended;
    for (const Json& assignment : assignments) {
      for (const Json& more : axis.assignments) extended.emplace_back(assignment).update(more);
    }
    assignments = std::move(extended);
  }
  return assignments;
}

void require_different(const std::vector<Json>& assignments, const Place& place) {
  std::set<std::string> seen;
  for (const Json& assignment : assignments) {
    if (!seen.insert(assignment.dump()).second) {
      place.fail(
          fmt::format("makes the point {} twice; give each value once (values of integer fields are rounded)",
                      shown(assignment)));
    }
  }
}

}  // namespace

std::vector<Json> sweep_assignments(const Json& spec, const Place& place) {
  const Json& sweep = spec.at("sweep");
  if (sweep.is_null()) return {Json::object()};
  const Place sweep_place = place.key("sweep"), axes_place = sweep_place.key("axes");
  const std::vector<SweepableField> candidates = swept_candidates(spec);
  std::vector<Axis> axes;
  std::set<std::string> swept;
  for (std::size_t i = 0; i < sweep.at("axes").size(); ++i) {
    Axis axis = read_axis(sweep.at("axes").at(i), candidates, axes_place.index(i));
    for (const std::string& field : axis.fields) {
      if (!swept.insert(field).second) {
        const Place axis_place = axes_place.index(i);
        const bool has_rows = sweep.at("axes").at(i).contains("rows");
        (has_rows ? axis_place.key("rows").index(0).key(field) : axis_place.key("field"))
            .fail(fmt::format("\"{}\" is swept by an earlier axis already", field));
      }
    }
    axes.push_back(std::move(axis));
  }
  const bool is_zip = sweep.at("mode") == fields::name_of(SweepMode::zip);
  std::vector<Json> assignments = is_zip ? zip(axes, sweep_place) : grid(axes, sweep_place);
  require_different(assignments, sweep_place);
  return assignments;
}

Json with_assignment(const Json& given, const Json& assignment) {
  Json result = given;
  for (const auto& [field, value] : assignment.items()) {
    std::string pointer = "/" + field;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    result[Json::json_pointer(pointer)] = value;
  }
  return result;
}

Place place_of_point(const std::string& file, const Json& assignment) {
  std::string swept;
  for (const auto& [field, value] : assignment.items())
    swept += fmt::format("{}{} = {}", swept.empty() ? "" : ", ", field, shown(value));
  return {swept.empty() ? file : fmt::format("{}: at {}", file, swept)};
}

Json common_to_points(Json given) {
  for (const char* key : {"sweep", "checks", "curves"}) given.erase(key);
  return given;
}

}  // namespace bncollapse::study
