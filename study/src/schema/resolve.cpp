#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <regex>
#include <utility>

#include "bncollapse/fields/nearest_name.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {
namespace {

using Kind = FieldSchema::Kind;

/// Integers up to 2^53 are exact in every reader of JSON.
constexpr double largest_integer = 9007199254740992.0;

[[noreturn]] void fail_type(const FieldSchema& schema, const Json& value, const Place& place) {
  place.fail(fmt::format("is {}; it must be {}{}", shown(value), type_text(schema),
                         schema.nullable ? " or null" : ""));
}

Json resolve_number(const FieldSchema& schema, const Json& value, const Place& place) {
  if (!value.is_number()) fail_type(schema, value, place);
  const double number_value = value.get<double>();
  if (!std::isfinite(number_value) || !schema.range.holds(number_value)) {
    fail_type(schema, value, place);
  }
  if (schema.kind == Kind::number) return number_value + 0.0;  // -0 is 0
  if (number_value != std::floor(number_value) || std::abs(number_value) > largest_integer) {
    fail_type(schema, value, place);
  }
  return static_cast<std::int64_t>(number_value);
}

Json resolve_text(const FieldSchema& schema, const Json& value, const Place& place) {
  if (!value.is_string()) fail_type(schema, value, place);
  const auto given = value.get<std::string>();
  const auto& choices = schema.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), given) == choices.end()) {
    place.fail(fmt::format("is {}; it must be {}{}", shown(value), type_text(schema),
                           fields::suggestion(given, choices)));
  }
  if (!schema.pattern.empty() && !std::regex_match(given, std::regex(schema.pattern))) {
    place.fail(fmt::format("is {}; it must match {}", shown(value), schema.pattern));
  }
  return value;
}

/// "; did you mean NAME?" of the field that has `key` as its symbol, or a name like it.
std::string likely_field(const FieldSchema& schema, const std::string& key,
                         const std::vector<std::string>& names) {
  const auto field = std::find_if(schema.fields.begin(), schema.fields.end(),
                                  [&](const Field& one) { return one.value.symbol == key; });
  return fields::suggestion(field == schema.fields.end() ? key : field->name, names);
}

/// The fields of one object. `tag` is a key that its caller has dealt with.
void resolve_fields(const FieldSchema& schema, const Json& value, const Place& place, const std::string& tag,
                    Json& resolved) {
  std::vector<std::string> names;
  if (!tag.empty()) names.push_back(tag);
  for (const Field& field : schema.fields) names.push_back(field.name);
  for (const auto& item : value.items()) {
    if (std::find(names.begin(), names.end(), item.key()) != names.end()) continue;
    place.key(item.key())
        .fail(fmt::format("is not a known key{}; allowed here: {}", likely_field(schema, item.key(), names),
                          fmt::join(names, ", ")));
  }
  const auto& one_of = schema.exactly_one;
  const auto present =
      std::count_if(one_of.begin(), one_of.end(), [&](const auto& key) { return value.contains(key); });
  if (!one_of.empty() && present != 1) {
    place.fail(
        fmt::format("has {} of the keys {}; give exactly one of them", present, fmt::join(one_of, ", ")));
  }
  for (const Field& field : schema.fields) {
    if (field.goes_with.empty()) continue;
    const auto beside =
        std::find_if(one_of.begin(), one_of.end(), [&](const auto& key) { return value.contains(key); });
    const bool is_needed =
        std::find(field.goes_with.begin(), field.goes_with.end(), *beside) != field.goes_with.end();
    if (is_needed == value.contains(field.name)) continue;
    if (is_needed)
      place.key(field.name)
          .fail(fmt::format("is missing beside \"{}\"; it must be {} ({})", *beside, type_text(field.value),
                            field.value.help));
    place.key(field.name).fail(fmt::format("stands beside \"{}\"; leave it out", *beside));
  }
  const auto replaced_by = [&](const Field& field) {
    return std::find_if(schema.fields.begin(), schema.fields.end(), [&](const Field& other) {
      return other.instead_of == field.name && value.contains(other.name);
    });
  };
  for (const Field& field : schema.fields) {
    const Place field_place = place.key(field.name);
    const auto replacement = replaced_by(field);
    if (value.contains(field.name)) {
      if (replacement != schema.fields.end()) {
        field_place.fail(
            fmt::format("stands beside \"{}\", which takes its place; give one of them", replacement->name));
      }
      resolved[field.name] = resolve(field.value, value.at(field.name), field_place);
    } else if (field.value.default_value) {
      if (replacement == schema.fields.end()) {
        resolved[field.name] = resolve(field.value, *field.value.default_value, field_place);
      }
    } else if (!field.value.optional) {
      field_place.fail(
          fmt::format("is missing; it must be {} ({})", type_text(field.value), field.value.help));
    }
  }
}

