#pragma once

#include <atomic>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/theory/pause.hpp"

namespace bncollapse::study {

using theory::WorkWatch;

/// Throws sim::Interrupted where the caller wants to stop; null: never.
inline void stop_if_told(const std::atomic<bool>* stop) {
  if (stop != nullptr && stop->load()) throw sim::Interrupted();
}

}  // namespace bncollapse::study
