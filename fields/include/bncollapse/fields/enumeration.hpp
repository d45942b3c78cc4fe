#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bncollapse::fields {

/// One value of an enumeration: its name in specs, results and options, what it means, and how figures and
/// captions call it where that is not its name.
template <class Enum>
struct Enumerator {
  Enum value;
  std::string_view name;
  std::string_view help = {};
  std::string_view label = {};
};

template <class Enum>
Enumerator(Enum, std::string_view, std::string_view, std::string_view) -> Enumerator<Enum>;
template <class Enum>
Enumerator(Enum, std::string_view, std::string_view) -> Enumerator<Enum>;
template <class Enum>
Enumerator(Enum, std::string_view) -> Enumerator<Enum>;

/// The one list of an enumeration, in the order of the documentation. Specialisations stand beside the
/// enumeration and have `static constexpr std::array all{Enumerator<Enum>{...}, ...}`.
template <class Enum>
struct Enumeration;

template <class Enum>
concept Enumerated = requires {
  Enumeration<Enum>::all;
};

/// The enumerator's name; empty for a number that is no enumerator.
template <Enumerated Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& enumerator : Enumeration<Enum>::all) {
    if (enumerator.value == value) return enumerator.name;
  }
  return {};
}

template <Enumerated Enum>
constexpr std::optional<Enum> enumerator_of(std::string_view name) {
  for (const auto& enumerator : Enumeration<Enum>::all) {
    if (enumerator.name == name) return enumerator.value;
  }
  return std::nullopt;
}

template <Enumerated Enum>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  names.reserve(Enumeration<Enum>::all.size());
  for (const auto& enumerator : Enumeration<Enum>::all) names.emplace_back(enumerator.name);
  return names;
}

}  // namespace bncollapse::fields
