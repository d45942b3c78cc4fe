#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "bncollapse/fields/enumeration.hpp"
#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// The schema of a spec: of one neuron, or (with the key `network`) of networks that are trained.
const FieldSchema& spec_schema_of(const Json& spec);

/// How the axes of a sweep make its points.
enum class SweepMode { grid, zip };

/// The most points that one sweep may have.
inline constexpr std::size_t largest_sweep = 10000;

/// The value of every swept field at every point, one object {field: value} a point, in order. One empty
/// object where nothing is swept.
/// @param spec  a resolved spec
/// Throws InputError naming the axis: unknown field (with the likely one), a value outside the field's range,
/// two equal points, a field on two axes, zipped axes of unequal length, more than `largest_sweep` points.
std::vector<Json> sweep_assignments(const Json& spec, const Place& place);

/// `given` with the swept fields set.
Json with_assignment(const Json& given, const Json& assignment);

/// Where a point's values are at fault: "FILE: at FIELD = VALUE, ...".
Place place_of_point(const std::string& file, const Json& assignment);

/// What all points of a spec share: `given` without what is said of the sweep as a whole. It takes each point
/// as long whatever the number of points.
Json common_to_points(Json given);

}  // namespace bncollapse::study

template <>
struct bncollapse::fields::Enumeration<bncollapse::study::SweepMode> {
  using enum study::SweepMode;
  static constexpr std::array all{Enumerator{grid, "grid", "every combination of the axes' values"},
                                  Enumerator{zip, "zip", "the axes go together"}};
};
