#pragma once

#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/json.hpp"
#include "schema/schema_of.hpp"
#include "spec/check_kind.hpp"

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

/// The kind of a check that is a struct with rows: `Struct::name`, `Struct::help`, its fields.
template <class Struct>
auto check_kind() {
  using Base = CheckOf<typename Struct::Subject, typename Struct::Run>;
  return CheckKindOf<Base>{std::string(Struct::name), std::string(Struct::help),
                           schema_of<Struct>(std::string(Struct::help)).fields,
                           [](const Json& entry) -> std::unique_ptr<const Base> {
                             auto check = std::make_unique<Struct>();
                             fields::from_json(entry, *check);
                             return check;
                           }};
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
