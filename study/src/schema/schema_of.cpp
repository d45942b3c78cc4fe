#include "schema/schema_of.hpp"

#include <algorithm>

namespace bncollapse::study {

FieldSchema& object_at(FieldSchema& root, std::string_view place) {
  const std::size_t dot = place.find('.');
  const std::string_view name = place.substr(0, dot);
  auto found = std::find_if(root.fields.begin(), root.fields.end(),
                            [&](const Field& field) { return field.name == name; });
  if (found == root.fields.end()) {
    root.fields.push_back({std::string(name), object({}, {}).defaults_to(Json::object())});
    found = std::prev(root.fields.end());
  }
  return dot == std::string_view::npos ? found->value : object_at(found->value, place.substr(dot + 1));
}

}  // namespace bncollapse::study
