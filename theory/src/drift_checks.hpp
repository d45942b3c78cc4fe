#pragma once

#include "bncollapse/theory/drift.hpp"

namespace bncollapse::theory {

/// Throws InvalidArgument naming "learning_rate", "weight_decay" or "batch".
void check(const SgdStep& step);

}  // namespace bncollapse::theory
