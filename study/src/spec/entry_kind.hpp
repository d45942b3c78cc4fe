#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// A kind of the entries of a list in a spec, as `{"check": name, ...fields}`.
/// @tparam Base  what an entry is when it is read
template <class Base>
struct EntryKind {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  std::unique_ptr<const Base> (*read)(const Json& entry);
};

/// The kind that the resolved entry's key `tag` names.
template <class Base>
const EntryKind<Base>& kind_of(const std::vector<EntryKind<Base>>& kinds, const char* tag,
                               const Json& entry) {
  const auto& name = entry.at(tag).get_ref<const std::string&>();
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const EntryKind<Base>& kind) { return kind.name == name; });
}

}  // namespace bncollapse::study
