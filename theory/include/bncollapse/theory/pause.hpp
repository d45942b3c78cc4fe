#pragma once

#include <functional>

namespace bncollapse::theory {

/// Called many times a second by what may take seconds. What it throws ends the work and reaches the caller.
using Pause = std::function<void()>;

/// The same of work that knows the share of it that is done (0 to 1).
using WorkWatch = std::function<void(double share)>;

}  // namespace bncollapse::theory
