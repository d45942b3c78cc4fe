#pragma once

#include <functional>

namespace bncollapse::theory {

/// Called many times a second by what may take seconds. What it throws ends the work and reaches the caller.
using Pause = std::function<void()>;

}  // namespace bncollapse::theory
