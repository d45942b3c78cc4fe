#include "description.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <regex>
#include <utility>

#include "bncollapse/fields/nearest_name.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/text_file.hpp"

namespace bncollapse::study {
namespace {

using Kind = Description::Kind;

/// Integers up to 2^53 are exact in every reader of JSON.
constexpr double largest_integer = 9007199254740992.0;

[[noreturn]] void fail_type(const Description& description, const Json& value, const Place& place) {
  place.fail(fmt::format("is {}; it must be {}{}", shown(value), type_text(description),
                         description.nullable ? " or null" : ""));
}

Json resolve_number(const Description& description, const Json& value, const Place& place) {
  if (!value.is_number()) fail_type(description, value, place);
  const double number_value = value.get<double>();
  if (!std::isfinite(number_value) || !description.range.holds(number_value)) {
    fail_type(description, value, place);
  }
  if (description.kind == Kind::number) return number_value + 0.0;  // -0 is 0
  if (number_value != std::floor(number_value) || std::abs(number_value) > largest_integer) {
    fail_type(description, value, place);
  }
  return static_cast<std::int64_t>(number_value);
}

Json resolve_text(const Description& description, const Json& value, const Place& place) {
  if (!value.is_string()) fail_type(description, value, place);
  const auto given = value.get<std::string>();
  const auto& choices = description.choices;
  if (!choices.empty() && std::find(choices.begin(), choices.end(), given) == choices.end()) {
    place.fail(fmt::format("is {}; it must be {}{}", shown(value), type_text(description),
                           fields::suggestion(given, choices)));
  }
  if (!description.pattern.empty() && !std::regex_match(given, std::regex(description.pattern))) {
    place.fail(fmt::format("is {}; it must match {}", shown(value), description.pattern));
  }
  return value;
}

/// The fields of one object. `tag` is a key that its caller has dealt with.
void resolve_fields(const Description& description, const Json& value, const Place& place,
                    const std::string& tag, Json& resolved) {
  std::vector<std::string> names;
  if (!tag.empty()) names.push_back(tag);
  for (const Field& field : description.fields) names.push_back(field.name);
  for (const auto& item : value.items()) {
    if (std::find(names.begin(), names.end(), item.key()) != names.end()) continue;
    place.key(item.key())
        .fail(fmt::format("is not a known key{}; allowed here: {}", fields::suggestion(item.key(), names),
                          fmt::join(names, ", ")));
  }
  const auto& one_of = description.exactly_one;
  const auto present =
      std::count_if(one_of.begin(), one_of.end(), [&](const auto& key) { return value.contains(key); });
  if (!one_of.empty() && present != 1) {
    place.fail(
        fmt::format("has {} of the keys {}; give exactly one of them", present, fmt::join(one_of, ", ")));
  }
  const auto replaced_by = [&](const Field& field) {
    return std::find_if(description.fields.begin(), description.fields.end(), [&](const Field& other) {
      return other.instead_of == field.name && value.contains(other.name);
    });
  };
  for (const Field& field : description.fields) {
    const Place field_place = place.key(field.name);
    const auto replacement = replaced_by(field);
    if (value.contains(field.name)) {
      if (replacement != description.fields.end()) {
        field_place.fail(
            fmt::format("stands beside \"{}\", which takes its place; give one of them", replacement->name));
      }
      resolved[field.name] = resolve(field.value, value.at(field.name), field_place);
    } else if (field.value.fallback) {
      if (replacement == description.fields.end()) {
        resolved[field.name] = resolve(field.value, *field.value.fallback, field_place);
      }
    } else if (!field.value.optional) {
      field_place.fail(
          fmt::format("is missing; it must be {} ({})", type_text(field.value), field.value.help));
    }
  }
}

const Alternative& chosen(const Description& description, const Json& value, const Place& place) {
  std::vector<std::string> names;
  for (const Alternative& alternative : description.alternatives) names.push_back(alternative.name);
  const Place tag_place = place.key(description.tag);
  if (!value.contains(description.tag)) {
    tag_place.fail(fmt::format("is missing; it must be one of {}", fmt::join(names, ", ")));
  }
  const Json& name = value.at(description.tag);
  if (name.is_string()) {
    for (const Alternative& alternative : description.alternatives) {
      if (alternative.name == name.get<std::string>()) return alternative;
    }
  }
  tag_place.fail(fmt::format("is {}; it must be one of {}{}", shown(name), fmt::join(names, ", "),
                             name.is_string() ? fields::suggestion(name.get<std::string>(), names) : ""));
}

bool has_type(const Description& description, const Json& value) {
  switch (description.kind) {
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
    case Kind::either:
      return std::any_of(description.parts.begin(), description.parts.end(),
                         [&](const Description& part) { return has_type(part, value); });
  }
  return false;
}

Json object_schema(const Description& description, const std::string& tag, const std::string& tag_value) {
  Json properties = Json::object();
  Json required = Json::array();
  Json excluded = Json::array();
  if (!tag.empty()) {
    properties[tag] = {{"const", tag_value}};
    required.push_back(tag);
  }
  for (const Field& field : description.fields) {
    properties[field.name] = schema(field.value);
    if (!field.value.fallback && !field.value.optional) required.push_back(field.name);
    if (!field.instead_of.empty()) {
      excluded.push_back({{"not", {{"required", {field.name, field.instead_of}}}}});
    }
  }
  Json result = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) result["required"] = required;
  if (!excluded.empty()) result["allOf"] = excluded;
  if (!description.exactly_one.empty()) {
    result["oneOf"] = Json::array();
    for (const std::string& key : description.exactly_one) {
      result["oneOf"].push_back({{"required", Json::array({key})}});
    }
  }
  return result;
}

void add_range(const Range& range, Json& result) {
  if (range.has_lower()) result[range.lower_open ? "exclusiveMinimum" : "minimum"] = range.lower;
  if (range.has_upper()) result[range.upper_open ? "exclusiveMaximum" : "maximum"] = range.upper;
}

Json alternatives_schema(const std::vector<Json>& parts) {
  Json result;
  result["oneOf"] = parts;
  return result;
}

Json plain_schema(const Description& description) {
  switch (description.kind) {
    case Kind::number:
    case Kind::integer: {
      Json result = {{"type", description.kind == Kind::number ? "number" : "integer"}};
      add_range(description.range, result);
      return result;
    }
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::text: {
      Json result = {{"type", "string"}};
      if (!description.choices.empty()) result["enum"] = description.choices;
      if (!description.pattern.empty()) result["pattern"] = description.pattern;
      return result;
    }
    case Kind::object:
      return object_schema(description, {}, {});
    case Kind::mapping:
      return {{"type", "object"}, {"additionalProperties", schema(description.parts.front())}};
    case Kind::list:
      return {{"type", "array"},
              {"items", schema(description.parts.front())},
              {"minItems", description.min_items},
              {"maxItems", description.max_items}};
    case Kind::tagged: {
      std::vector<Json> parts;
      for (const Alternative& alternative : description.alternatives) {
        Json part = object_schema(alternative.value, description.tag, alternative.name);
        part["description"] = alternative.value.help;
        parts.push_back(part);
      }
      return alternatives_schema(parts);
    }
    case Kind::either: {
      std::vector<Json> parts;
      for (const Description& part : description.parts) parts.push_back(schema(part));
      return alternatives_schema(parts);
    }
  }
  return {};
}

void collect_sweepable(const Description& description, const Json& value, const std::string& prefix,
                       std::vector<SweepableField>& found) {
  for (const Field& field : description.fields) {
    if (field.value.is_fixed) continue;
    const std::string path = prefix.empty() ? field.name : prefix + "." + field.name;
    const Json inner =
        value.is_object() && value.contains(field.name) ? value.at(field.name) : Json::object();
    switch (field.value.kind) {
      case Kind::number:
      case Kind::integer:
        found.push_back({path, &field.value});
        break;
      case Kind::text:
        if (!field.value.choices.empty()) found.push_back({path, &field.value});
        break;
      case Kind::object:
        collect_sweepable(field.value, inner, path, found);
        break;
      case Kind::tagged:
        for (const Alternative& alternative : field.value.alternatives) {
          if (inner.contains(field.value.tag) && inner.at(field.value.tag) == alternative.name) {
            collect_sweepable(alternative.value, inner, path, found);
          }
        }
        break;
      default:
        break;
    }
  }
}

}  // namespace

