#pragma once

#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "bncollapse/fields/field.hpp"
#include "spec/check_kind.hpp"
#include "spec/make_entry_kind.hpp"

namespace bncollapse::study {

/// What every check is told.
struct CheckOptions {
  std::string claim;                ///< empty: the check's own
  bool allow_out_of_range = false;  ///< a field of some checks alone
};

enum class Direction { rises, falls };

/// A verdict with the claim (the spec's, else `claim`).
/// @param where  what the points have in common that it is about
Verdict start_verdict(const CheckOptions& options, const std::string& claim, const std::string& where = {});

/// An object's keys.
std::vector<std::string> keys_of(const Json& object);

/// The kind of a check that is a struct with rows.
template <class Struct>
auto check_kind() {
  return make_entry_kind<CheckOf<typename Struct::Subject, typename Struct::Run>, Struct>();
}

}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Enumeration<study::Direction> {
  using enum study::Direction;
  static constexpr std::array all{Enumerator{rises, "rises"}, Enumerator{falls, "falls"}};
};

template <>
struct Fields<study::CheckOptions> {
  using Struct = study::CheckOptions;
  static constexpr auto all =
      std::tuple{field("claim", &Struct::claim, "what is claimed, for people; empty: the check's own words")};
};

}  // namespace bncollapse::fields
