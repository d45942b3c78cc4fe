#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "schema/field_schema.hpp"

namespace bncollapse::study {

// What the specs of neurons and of networks share.

/// At so many steps a point or a training is recorded at most.
inline constexpr std::int64_t most_records = 100'000;

/// The section `sweep`.
FieldSchema sweep_schema();

/// The key `figure`.
FieldSchema figure_schema(std::vector<std::string> names);

/// A list of objects, at most `most`, whose key `tag` names one of `kinds` (each with name, help, fields).
template <class Kinds>
FieldSchema entries_by_kind(std::string help, const std::string& tag, const Kinds& kinds, std::size_t most) {
  std::vector<Alternative> alternatives;
  alternatives.reserve(kinds.size());
  for (const auto& kind : kinds) alternatives.push_back({kind.name, object(kind.help, kind.fields)});
  return list(std::move(help), tagged("one " + tag, tag, std::move(alternatives)), 0, most)
      .defaults_to(Json::array());
}

}  // namespace bncollapse::study
