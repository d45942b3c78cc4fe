#pragma once

// The parts of LibTorch that this module uses, and what differs between its versions (1.13 to current).

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

/// TF32 in convolutions and matrix products on CUDA. From 2.9 on LibTorch recommends finer switches than
/// these two, which set those, too; its warning is kept from users, who cannot act on it.
inline void allow_tf32(at::Context& context, bool allowed) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 9)
  struct IgnoreWarnings : c10::WarningHandler {
    void process(const c10::Warning&) override {}
  } ignore;
  const c10::WarningUtils::WarningHandlerGuard guard(&ignore);
#endif
  context.setAllowTF32CuDNN(allowed);
  context.setAllowTF32CuBLAS(allowed);
}

}  // namespace bncollapse::nets
