#pragma once

#include "bncollapse/nets/training.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// Sets LibTorch up for a training in this process: its number of threads and, with the GNU C library, that
/// freed memory stays in the process.
void prepare_process(const Training& training);

/// The training's device. A CUDA device is set to the training's precision and to deterministic algorithms.
/// Throws theory::InvalidArgument naming "device" or "precision" where this machine lacks it.
at::Device prepare_device(const Training& training);

/// The share of the CUDA device's memory that is in use, by any process. 0 with a LibTorch without CUDA.
double used_device_memory();

}  // namespace bncollapse::nets
