#include <cuda_runtime.h>

#include <stdexcept>
#include <string>
#include <type_traits>

#include "normalisation_kernels.hpp"
#include "normalisation_tasks.hpp"

namespace bncollapse::nets {
namespace {

/// Two groups per multiprocessor.
template <class Task>
__global__ void __launch_bounds__(Task::threads, 2) run(const __grid_constant__ Task task) {
  __shared__ double shared[Task::shared_doubles];
  for (int phase = 0; phase < Task::phases; ++phase) {
    if (phase > 0) __syncthreads();
    task(phase, static_cast<int>(blockIdx.x), static_cast<int>(threadIdx.x), shared);
  }
}

}  // namespace

template <class Task>
void launch(const Task& task, int groups, CUstream_st* cuda_stream) {
  static_assert(std::is_trivially_copyable_v<Task>);
  run<<<static_cast<unsigned>(groups), Task::threads, 0, cuda_stream>>>(task);
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess) {
    throw std::runtime_error(std::string("launch of a normalisation's kernel: ") + cudaGetErrorString(error) +
                             " (" + cudaGetErrorName(error) + ")");
  }
}

#define BNC_LAUNCH(...) template void launch(const __VA_ARGS__&, int, CUstream_st*);
#define BNC_LAUNCH_ALL(Number, width)                 \
  BNC_LAUNCH(MomentsTask<Number, width>)              \
  BNC_LAUNCH(NormaliseTask<Number, width, false>)     \
  BNC_LAUNCH(NormaliseTask<Number, width, true>)      \
  BNC_LAUNCH(GradientSumsTask<Number, width, false>)  \
  BNC_LAUNCH(GradientSumsTask<Number, width, true>)   \
  BNC_LAUNCH(InputGradientTask<Number, width, false>) \
  BNC_LAUNCH(InputGradientTask<Number, width, true>)
BNC_LAUNCH_ALL(float, 1)
BNC_LAUNCH_ALL(float, 4)
BNC_LAUNCH_ALL(BFloat16Bits, 1)
BNC_LAUNCH_ALL(BFloat16Bits, 4)

}  // namespace bncollapse::nets
