#include <string>
#include <vector>

#include "schema/field_schema.hpp"

namespace bncollapse::study {
namespace {

using Kind = FieldSchema::Kind;

void collect_sweepable(const FieldSchema& schema, const Json& value, const std::string& prefix,
                       std::vector<SweepableField>& found) {
  for (const Field& field : schema.fields) {
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

std::vector<SweepableField> sweepable_fields(const FieldSchema& schema, const Json& value) {
  std::vector<SweepableField> found;
  collect_sweepable(schema, value, "", found);
  return found;
}
}  // namespace bncollapse::study
