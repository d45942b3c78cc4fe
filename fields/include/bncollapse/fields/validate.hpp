#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/invalid_argument.hpp"
#include "bncollapse/fields/text.hpp"

namespace bncollapse::fields {

/// What is wrong with a struct although each field is in its range.
struct Fault {
  std::string field;    ///< its name in the struct
  std::string problem;  ///< "is 3; it must be ..."
};

/// The first of `values` that is not above the one before it, as the fault of the field `name`.
/// @param what  they are: "steps"
template <class Number>
std::optional<Fault> not_ascending(const std::vector<Number>& values, std::string_view name,
                                   std::string_view what) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] <= values[i - 1]) {
      return Fault{text_of(name, "[", i, "]"),
                   text_of("is ", values[i], " after ", values[i - 1], "; the ", what, " must ascend")};
    }
  }
  return {};
}

template <HasFields Struct>
void validate(const Struct& value, std::string_view path = {});

namespace detail {

template <class Row, class Value>
void validate_number(const Row& row, Value value, std::string_view path, std::string_view name) {
  if (row.range.holds(static_cast<double>(value))) return;
  constexpr bool is_integer = std::is_integral_v<Value>;
  const std::string shown = is_integer ? std::to_string(value) : number_text(static_cast<double>(value));
  const std::string range = row.range.text();
  throw InvalidArgument(joined_path(path, name),
                        text_of("is ", shown, "; it must be ", (is_integer ? "an integer" : "a number"),
                                (range.empty() ? "" : " "), range));
}

template <class Row, class Value>
void validate_member(const Row& row, const Value& value, std::string_view path, std::string_view name) {
  if constexpr (is_number<Value>) {
    validate_number(row, value, path, name);
  } else if constexpr (Enumerated<Value>) {
    if (name_of(value).empty()) throw InvalidArgument(joined_path(path, name), "is not an enumerator");
  } else if constexpr (is_optional<Value>) {
    if (value) validate_member(row, *value, path, name);
  } else if constexpr (is_vector<Value>) {
    if (value.size() < row.entries.least || value.size() > row.entries.most) {
      throw InvalidArgument(joined_path(path, name), text_of("has ", value.size(), " entries; it must have ",
                                                             row.entries.least, " to ", row.entries.most));
    }
    for (std::size_t i = 0; i < value.size(); ++i)
      validate_member(row, value[i], path, std::string(name) + "[" + std::to_string(i) + "]");
  } else if constexpr (HasFields<Value>) {
    validate(value, joined_path(path, name));
  } else if constexpr (is_variant<Value>) {
    std::visit([&](const auto& alternative) { validate(alternative, joined_path(path, name)); }, value);
  }
}

}  // namespace detail

/// Throws InvalidArgument with the path of the first field that is outside its range, or that the struct's
/// own `fault` names.
/// @param path  of the struct itself, before the names of its fields
template <HasFields Struct>
void validate(const Struct& value, std::string_view path) {
  for_each_row<Struct>([&]<class Row>(const Row& row) {
    if constexpr (is_embedded<Row>)
      validate(value.*row.member, path);
    else if constexpr (!is_section<Row>)
      detail::validate_member(row, value.*row.member, path, row.name);
  });
  if constexpr (requires { Fields<Struct>::fault(value); }) {
    if (const std::optional<Fault> fault = Fields<Struct>::fault(value))
      throw InvalidArgument(joined_path(path, fault->field), fault->problem);
  }
}

}  // namespace bncollapse::fields
