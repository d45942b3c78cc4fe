#pragma once

#include <cmath>
#include <string>

#include "bncollapse/theory/invalid_argument.hpp"

namespace bncollapse::theory {

std::string to_text(double value);

/// Throws InvalidArgument(argument, "is VALUE; it must RULE") unless `holds`.
inline void require(bool holds, const char* argument, double value, const char* rule) {
  if (!holds) throw InvalidArgument(argument, "is " + to_text(value) + "; it must " + rule);
}

inline void require_number(const char* argument, double value) {
  require(!std::isnan(value), argument, value, "be a number");
}

inline void require_finite(const char* argument, double value) {
  require(std::isfinite(value), argument, value, "be a finite number");
}

inline void require_non_negative(const char* argument, double value) {
  require(std::isfinite(value) && value >= 0, argument, value, "be finite and 0 or more");
}

inline void require_moment_order(int k) { require(k >= 0 && k <= 2, "k", k, "be 0, 1 or 2"); }

inline void require_probability(double value) {
  require(value >= 0 && value <= 1, "probability", value, "lie in [0, 1]");
}

}  // namespace bncollapse::theory
