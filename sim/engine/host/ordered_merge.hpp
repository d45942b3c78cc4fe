// Results that arrive in any order and are taken in theirs.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace bncollapse::sim {

/// Hands results 0, 1, 2, ... to `take` in this order, from one thread at a time. At most `window` results
/// wait: who is further ahead than that is held until the others have caught up.
template <class Result>
class OrderedMerge {
 public:
  OrderedMerge(std::int64_t window, std::function<void(Result&&)> take)
      : window_(window), take_(std::move(take)) {}

  void deliver(std::int64_t index, Result&& result) {
    std::unique_lock lock(mutex_);
    caught_up_.wait(lock, [&] { return cancelled_ || index - next_ < window_; });
    if (cancelled_) return;
    waiting_.emplace(index, std::move(result));
    while (!waiting_.empty() && waiting_.begin()->first == next_) {
      take_(std::move(waiting_.begin()->second));
      waiting_.erase(waiting_.begin());
      ++next_;
    }
    caught_up_.notify_all();
  }

  /// Lets everybody go who is held.
  void cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    caught_up_.notify_all();
  }

 private:
  std::int64_t window_;
  std::function<void(Result&&)> take_;
  std::mutex mutex_;
  std::condition_variable caught_up_;
  std::map<std::int64_t, Result> waiting_;
  std::int64_t next_ = 0;
  bool cancelled_ = false;
};

}  // namespace bncollapse::sim
