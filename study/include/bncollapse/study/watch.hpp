#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace bncollapse::study {

/// How a caller watches and stops a run. What is empty is not called.
template <class Progress>
struct Watch {
  std::function<void(const Progress&)> on_progress = {};
  std::function<void(const std::string&)> on_message = {};
  std::function<void()> on_begun = {};  ///< the store is known to be the spec's
  /// Set to true to stop: sim::Interrupted is thrown; what is finished is kept.
  const std::atomic<bool>* stop = nullptr;
};

}  // namespace bncollapse::study
