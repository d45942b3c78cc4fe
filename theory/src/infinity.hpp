#pragma once

#include <limits>

namespace bncollapse::theory {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace bncollapse::theory
