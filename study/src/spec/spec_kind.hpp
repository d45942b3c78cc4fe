#pragma once

#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// What a spec is about: one neuron, or (with the key `network`) networks that are trained.
struct SpecKind {
  const FieldSchema& description;
};

const SpecKind& spec_kind(const Json& spec);

}  // namespace bncollapse::study
