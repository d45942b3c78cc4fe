#pragma once

#include <atomic>

namespace bncollapse::cli {

/// Set by the first SIGINT or SIGTERM after this call; the second ends the process at once.
const std::atomic<bool>& catch_stop_signals();

}  // namespace bncollapse::cli
