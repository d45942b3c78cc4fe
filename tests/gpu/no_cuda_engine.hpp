#pragma once

#include <string>

#include "bncollapse/gpu/engine.hpp"

namespace bncollapse::sim::testing {

/// Why the cuda engine cannot run here; empty where it can.
inline std::string no_cuda_engine() {
  try {
    gpu::make_cuda_engine(1);
    return {};
  } catch (const EngineUnavailable& reason) {
    return reason.what();
  }
}

}  // namespace bncollapse::sim::testing
