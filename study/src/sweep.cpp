#include "sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "nearest_name.hpp"
#include "spec_description.hpp"

namespace bncollapse::study {
namespace {

struct Axis {
  std::string field;
  std::vector<Json> values;
};

bool is_experiment_field(const std::string& path) {
  const auto starts = [&](const char* section) { return path.starts_with(section); };
  return path == "seed" || starts("model.") || starts("optimizer.") || starts("initial.") ||
         starts("simulation.");
}

std::vector<SweepableField> swept_candidates(const Json& spec) {
  std::vector<SweepableField> fields = sweepable_fields(spec_description(), spec);
  std::erase_if(fields, [](const SweepableField& field) { return !is_experiment_field(field.path); });
  return fields;
}

const Description& swept_field(const std::string& name, const std::vector<SweepableField>& fields,
                               const Place& place) {
  std::vector<std::string> names;
  for (const SweepableField& field : fields) {
    if (field.path == name) return *field.description;
    names.push_back(field.path);
  }
  place.fail(fmt::format("\"{}\" is not a field of this spec that a sweep can move (a number or a name){}",
                         name, suggestion(name, names)));
}

/// The i-th of n values from `from` to `to`; the ends are exact.
double spaced(double from, double to, std::int64_t i, std::int64_t n, bool logarithmic) {
  if (i == 0) return from;
  if (i == n - 1) return to;
  const double share = static_cast<double>(i) / static_cast<double>(n - 1);
  return logarithmic ? std::exp(std::lerp(std::log(from), std::log(to), share)) : std::lerp(from, to, share);
}

std::vector<Json> range_values(const Json& range, bool logarithmic, const Description& field) {
  const auto count = range.at("count").get<std::int64_t>();
  std::vector<Json> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double value = spaced(range.at("from"), range.at("to"), i, count, logarithmic);
    values.emplace_back(field.kind == Description::Kind::integer ? std::round(value) : value);
  }
  return values;
}

Axis read_axis(const Json& axis, const std::vector<SweepableField>& fields, const Place& place) {
  const auto name = axis.at("field").get<std::string>();
  const Description& field = swept_field(name, fields, place.key("field"));
  Axis result{name, {}};
  std::string key;
  if (axis.contains("values")) {
    key = "values";
    result.values = axis.at("values").get<std::vector<Json>>();
  } else {
    key = axis.contains("log") ? "log" : "linear";
    if (field.kind == Description::Kind::text) {
      place.key(key).fail(fmt::format("is a range, but {} takes names; list them in \"values\"", name));
    }
    result.values = range_values(axis.at(key), key == "log", field);
  }
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    const Place value_place = place.key(key).index(i);
    result.values[i] =
        resolve(field, result.values[i], {value_place.file, value_place.path + " for " + name});
  }
  return result;
}

std::vector<Json> zip(const std::vector<Axis>& axes, const Place& place) {
  std::vector<Json> assignments(axes.front().values.size(), Json::object());
  for (const Axis& axis : axes) {
    if (axis.values.size() != assignments.size()) {
      place.fail(fmt::format(
          "zips {} values of {} with {} of {}; give all axes the same number or take mode \"grid\"",
          assignments.size(), axes.front().field, axis.values.size(), axis.field));
    }
    for (std::size_t i = 0; i < assignments.size(); ++i) assignments[i][axis.field] = axis.values[i];
  }
  return assignments;
}

std::vector<Json> grid(const std::vector<Axis>& axes, const Place& place) {
  std::vector<Json> assignments{Json::object()};
  for (const Axis& axis : axes) {
    if (assignments.size() * axis.values.size() > largest_sweep) {
      place.fail(
          fmt::format("makes more than {} points; take fewer values or split the spec", largest_sweep));
    }
    std::vector<Json> extended;
    for (const Json& assignment : assignments) {
      for (const Json& value : axis.values) {
        extended.push_back(assignment);
        extended.back()[axis.field] = value;
      }
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
                      assignment.dump()));
    }
  }
}

}  // namespace

std::vector<Json> sweep_assignments(const Json& spec, const Place& place) {
  const Json& sweep = spec.at("sweep");
  if (sweep.is_null()) return {Json::object()};
  const Place sweep_place = place.key("sweep");
  const Place axes_place = sweep_place.key("axes");
  const std::vector<SweepableField> fields = swept_candidates(spec);
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < sweep.at("axes").size(); ++i) {
    Axis axis = read_axis(sweep.at("axes").at(i), fields, axes_place.index(i));
    for (const Axis& earlier : axes) {
      if (earlier.field == axis.field) {
        axes_place.index(i).key("field").fail(
            fmt::format("\"{}\" is swept by an earlier axis already", axis.field));
      }
    }
    axes.push_back(std::move(axis));
  }
  std::vector<Json> assignments =
      sweep.at("mode") == "zip" ? zip(axes, sweep_place) : grid(axes, sweep_place);
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

}  // namespace bncollapse::study
