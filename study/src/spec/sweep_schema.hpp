#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schema/field_schema.hpp"

namespace bncollapse::study {

// What the specs of neurons and of networks share.

/// The section `sweep`.
FieldSchema sweep_schema();

/// An object whose key `tag` names one of `kinds` (each with name, help, fields).
template <class Kinds>
FieldSchema tagged_by_kind(std::string help, std::string tag, const Kinds& kinds) {
  std::vector<Alternative> alternatives;
  for (const auto& kind : kinds) alternatives.push_back({kind.name, object(kind.help, kind.fields)});
  return tagged(std::move(help), std::move(tag), std::move(alternatives));
}

}  // namespace bncollapse::study
