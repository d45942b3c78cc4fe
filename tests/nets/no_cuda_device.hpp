#pragma once

#include <string>

#include "bncollapse/nets/trainer.hpp"

/// Why no network can be trained on a CUDA device here; empty where one can.
inline std::string no_cuda_device() {
  return bncollapse::nets::has_cuda() ? "" : "LibTorch finds no CUDA device";
}
