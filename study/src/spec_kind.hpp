#pragma once

#include <string>
#include <vector>

#include "description.hpp"

namespace bncollapse::study {

/// What a spec is about: one neuron, or (with the key `network`) networks that are trained.
struct SpecKind {
  const Description& description;
  std::vector<std::string> swept;  ///< the sections whose fields a sweep can move
};

const SpecKind& spec_kind(const Json& spec);

}  // namespace bncollapse::study
