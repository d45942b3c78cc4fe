#include "training_device.hpp"

#include <malloc.h>

#include <climits>
#include <cstdlib>

#include "bncollapse/nets/trainer.hpp"
#include "bncollapse/theory/invalid_argument.hpp"

#ifdef BNCOLLAPSE_TORCH_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>
#endif

namespace bncollapse::nets {
namespace {

/// Every step allocates and frees the same large blocks. By default the C library returns each of them to the
/// system, and the page faults that get them back take longer than much of the arithmetic.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_ARENA_MAX, 1);
#endif
}

/// The same bits from the same spec, as far as CUDA's libraries can give them.
void make_cuda_reproducible() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);  // what CuBLAS needs for it, read when it starts
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(true, false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  leave_new_memory_as_it_is(context);
}

#ifdef BNCOLLAPSE_TORCH_CUDA
bool device_has_tf32() { return at::cuda::getCurrentDeviceProperties()->major >= 8; }
#else
bool device_has_tf32() { return false; }
#endif

}  // namespace

void prepare_process(const Training& training) {
  keep_freed_memory();
  at::set_num_threads(training.threads);
}

at::Device prepare_device(const Training& training) {
  validate_device(training);
  if (training.device == Device::cpu) {
    return at::kCPU;
  }
  if (!at::hasCUDA()) {
    throw theory::InvalidArgument("device", "is cuda, but this LibTorch finds no CUDA device; use cpu");
  }
  const bool tf32 = training.precision == Precision::tf32;
  if (tf32 && !device_has_tf32()) {
    throw theory::InvalidArgument(
        "precision",
        "is tf32, which this CUDA device lacks (compute capability below 8); it must be float32 or bfloat16");
  }
  make_cuda_reproducible();
  allow_tf32(at::globalContext(), tf32);
  return at::kCUDA;
}

#ifdef BNCOLLAPSE_TORCH_CUDA
double used_device_memory() {
  std::size_t free = 0, total = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return 1 - static_cast<double>(free) / static_cast<double>(total);
}
#else
double used_device_memory() { return 0; }
#endif

bool has_cuda() { return at::hasCUDA(); }

bool cuda_works() {
  try {
    return has_cuda() && at::ones({2}, at::kCUDA).sum().item<float>() == 2;
  } catch (const c10::Error&) {
    return false;
  }
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace bncollapse::nets
