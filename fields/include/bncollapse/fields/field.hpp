#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "bncollapse/fields/enumeration.hpp"
#include "bncollapse/fields/range.hpp"

namespace bncollapse::fields {

// What a struct's members are called in specs, options and tables, what they may be and what they mean is
// said once, by a specialisation beside the struct:
//
//   template <>
//   struct Fields<Noise> {
//     static constexpr auto all = std::tuple{
//         field("law", &Noise::law, "law of g"),
//         field("std", &Noise::std, "standard deviation of g", Symbol{"sigma"}, zero_or_more),
//         field("dof", &Noise::dof, "degrees of freedom", Symbol{"nu"}, above(2),
//               only_for("law", "student_t"))};
//   };
//
// Defaults are the struct's own. Reading, validation, the JSON Schema, the fields that a sweep moves, command
// line options, tables and the reference documents follow from the rows. `Fields<Struct>` may have
// `static std::optional<Fault> fault(const Struct&)`: what no field alone shows to be wrong.

/// The name of a Greek letter, or a letter: "eta", "m".
struct Symbol {
  std::string_view name;
};
struct Unit {
  std::string_view text;
};
/// The field counts only where the field `key` of the same struct has one of these names.
struct OnlyFor {
  std::string_view key = {};
  std::array<std::string_view, 6> names = {};
};
template <class... Names>
constexpr OnlyFor only_for(std::string_view key, Names... names) {
  return {key, {names...}};
}
/// A key that this one replaces: never both, and no default for this one.
struct InsteadOf {
  std::string_view key = {};
};
/// A regular expression for a text.
struct Pattern {
  std::string_view expression = {};
};
/// The texts that are allowed, where no enumeration has them.
struct Choices {
  std::vector<std::string> (*names)() = nullptr;
};
/// How many entries a list may have.
struct Entries {
  std::size_t least = 0, most = 1'000'000;
};
/// May not be left out.
struct Required {};
/// May be left out, has no default then.
struct LeftOut {};
/// A sweep does not move it.
struct Fixed {};
/// Validated, and given by other means than its name in a spec.
struct Internal {};

/// One member of a struct.
template <class Struct, class Member, bool internal = false>
struct Field {
  static constexpr bool is_internal = internal;
  std::string_view name;  ///< within the struct's JSON object; a dot enters an object inside it
  Member Struct::*member;
  std::string_view help;
  Symbol symbol = {};
  Unit unit = {};
  Range range = {};
  OnlyFor only_for = {};
  InsteadOf instead_of = {};
  Pattern pattern = {};
  Choices choices = {};
  Entries entries = {};
  bool is_required = false, may_be_left_out = false, is_fixed = false;

