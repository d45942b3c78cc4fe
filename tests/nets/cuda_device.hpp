#pragma once

#include "bncollapse/nets/trainer.hpp"

/// Whether there is a CUDA device, for the first line of a case that needs one. Where there is none it says
/// "skipped", by which CTest counts the case so. (A macro, since doctest's are; include doctest before.)
#define CUDA_DEVICE_OR_SKIP()                          \
  (::bncollapse::nets::has_cuda() || [] {              \
    MESSAGE("skipped: LibTorch finds no CUDA device"); \
    return false;                                      \
  }())
