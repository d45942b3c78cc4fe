#include <algorithm>
#include <string>
#include <vector>

#include "schema/field_schema.hpp"

namespace bncollapse::study {
namespace {

using Kind = FieldSchema::Kind;

Json object_schema(const FieldSchema& schema, const std::string& tag, const std::string& tag_value) {
  Json properties = Json::object();
  Json required = Json::array();
  Json excluded = Json::array();
  Json needed = Json::object();
  if (!tag.empty()) {
    properties[tag] = {{"const", tag_value}};
    required.push_back(tag);
  }
  for (const Field& field : schema.fields) {
    properties[field.name] = json_schema(field.value);
    if (!field.value.default_value && !field.value.optional) required.push_back(field.name);
    if (!field.instead_of.empty()) {
      excluded.push_back({{"not", {{"required", {field.name, field.instead_of}}}}});
    }
    if (field.goes_with.empty()) continue;
    for (const std::string& key : schema.exactly_one) {
      const auto& keys = field.goes_with;
      if (std::find(keys.begin(), keys.end(), key) != keys.end())
        needed[key].push_back(field.name);
      else
        excluded.push_back({{"not", {{"required", {field.name, key}}}}});
    }
  }
  Json result = {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) result["required"] = required;
  if (!excluded.empty()) result["allOf"] = excluded;
  if (!needed.empty()) result["dependentRequired"] = needed;
  if (!schema.exactly_one.empty()) {
    result["oneOf"] = Json::array();
    for (const std::string& key : schema.exactly_one) {
      result["oneOf"].push_back({{"required", Json::array({key})}});
    }
  }
  return result;
}

void add_range(const Range& range, Json& result) {
  if (range.has_lower()) result[range.lower_open ? "exclusiveMinimum" : "minimum"] = range.lower;
  if (range.has_exception()) result["not"] = {{"const", range.exception}};
  if (range.has_upper()) result[range.upper_open ? "exclusiveMaximum" : "maximum"] = range.upper;
}

Json alternatives_schema(const std::vector<Json>& parts) {
  Json result;
  result["oneOf"] = parts;
  return result;
}

Json plain_schema(const FieldSchema& schema) {
  switch (schema.kind) {
    case Kind::number:
    case Kind::integer: {
      Json result = {{"type", schema.kind == Kind::number ? "number" : "integer"}};
      add_range(schema.range, result);
      return result;
    }
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::text: {
      Json result = {{"type", "string"}};
      if (!schema.choices.empty()) result["enum"] = schema.choices;
      if (!schema.pattern.empty()) result["pattern"] = "^(?:" + schema.pattern + ")$";
      return result;
    }
    case Kind::object:
      return object_schema(schema, {}, {});
    case Kind::mapping:
      return {{"type", "object"},
              {"additionalProperties", json_schema(schema.parts.front())},
              {"minProperties", schema.min_items}};
    case Kind::list:
      return {{"type", "array"},
              {"items", json_schema(schema.parts.front())},
              {"minItems", schema.min_items},
              {"maxItems", schema.max_items}};
    case Kind::tagged: {
      std::vector<Json> parts;
      for (const Alternative& alternative : schema.alternatives) {
        Json part = object_schema(alternative.value, schema.tag, alternative.name);
        part["description"] = alternative.value.help;
        parts.push_back(part);
      }
      return alternatives_schema(parts);
    }
    case Kind::one_of: {
      std::vector<Json> parts;
      for (const FieldSchema& part : schema.parts) parts.push_back(json_schema(part));
      return alternatives_schema(parts);
    }
  }
  return {};
}
}  // namespace

Json json_schema(const FieldSchema& schema) {
  Json result = plain_schema(schema);
  if (schema.nullable) result = alternatives_schema({result, {{"type", "null"}}});
  if (!schema.help.empty()) result["description"] = help_text(schema);
  if (schema.default_value) result["default"] = *schema.default_value;
  return result;
}
}  // namespace bncollapse::study
