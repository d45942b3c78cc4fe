// The caller's view of a run: what is done, and whether to go on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>

#include "bncollapse/sim/engine.hpp"

namespace bncollapse::sim {

/// Shared by the threads of a run.
class Progress {
 public:
  explicit Progress(const RunControl& control) : control_(control) {}

  /// Throws Interrupted where the caller wants to stop.
  void check() const {
    if (is_stopped()) throw Interrupted();
  }
  bool is_stopped() const {
    return control_.stop != nullptr && control_.stop->load(std::memory_order_relaxed);
  }
  /// Whether another thread has failed.
  bool abandoned() const { return abandoned_.load(std::memory_order_relaxed); }

  /// Counts trajectory-steps; tells the caller at most ten times per second.
  void add(std::int64_t trajectory_steps) {
    done_.fetch_add(trajectory_steps, std::memory_order_relaxed);
    tell(control_.on_progress, done_);
  }
  /// Counts a share of an experiment's splitting; tells the caller as `add` does.
  void add_splitting(double share) {
    split_.fetch_add(share, std::memory_order_relaxed);
    tell(control_.on_splitting, split_);
  }
  /// Tells the caller once more, at the end.
  void finish() const {
    if (control_.on_progress) control_.on_progress(done_.load(std::memory_order_relaxed));
  }

  /// Keeps the first failure for `rethrow` and makes the other threads abandon their work.
  void fail(std::exception_ptr failure) {
    const std::lock_guard lock(failing_);
    if (!failure_) failure_ = std::move(failure);
    abandoned_.store(true, std::memory_order_relaxed);
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Value>
  void tell(const std::function<void(Value)>& listener, const std::atomic<Value>& value) {
    if (!listener) return;
    const std::unique_lock lock(telling_, std::try_to_lock);
    const auto now = Clock::now();
    if (!lock.owns_lock() || now - told_ < std::chrono::milliseconds(100)) return;
    told_ = now;
    listener(value.load(std::memory_order_relaxed));
  }

  const RunControl& control_;
  std::atomic<std::int64_t> done_ = 0;
  std::atomic<double> split_ = 0;
  std::atomic<bool> abandoned_ = false;
  std::mutex telling_, failing_;
  Clock::time_point told_ = Clock::now();
  std::exception_ptr failure_;
};

}  // namespace bncollapse::sim
