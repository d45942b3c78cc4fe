#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/text.hpp"

// Structs with fields as JSON, and back. `Json` is a class of nlohmann's. Include it where JSON is needed
// alone.
namespace bncollapse::fields {

/// The pointer of a dotted name: "batch.size" is "/batch/size".
template <class Json>
typename Json::json_pointer pointer_of(std::string_view name) {
  std::string text = text_of("/", name);
  for (char& letter : text) {
    if (letter == '.') letter = '/';
  }
  return typename Json::json_pointer(text);
}

template <class Json, HasFields Struct>
Json to_json(const Struct& value);
template <class Json, HasFields Struct>
void from_json(const Json& object, Struct& value);

/// One field's value as JSON.
template <class Json, class Value>
Json value_to_json(const Value& value) {
  if constexpr (requires { value.template to_json<Json>(); }) {
    return value.template to_json<Json>();
  } else if constexpr (Enumerated<Value>) {
    return std::string(name_of(value));
  } else if constexpr (is_optional<Value>) {
    return value ? value_to_json<Json>(*value) : Json(nullptr);
  } else if constexpr (is_vector<Value>) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(value_to_json<Json>(item));
    return list;
  } else if constexpr (HasAlternatives<Value>) {
    const auto write = [&](const auto& alternative) { return fields::to_json<Json>(alternative); };
    Json object = {{Alternatives<Value>::tag, Alternatives<Value>::names[value.index()].name}};
    object.update(std::visit(write, value));
    return object;
  } else if constexpr (HasFields<Value>) {
    return fields::to_json<Json>(value);
  } else {
    return value;
  }
}

namespace detail {

/// The value at a dotted name; null where there is none.
template <class Json>
const Json* find(const Json& object, std::string_view name) {
  const std::size_t dot = name.find('.');
  const auto found = object.find(name.substr(0, dot));
  if (found == object.end()) return nullptr;
  return dot == std::string_view::npos ? &*found : find(*found, name.substr(dot + 1));
}

template <class Json, class Value>
void value_from_json(const Json& json, Value& value);

template <class Json, class Variant, std::size_t index = 0>
void variant_from_json(const Json& json, Variant& value) {
  if constexpr (index < std::variant_size_v<Variant>) {
    const auto& name =
        json.at(std::string(Alternatives<Variant>::tag)).template get_ref<const std::string&>();
    if (name != Alternatives<Variant>::names[index].name)
      return variant_from_json<Json, Variant, index + 1>(json, value);
    fields::from_json(json, value.template emplace<index>());
  }
}

template <class Json, class Value>
void value_from_json(const Json& json, Value& value) {
  if constexpr (requires { value.read_json(json); }) {
    value.read_json(json);
  } else if constexpr (Enumerated<Value>) {
    value = enumerator_of<Value>(json.template get_ref<const std::string&>()).value();
  } else if constexpr (is_optional<Value>) {
    if (json.is_null())
      value.reset();
    else
      value_from_json(json, value.emplace());
  } else if constexpr (is_vector<Value>) {
    value.clear();
    for (const Json& item : json) value_from_json(item, value.emplace_back());
  } else if constexpr (HasAlternatives<Value>) {
    variant_from_json(json, value);
  } else if constexpr (HasFields<Value>) {
    fields::from_json(json, value);
  } else {
    value = json.template get<Value>();
  }
}

}  // namespace detail

/// Every field of a struct, those that a spec gives by other means included.
template <class Json, HasFields Struct>
Json to_json(const Struct& value) {
  Json object = Json::object();
  for_each_field(value, [&]<class Row, class Member>(const Row& row, const Member& member) {
    Json& place = object[pointer_of<Json>(row.name)];
    if constexpr (HasFields<Member>)
      place.update(to_json<Json>(member));
    else
      place = value_to_json<Json>(member);
  });
  return object;
}

/// Reads the fields that the object has; the others keep their values. The object has been resolved: types
/// and names are right.
template <class Json, HasFields Struct>
void from_json(const Json& object, Struct& value) {
  for_each_field(value, [&]<class Row, class Member>(const Row& row, Member& member) {
    if constexpr (!Row::is_internal) {
      if (const Json* found = detail::find(object, row.name)) detail::value_from_json(*found, member);
    }
  });
}

}  // namespace bncollapse::fields
