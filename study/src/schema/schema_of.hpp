#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// The schema of a struct's JSON object, from its rows (bncollapse/fields/field.hpp). Its defaults are
/// the members of `value`.
template <fields::HasFields Struct>
FieldSchema schema_of(std::string help, const Struct& value = {});

/// One of an enumeration's names.
template <fields::Enumerated Enum>
FieldSchema enumerator_schema(std::string help) {
  FieldSchema schema = text(std::move(help), fields::names_of<Enum>());
  for (const auto& enumerator : fields::Enumeration<Enum>::all) {
    schema.choice_helps.emplace_back(enumerator.help);
    schema.choice_labels.emplace_back(enumerator.label);
  }
  return schema;
}

/// The object at a dotted place inside `root`, made where it is not there yet.
FieldSchema& object_at(FieldSchema& root, std::string_view place);

namespace detail {

template <class Row, class Value>
FieldSchema member_schema(const Row& row, const Value& value) {
  if constexpr (requires { value.schema(std::string()); }) {
    return value.schema(std::string(row.help));
  } else if constexpr (fields::is_optional<Value>) {
    return std::move(member_schema(row, value.value_or(typename Value::value_type{}))).or_null();
  } else if constexpr (fields::is_vector<Value>) {
    return list(std::string(row.help), member_schema(row, typename Value::value_type{}), row.entries.least,
                row.entries.most);
  } else if constexpr (fields::Enumerated<Value>) {
    return enumerator_schema<Value>(std::string(row.help));
  } else if constexpr (std::is_same_v<Value, bool>) {
    return boolean(std::string(row.help));
  } else if constexpr (std::is_integral_v<Value>) {
    return integer(std::string(row.help), row.range);
  } else if constexpr (std::is_floating_point_v<Value>) {
    return number(std::string(row.help), row.range);
  } else if constexpr (fields::HasAlternatives<Value>) {
    std::vector<Alternative> alternatives;
    [&]<std::size_t... index>(std::index_sequence<index...>) {
      const auto add = [&]<class Struct>(const Struct& alternative, const fields::AlternativeName& name) {
        alternatives.push_back(
            {std::string(name.name), study::schema_of(std::string(name.help), alternative)});
      };
      (add(std::variant_alternative_t<index, Value>{}, fields::Alternatives<Value>::names[index]), ...);
    }
    (std::make_index_sequence<std::variant_size_v<Value>>{});
    return tagged(std::string(row.help), std::string(fields::Alternatives<Value>::tag),
                  std::move(alternatives));
  } else if constexpr (fields::HasFields<Value>) {
    return study::schema_of(std::string(row.help), value);
  } else {
    static_assert(std::is_same_v<Value, std::string>);
    FieldSchema schema = text(std::string(row.help));
    schema.pattern = row.pattern.expression;
    if (row.choices.names != nullptr) schema.choices = row.choices.names();
    return schema;
  }
}

template <class Row, class Value>
FieldSchema field_schema(const Row& row, const Value& value) {
  FieldSchema schema = member_schema(row, value);
  schema.symbol = row.symbol.name;
  schema.unit = row.unit.text;
  schema.label = row.label.text;
  // A key is that of a field beside this one.
  schema.only_for.key = row.only_for.key.substr(row.only_for.key.rfind('.') + 1);
  for (const std::string_view name : row.only_for.names) {
    if (!name.empty()) schema.only_for.names.emplace_back(name);
  }
  schema.is_fixed = row.is_fixed;
  if (row.may_be_left_out) {
    schema.optional = true;
    schema.nullable = false;
  } else if (!row.is_required) {
    schema.default_value = fields::value_to_json<Json>(value);
  }
  return schema;
}

template <class Struct>
void add_rows(const Struct& value, FieldSchema& object);

template <class Row, class Value>
void add_field(const Row& row, const Value& value, FieldSchema& object) {
  if constexpr (Row::is_internal) {
    return;
  } else if constexpr (fields::HasFields<Value>) {
    FieldSchema& inner = object_at(object, row.name);
    if (inner.help.empty()) inner.help = row.help;
    if (row.is_required) inner.default_value.reset();
    add_rows(value, inner);
  } else {
    const std::size_t dot = row.name.rfind('.');
    const bool is_inside = dot != std::string_view::npos;
    FieldSchema& parent = is_inside ? object_at(object, row.name.substr(0, dot)) : object;
    const std::string_view name = is_inside ? row.name.substr(dot + 1) : row.name;
    parent.fields.push_back({std::string(name), field_schema(row, value), std::string(row.instead_of.key)});
  }
}

template <class Struct>
void add_rows(const Struct& value, FieldSchema& object) {
  fields::for_each_row<Struct>([&]<class Row>(const Row& row) {
    if constexpr (fields::is_embedded<Row>) {
      add_rows(value.*row.member, object);
    } else if constexpr (fields::is_section<Row>) {
      FieldSchema& inner = object_at(object, row.name);
      inner.help = row.help;
      if (row.is_required) inner.default_value.reset();
    } else {
      add_field(row, value.*row.member, object);
    }
  });
}

}  // namespace detail

template <fields::HasFields Struct>
FieldSchema schema_of(std::string help, const Struct& value) {
  FieldSchema result = object(std::move(help), {});
  detail::add_rows(value, result);
  return result;
}

}  // namespace bncollapse::study
