#pragma once

// The parts of LibTorch that this room uses, and what differs between its versions (1.13 to current).

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/version.h>

#include <cstdint>
#include <initializer_list>

namespace bncollapse::nets {

/// From 2.2 on LibTorch's deterministic mode fills new memory, unless told not to.
inline void leave_new_memory_as_it_is([[maybe_unused]] at::Context& context) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 2)
  context.setDeterministicFillUninitializedMemory(false);
#endif
}

}  // namespace bncollapse::nets
