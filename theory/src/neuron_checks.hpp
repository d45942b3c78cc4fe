#pragma once

#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::theory {

/// Throws InvalidArgument naming the member that is not finite, or "leak" outside [0, 1].
void check(const Neuron& neuron);

}  // namespace bncollapse::theory
