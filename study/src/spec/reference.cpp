#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "bncollapse/fields/text.hpp"
#include "bncollapse/study/spec.hpp"
#include "schema/field_schema.hpp"
#include "spec/network_spec.hpp"
#include "spec/neuron_spec.hpp"

namespace bncollapse::study {
namespace {

using Kind = FieldSchema::Kind;

std::string default_text(const FieldSchema& schema) {
  if (schema.default_value) return fmt::format("`{}`", fields::markdown_cell(schema.default_value->dump()));
  return schema.optional ? "left out" : "required";
}

/// A list whose kinds of entries have a section each.
bool has_sections(const std::string& path) { return path == "checks" || path == "curves"; }

class Reference {
 public:
  std::string text() && { return std::move(text_); }

  void spec(const std::string& title, const FieldSchema& schema) {
    text_ += fmt::format("\n## {}\n\n", title);
    rows_of(schema, "");
    for (const Field& field : schema.fields) {
      if (has_sections(field.name)) alternatives(field.name, field.value.parts.front());
    }
  }

 private:
  void header() { text_ += "| field | value | default | meaning |\n| --- | --- | --- | --- |\n"; }

  void row(const std::string& name, const FieldSchema& schema) {
    std::string help = help_text(schema);
    for (std::size_t i = 0; i < schema.choice_helps.size(); ++i) {
      if (!schema.choice_helps[i].empty())
        help += fmt::format("{} `{}`: {}", i == 0 ? "." : ";", schema.choices[i], schema.choice_helps[i]);
    }
    text_ += fmt::format("| `{}` | {} | {} | {} |\n", name, fields::markdown_cell(type_text(schema)),
                         default_text(schema), fields::markdown_cell(help));
  }

  /// The fields of an object, then those of the objects inside it.
  void rows_of(const FieldSchema& schema, const std::string& prefix) {
    header();
    std::vector<Later> later;
    rows(schema, prefix, later);
    text_ += '\n';
    for (const Later& object : later) {
      text_ += fmt::format("\n**`{}`**: {}\n\n", object.title, object.schema->help);
      rows_of(*object.schema, object.prefix);
    }
  }

  struct Later {
    std::string title, prefix;
    const FieldSchema* schema;
  };

  void rows(const FieldSchema& schema, const std::string& prefix, std::vector<Later>& later) {
    for (const Field& field : schema.fields) {
      const std::string path = prefix + field.name;
      if (field.value.kind == Kind::object && !field.value.nullable) {
        rows(field.value, path + ".", later);
        continue;
      }
      row(path, field.value);
      if (!has_sections(path)) objects_in(field.value, path, later);
    }
  }

  /// The objects that a value may be, or that its entries may be.
  void objects_in(const FieldSchema& schema, const std::string& path, std::vector<Later>& later) {
    switch (schema.kind) {
      case Kind::object:
        later.push_back({path, path + ".", &schema});
        break;
      case Kind::tagged:
        for (const Alternative& alternative : schema.alternatives) {
          later.push_back({fmt::format("{}.{} = {}", path, schema.tag, alternative.name), path + ".",
                           &alternative.value});
        }
        break;
      case Kind::list:
        objects_in(schema.parts.front(), path + "[]", later);
        break;
      case Kind::one_of:
        for (const FieldSchema& part : schema.parts) objects_in(part, path, later);
        break;
      default:
        break;
    }
  }

  void alternatives(const std::string& list, const FieldSchema& entry) {
    text_ += fmt::format("\n### {}\n", list);
    for (const Alternative& alternative : entry.alternatives) {
      text_ += fmt::format("\n#### `{}`\n\n{}.\n\n", alternative.name, alternative.value.help);
      if (!alternative.value.fields.empty()) rows_of(alternative.value, "");
    }
  }

  std::string text_;
};

}  // namespace

std::string spec_reference() {
  Reference reference;
  reference.spec("A neuron", neuron_schema());
  reference.spec("Networks", network_schema());
  return fmt::format(
             "# The spec, version {}\n\n<!-- Written by bncollapse_reference from the fields of the program's own structs; change it there. -->\n\nA dot enters an object: "
             "`model.leak` is the key `leak` inside `model`. What is left out takes its default.\n",
             spec_version) +
         std::move(reference).text();
}

}  // namespace bncollapse::study
