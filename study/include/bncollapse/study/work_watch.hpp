#pragma once

#include <functional>

namespace bncollapse::study {

/// Called many times a second by work that may take long, with the share of it that is done (0 to 1). What it
/// throws ends the work and reaches the caller.
using WorkWatch = std::function<void(double share)>;

}  // namespace bncollapse::study