std::string shown(const Json& value) {
  return theory::shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Description&& Description::defaults_to(Json value) && {
  fallback = std::move(value);
  return std::move(*this);
}

Description&& Description::or_null() && {
  nullable = true;
  return std::move(*this);
}

Description&& Description::left_out_if_absent() && {
  optional = true;
  return std::move(*this);
}

Description number(std::string help, Range range) {
  Description result;
  result.kind = Kind::number;
  result.help = std::move(help);
  result.range = range;
  return result;
}

Description integer(std::string help, Range range) {
  Description result = number(std::move(help), range);
  result.kind = Kind::integer;
  return result;
}

Description boolean(std::string help) {
  Description result;
  result.kind = Kind::boolean;
  result.help = std::move(help);
  return result;
}

Description text(std::string help, std::vector<std::string> choices) {
  Description result;
  result.kind = Kind::text;
  result.help = std::move(help);
  result.choices = std::move(choices);
  return result;
}

Description object(std::string help, std::vector<Field> fields) {
  Description result;
  result.help = std::move(help);
  result.fields = std::move(fields);
  return result;
}

Description mapping(std::string help, Description value) {
  Description result;
  result.kind = Kind::mapping;
  result.help = std::move(help);
  result.parts = {std::move(value)};
  return result;
}

Description list(std::string help, Description item, std::size_t min_items, std::size_t max_items) {
  Description result;
  result.kind = Kind::list;
  result.help = std::move(help);
  result.parts = {std::move(item)};
  result.min_items = min_items;
  result.max_items = max_items;
  return result;
}

Description tagged(std::string help, std::string tag, std::vector<Alternative> alternatives) {
  Description result;
  result.kind = Kind::tagged;
  result.help = std::move(help);
  result.tag = std::move(tag);
  result.alternatives = std::move(alternatives);
  return result;
}

Description either(std::string help, std::vector<Description> parts) {
  Description result;
  result.kind = Kind::either;
  result.help = std::move(help);
  result.parts = std::move(parts);
  return result;
}

Place Place::key(std::string_view name) const {
  return {file, path.empty() ? std::string(name) : fmt::format("{}.{}", path, name)};
}

Place Place::index(std::size_t position) const { return {file, fmt::format("{}[{}]", path, position)}; }

void Place::fail(const std::string& problem) const {
  throw InputError(
      fmt::format("{}: {} {}", file, path.empty() ? "the whole" : theory::shortened(path) + ":", problem));
}

Json resolve(const Description& description, const Json& value, const Place& place) {
  if (description.nullable && value.is_null()) return value;
  switch (description.kind) {
    case Kind::number:
    case Kind::integer:
      return resolve_number(description, value, place);
    case Kind::boolean:
      if (!value.is_boolean()) fail_type(description, value, place);
      return value;
    case Kind::text:
      return resolve_text(description, value, place);
    case Kind::object: {
      if (!value.is_object()) fail_type(description, value, place);
      Json resolved = Json::object();
      resolve_fields(description, value, place, {}, resolved);
      return resolved;
    }
    case Kind::mapping: {
      if (!value.is_object()) fail_type(description, value, place);
      Json resolved = Json::object();
      for (const auto& [key, item] : value.items()) {
        resolved[key] = resolve(description.parts.front(), item, place.key(key));
      }
      return resolved;
    }
    case Kind::tagged: {
      if (!value.is_object()) fail_type(description, value, place);
      const Alternative& alternative = chosen(description, value, place);
      Json resolved = {{description.tag, alternative.name}};
      resolve_fields(alternative.value, value, place, description.tag, resolved);
      return resolved;
    }
    case Kind::list: {
      if (!value.is_array()) fail_type(description, value, place);
      if (value.size() < description.min_items || value.size() > description.max_items) {
        place.fail(fmt::format("has {} entries; it must have {} to {}", value.size(), description.min_items,
                               description.max_items));
      }
      Json resolved = Json::array();
      for (std::size_t i = 0; i < value.size(); ++i) {
        resolved.push_back(resolve(description.parts.front(), value.at(i), place.index(i)));
      }
      return resolved;
    }
    case Kind::either:
      for (const Description& part : description.parts) {
        if (has_type(part, value)) return resolve(part, value, place);
      }
      fail_type(description, value, place);
  }
  return value;
}

std::string type_text(const Description& description) {
  const auto ranged = [&](std::string noun) {
    const std::string range = description.range.text();
    return range.empty() ? noun : noun + " " + range;
  };
  switch (description.kind) {
    case Kind::number:
      return ranged("a number");
    case Kind::integer:
      return ranged("an integer");
    case Kind::boolean:
      return "true or false";
    case Kind::text:
      return description.choices.empty() ? "a text"
                                         : fmt::format("one of {}", fmt::join(description.choices, ", "));
    case Kind::object:
    case Kind::mapping:
    case Kind::tagged:
      return "an object {...}";
    case Kind::list:
      return "a list [...]";
    case Kind::either: {
      std::vector<std::string> texts;
      for (const Description& part : description.parts) texts.push_back(type_text(part));
      return fmt::format("{}", fmt::join(texts, " or "));
    }
  }
  return {};
}

std::string help_text(const Description& description) {
  std::string text = description.help;
  if (!description.symbol.empty()) text += ", " + description.symbol;
  if (!description.unit.empty()) text += " [" + description.unit + "]";
  if (!description.applies_to.empty()) text += "; only for " + description.applies_to;
  return text;
}

Json schema(const Description& description) {
  Json result = plain_schema(description);
  if (description.nullable) result = alternatives_schema({result, {{"type", "null"}}});
  if (!description.help.empty()) result["description"] = help_text(description);
  if (description.fallback) result["default"] = *description.fallback;
  return result;
}

std::vector<SweepableField> sweepable_fields(const Description& description, const Json& value) {
  std::vector<SweepableField> found;
  collect_sweepable(description, value, "", found);
  return found;
}

}  // namespace bncollapse::study