const Alternative& chosen(const FieldSchema& schema, const Json& value, const Place& place) {
  std::vector<std::string> names;
  for (const Alternative& alternative : schema.alternatives) names.push_back(alternative.name);
  const Place tag_place = place.key(schema.tag);
  if (!value.contains(schema.tag)) {
    tag_place.fail(fmt::format("is missing; it must be one of {}", fmt::join(names, ", ")));
  }
  const Json& name = value.at(schema.tag);
  if (name.is_string()) {
    for (const Alternative& alternative : schema.alternatives) {
      if (alternative.name == name.get<std::string>()) return alternative;
    }
  }
  tag_place.fail(fmt::format("is {}; it must be one of {}{}", shown(name), fmt::join(names, ", "),
                             name.is_string() ? fields::suggestion(name.get<std::string>(), names) : ""));
}

bool has_type(const FieldSchema& schema, const Json& value) {
  switch (schema.kind) {
    case Kind::number:
    case Kind::integer:
      return value.is_number();
    case Kind::boolean:
      return value.is_boolean();
    case Kind::text:
      return value.is_string();
    case Kind::object:
    case Kind::mapping:
    case Kind::tagged:
      return value.is_object();
    case Kind::list:
      return value.is_array();
    case Kind::one_of:
      return std::any_of(schema.parts.begin(), schema.parts.end(),
                         [&](const FieldSchema& part) { return has_type(part, value); });
  }
  return false;
}
}  // namespace

Json resolve(const FieldSchema& schema, const Json& value, const Place& place) {
  if (schema.nullable && value.is_null()) return value;
  switch (schema.kind) {
    case Kind::number:
    case Kind::integer:
      return resolve_number(schema, value, place);
    case Kind::boolean:
      if (!value.is_boolean()) fail_type(schema, value, place);
      return value;
    case Kind::text:
      return resolve_text(schema, value, place);
    case Kind::object: {
      if (!value.is_object()) fail_type(schema, value, place);
      Json resolved = Json::object();
      resolve_fields(schema, value, place, {}, resolved);
      return resolved;
    }
    case Kind::mapping: {
      if (!value.is_object()) fail_type(schema, value, place);
      if (value.size() < schema.min_items) place.fail("has no key; it must have one or more");
      Json resolved = Json::object();
      for (const auto& [key, item] : value.items()) {
        resolved[key] = resolve(schema.parts.front(), item, place.key(key));
      }
      return resolved;
    }
    case Kind::tagged: {
      if (!value.is_object()) fail_type(schema, value, place);
      const Alternative& alternative = chosen(schema, value, place);
      Json resolved = {{schema.tag, alternative.name}};
      resolve_fields(alternative.value, value, place, schema.tag, resolved);
      return resolved;
    }
    case Kind::list: {
      if (!value.is_array()) fail_type(schema, value, place);
      if (value.size() < schema.min_items || value.size() > schema.max_items) {
        place.fail(fmt::format("has {} entries; it must have {} to {}", value.size(), schema.min_items,
                               schema.max_items));
      }
      Json resolved = Json::array();
      for (std::size_t i = 0; i < value.size(); ++i) {
        resolved.push_back(resolve(schema.parts.front(), value.at(i), place.index(i)));
      }
      return resolved;
    }
    case Kind::one_of:
      for (const FieldSchema& part : schema.parts) {
        if (has_type(part, value)) return resolve(part, value, place);
      }
      fail_type(schema, value, place);
  }
  return value;
}
}  // namespace bncollapse::study
