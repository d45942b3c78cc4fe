#pragma once

#include <sstream>

#include "bncollapse/theory/invalid_argument.hpp"

namespace bncollapse::nets {

/// Throws theory::InvalidArgument "ARGUMENT is VALUE; it must be ALLOWED" unless the condition holds.
inline void require(const char* argument, double value, bool condition, const char* allowed) {
  if (!condition) {
    std::ostringstream problem;
    problem << "is " << value << "; it must be " << allowed;
    throw theory::InvalidArgument(argument, problem.str());
  }
}

}  // namespace bncollapse::nets
