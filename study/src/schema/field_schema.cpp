#include "schema/field_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace bncollapse::study {

using Kind = FieldSchema::Kind;

FieldSchema&& FieldSchema::defaults_to(Json value) && {
  default_value = std::move(value);
  return std::move(*this);
}

FieldSchema&& FieldSchema::or_null() && {
  nullable = true;
  return std::move(*this);
}

FieldSchema&& FieldSchema::left_out_if_absent() && {
  optional = true;
  return std::move(*this);
}

FieldSchema number(std::string help, Range range) {
  FieldSchema result;
  result.kind = Kind::number;
  result.help = std::move(help);
  result.range = range;
  return result;
}

FieldSchema integer(std::string help, Range range) {
  FieldSchema result = number(std::move(help), range);
  result.kind = Kind::integer;
  return result;
}

FieldSchema boolean(std::string help) {
  FieldSchema result;
  result.kind = Kind::boolean;
  result.help = std::move(help);
  return result;
}

FieldSchema text(std::string help, std::vector<std::string> choices) {
  FieldSchema result;
  result.kind = Kind::text;
  result.help = std::move(help);
  result.choices = std::move(choices);
  return result;
}

FieldSchema object(std::string help, std::vector<Field> fields) {
  FieldSchema result;
  result.help = std::move(help);
  result.fields = std::move(fields);
  return result;
}

FieldSchema mapping(std::string help, FieldSchema value, std::size_t min_keys) {
  FieldSchema result;
  result.kind = Kind::mapping;
  result.min_items = min_keys;
  result.help = std::move(help);
  result.parts = {std::move(value)};
  return result;
}

FieldSchema list(std::string help, FieldSchema item, std::size_t min_items, std::size_t max_items) {
  FieldSchema result;
  result.kind = Kind::list;
  result.help = std::move(help);
  result.parts = {std::move(item)};
  result.min_items = min_items;
  result.max_items = max_items;
  return result;
}

FieldSchema tagged(std::string help, std::string tag, std::vector<Alternative> alternatives) {
  FieldSchema result;
  result.kind = Kind::tagged;
  result.help = std::move(help);
  result.tag = std::move(tag);
  result.alternatives = std::move(alternatives);
  return result;
}

FieldSchema one_of(std::string help, std::vector<FieldSchema> parts) {
  FieldSchema result;
  result.kind = Kind::one_of;
  result.help = std::move(help);
  result.parts = std::move(parts);
  return result;
}
namespace {

std::string choices_text(const std::vector<std::string>& choices) {
  std::string text;
  for (const std::string& choice : choices)
    text += (text.empty() ? "one of " : ", ") + (choice.empty() ? "\"\"" : choice);
  return text;
}

}  // namespace

std::string type_text(const FieldSchema& schema) {
  const auto ranged = [&](const std::string& noun) {
    const std::string range = schema.range.text();
    return range.empty() ? noun : noun + " " + range;
  };
  switch (schema.kind) {
    case Kind::number:
      return ranged("a number");
    case Kind::integer:
      return ranged("an integer");
    case Kind::boolean:
      return "true or false";
    case Kind::text:
      if (!schema.choices.empty()) return choices_text(schema.choices);
      return schema.pattern.empty() ? "a text" : "a text that matches " + schema.pattern;
    case Kind::object:
    case Kind::mapping:
    case Kind::tagged:
      return "an object {...}";
    case Kind::list: {
      const FieldSchema& item = schema.parts.front();
      const bool is_plain =
          item.kind != Kind::object && item.kind != Kind::mapping && item.kind != Kind::tagged;
      return fmt::format("a list [...] of {} to {} entries{}", schema.min_items, schema.max_items,
                         is_plain ? ", each " + type_text(item) : "");
    }
    case Kind::one_of: {
      std::vector<std::string> texts;
      for (const FieldSchema& part : schema.parts) texts.push_back(type_text(part));
      return fmt::format("{}", fmt::join(texts, " or "));
    }
  }
  return {};
}

std::string help_text(const FieldSchema& schema) {
  std::string text = schema.help;
  if (!schema.symbol.empty()) text += "; symbol " + schema.symbol;
  if (!schema.unit.empty()) text += " [" + schema.unit + "]";
  const auto& [key, names] = schema.only_for;
  if (!key.empty()) text += fmt::format("; only for {} {}", key, fmt::join(names, " or "));
  return text;
}
}  // namespace bncollapse::study
