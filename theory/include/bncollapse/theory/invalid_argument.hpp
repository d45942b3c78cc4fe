#pragma once

#include "bncollapse/fields/invalid_argument.hpp"

namespace bncollapse::theory {

using fields::InvalidArgument;

}  // namespace bncollapse::theory
