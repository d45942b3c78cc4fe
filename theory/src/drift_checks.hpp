#pragma once

#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/fields.hpp"

namespace bncollapse::theory {

/// Throws InvalidArgument that names the field, as "gamma", "noise.std" or "learning_rate".
inline void check(const Noise& noise, const SgdStep& step) {
  fields::validate(noise, "noise");
  fields::validate(step);
}
inline void check(const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  fields::validate(neuron);
  check(noise, step);
}

}  // namespace bncollapse::theory
