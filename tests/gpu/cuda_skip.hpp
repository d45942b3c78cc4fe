// Cases that need a CUDA device.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "bncollapse/gpu/engine.hpp"

namespace bncollapse::sim::testing {

/// Whether the engine cannot run, with the reason printed: by it CTest reports the case as skipped, whatever
/// the case does then. It must do nothing.
inline bool is_skipped() {
  try {
    gpu::make_cuda_engine(1);
    return false;
  } catch (const EngineUnavailable& reason) {
    const std::string why = reason.what();
    MESSAGE("skipped: ", why);
    return true;
  }
}

}  // namespace bncollapse::sim::testing
