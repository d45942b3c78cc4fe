#pragma once

#include <atomic>

namespace bncollapse::cli {

/// What a second signal does. A terminal and a parent may both tell a process to stop: it must not end at
/// once.
enum class SecondSignal { ends, is_ignored };

/// Set by the first SIGINT or SIGTERM after this call.
const std::atomic<bool>& catch_stop_signals(SecondSignal second = SecondSignal::ends);

}  // namespace bncollapse::cli
