#pragma once

#include <memory>
#include <string>

#include "bncollapse/fields/json.hpp"
#include "schema/schema_of.hpp"
#include "spec/entry_kind.hpp"

namespace bncollapse::study {

/// The kind whose entries are a struct with rows: `Struct::name`, `Struct::help`, its fields.
template <class Base, class Struct>
EntryKind<Base> make_entry_kind() {
  const std::string help(Struct::help);
  return {std::string(Struct::name), help, schema_of<Struct>(help).fields,
          [](const Json& json) -> std::unique_ptr<const Base> {
            auto entry = std::make_unique<Struct>();
            fields::from_json(json, *entry);
            return entry;
          }};
}

}  // namespace bncollapse::study
