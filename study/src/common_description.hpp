#pragma once

#include <string>
#include <utility>
#include <vector>

#include "description.hpp"

namespace bncollapse::study {

// What the specs of neurons and of networks share.

inline constexpr double largest_parameter = 1e12;
inline constexpr double largest_count = 1e15;
inline const Range finite_value = from_to(-largest_parameter, largest_parameter);
inline const Range zero_or_more = from_to(0, largest_parameter);
inline const Range positive{.lower = 0, .upper = largest_parameter, .lower_open = true};

/// The fields before an experiment's own: bncollapse, name, title, description, seed.
std::vector<Field> heading_fields();

/// The section `sweep`.
Description sweep_description();

/// An object whose key `tag` names one of `kinds` (each with name, help, fields).
template <class Kinds>
Description tagged_by_kind(std::string help, std::string tag, const Kinds& kinds) {
  std::vector<Alternative> alternatives;
  for (const auto& kind : kinds) alternatives.push_back({kind.name, object(kind.help, kind.fields)});
  return tagged(std::move(help), std::move(tag), std::move(alternatives));
}

}  // namespace bncollapse::study
