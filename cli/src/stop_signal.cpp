#include "stop_signal.hpp"

#include <csignal>
#include <initializer_list>

namespace bncollapse::cli {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void on_first_signal(int) { stop = true; }

void on_signal(int signal) {
  if (!stop.exchange(true)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

const std::atomic<bool>& catch_stop_signals(SecondSignal second) {
  for (const int signal : {SIGINT, SIGTERM})
    std::signal(signal, second == SecondSignal::ends ? on_signal : on_first_signal);
  return stop;
}

}  // namespace bncollapse::cli