  constexpr void set(Symbol value) { symbol = value; }
  constexpr void set(Unit value) { unit = value; }
  constexpr void set(Range value) { range = value; }
  constexpr void set(OnlyFor value) { only_for = value; }
  constexpr void set(InsteadOf value) { instead_of = value, may_be_left_out = true; }
  constexpr void set(Pattern value) { pattern = value; }
  constexpr void set(Choices value) { choices = value; }
  constexpr void set(Entries value) { entries = value; }
  constexpr void set(Required) { is_required = true; }
  constexpr void set(LeftOut) { may_be_left_out = true; }
  constexpr void set(Fixed) { is_fixed = true; }
  constexpr void set(Internal) {}
};

template <class Struct, class Member, class... Options>
constexpr auto field(std::string_view name, Member Struct::*member, std::string_view help,
                     Options... options) {
  Field<Struct, Member, (std::is_same_v<Options, Internal> || ...)> result{name, member, help};
  (result.set(options), ...);
  return result;
}

/// A member whose fields are the struct's own.
template <class Struct, class Member>
struct Embedded {
  Member Struct::*member;
};
template <class Struct, class Member>
constexpr Embedded<Struct, Member> embed(Member Struct::*member) {
  return {member};
}

/// An object that the names of fields enter ("thresholds" of "thresholds.gamma").
struct Section {
  std::string_view name;
  std::string_view help;
  bool is_required = false;
};
constexpr Section section(std::string_view name, std::string_view help) { return {name, help}; }
constexpr Section section(std::string_view name, std::string_view help, Required) {
  return {name, help, true};
}

/// The rows of a struct: `static constexpr auto all = std::tuple{field(...), ...}`.
template <class Struct>
struct Fields;

template <class Struct>
concept HasFields = requires {
  Fields<Struct>::all;
};

/// The alternatives of a std::variant of structs with fields: `static constexpr std::string_view tag`, the
/// key that tells them apart, and `static constexpr std::array<Named, N> names` (name, help), in their order.
template <class Variant>
struct Alternatives;

template <class Variant>
concept HasAlternatives = requires {
  Alternatives<Variant>::tag;
};

struct AlternativeName {
  std::string_view name, help;
};

template <class>
inline constexpr bool is_optional = false;
template <class Value>
inline constexpr bool is_optional<std::optional<Value>> = true;
template <class>
inline constexpr bool is_vector = false;
template <class Value>
inline constexpr bool is_vector<std::vector<Value>> = true;
template <class>
inline constexpr bool is_variant = false;
template <class... Values>
inline constexpr bool is_variant<std::variant<Values...>> = true;
template <class Value>
inline constexpr bool is_number = std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>;

template <class Row>
inline constexpr bool is_section = std::is_same_v<Row, Section>;
template <class Row>
inline constexpr bool is_embedded = false;
template <class Struct, class Member>
inline constexpr bool is_embedded<Embedded<Struct, Member>> = true;

/// Calls `visit(row)` for every row of a struct: a field, an embedded struct or a section.
template <class Struct, class Visit>
constexpr void for_each_row(const Visit& visit) {
  std::apply([&](const auto&... rows) { (visit(rows), ...); }, Fields<Struct>::all);
}

/// Calls `visit(field, member)` for every field, those of embedded structs included.
template <class Struct, class Visit>
constexpr void for_each_field(Struct& value, const Visit& visit) {
  for_each_row<std::remove_const_t<Struct>>([&]<class Row>(const Row& row) {
    if constexpr (is_embedded<Row>)
      for_each_field(value.*row.member, visit);
    else if constexpr (!is_section<Row>)
      visit(row, value.*row.member);
  });
}

/// The name of the enumerator that the field `key` of a struct holds; empty where there is none.
template <class Struct>
std::string_view enumerator_in(const Struct& value, std::string_view key) {
  std::string_view found;
  for_each_field(value, [&]<class Row, class Member>(const Row& row, const Member& member) {
    if constexpr (Enumerated<Member>) {
      if (row.name == key) found = name_of(member);
    }
  });
  return found;
}

/// Whether the field counts in this struct (OnlyFor).
template <class Struct, class Row>
bool applies(const Struct& value, const Row& row) {
  if (row.only_for.key.empty()) return true;
  const std::string_view present = enumerator_in(value, row.only_for.key);
  for (const std::string_view name : row.only_for.names) {
    if (!name.empty() && name == present) return true;
  }
  return false;
}

/// "student_t", "momentum or nesterov".
inline std::string names_text(const OnlyFor& condition) {
  std::string text;
  for (const std::string_view name : condition.names) {
    if (!name.empty()) text.append(text.empty() ? "" : " or ").append(name);
  }
  return text;
}

/// "law student_t", "name momentum or nesterov"; empty where the field always counts.
inline std::string condition_text(const OnlyFor& condition) {
  return condition.key.empty() ? "" : std::string(condition.key) + " " + names_text(condition);
}

/// "" + "a" = "a", "a" + "b" = "a.b".
inline std::string joined_path(std::string_view path, std::string_view name) {
  std::string result(path);
  if (!path.empty() && !name.empty()) result += '.';
  return result.append(name);
}

}  // namespace bncollapse::fields
