#define BNC_TARGET cuda
#include <omp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "approximate.hpp"
#include "bncollapse/gpu/engine.hpp"
#include "cuda_device.cuh"
#include "device_executor.hpp"
#include "host/engines.hpp"

namespace bncollapse::gpu {
namespace {

/// An empty kernel: whether this build has code for a device.
__global__ void probe() {}

void require_code_for(const Device& device) {
  BNC_CUDA(cudaSetDevice(device.index));
  cudaFuncAttributes attributes;
  const cudaError_t error = cudaFuncGetAttributes(&attributes, probe);
  if (error == cudaSuccess) return;
  cudaGetLastError();
  throw sim::EngineUnavailable("this build has no code for " + device.name + ", compute capability " +
                               std::to_string(device.compute_major) + "." +
                               std::to_string(device.compute_minor) +
                               "; build with -DCMAKE_CUDA_ARCHITECTURES=" +
                               std::to_string(10 * device.compute_major + device.compute_minor) +
                               " (cudaFuncGetAttributes: " + cudaGetErrorString(error) + ")");
}

std::string described(const Device& device) {
  return device.name + " (compute capability " + std::to_string(device.compute_major) + "." +
         std::to_string(device.compute_minor) + ", " + std::to_string(device.multiprocessors) +
         " multiprocessors, " + std::to_string(device.memory_bytes >> 30) + " GiB)";
}

/// Blocks by the executor of their experiment's precision.
class SuitedExecutor final : public sim::BlockExecutor {
 public:
  SuitedExecutor(const std::vector<int>& devices, Functions functions, int threads)
      : float64_(devices, threads) {
    if (functions == Functions::approximate) {
      float32_ = make_approximate_executor(devices, threads);
    } else {
      float32_ = std::make_unique<sim::cuda::DeviceExecutor<CudaDevice, float>>(devices, threads);
    }
  }

  std::int64_t share(int block_size) const override { return float64_.share(block_size); }
  std::size_t together(std::span<const sim::Experiment* const> experiments) const override {
    return suited(*experiments.front()).together(experiments);
  }
  void run(std::span<const sim::BlockWork> work, sim::Progress& progress) const override {
    suited(work.front().experiment).run(work, progress);
  }

 private:
  const sim::BlockExecutor& suited(const sim::Experiment& experiment) const {
    if (experiment.precision == sim::Precision::float32) return *float32_;
    return float64_;
  }

  std::unique_ptr<sim::BlockExecutor> float32_;
  sim::cuda::DeviceExecutor<CudaDevice, double> float64_;
};

class CudaEngine final : public sim::Engine {
 public:
  CudaEngine(std::vector<Device> devices, Functions functions, int threads)
      : devices_(std::move(devices)),
        functions_(functions),
        threads_(threads),
        kernels_(sim::widest_kernels()),
        executor_(indices(devices_), functions, threads) {}

  std::string_view name() const override {
    return functions_ == Functions::approximate ? "cuda-approximate" : "cuda";
  }
  std::string description() const override {
    std::string text;
    for (const Device& device : devices_) text += (text.empty() ? "" : ", ") + described(device);
    return text + "; splitting: " + std::string(sim::instruction_set(kernels_)) + ", " +
           std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
  }
  std::string_view approximation(const sim::Experiment& experiment) const override {
    const bool exact = functions_ == Functions::exact || experiment.precision != sim::Precision::float32;
    return exact ? "" : "the steps' elementary functions are the hardware's approximate ones";
  }
  sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
    return sim::simulate(experiment, executor_, kernels_, threads_, control);
  }
  void run_many(std::span<const sim::Experiment* const> experiments, const sim::RunControl& control,
                const std::function<void(sim::Estimates&&)>& take) const override {
    sim::simulate_many(experiments, executor_, kernels_, threads_, control, take);
  }

 private:
  static std::vector<int> indices(const std::vector<Device>& devices) {
    std::vector<int> found;
    for (const Device& device : devices) found.push_back(device.index);
    return found;
  }

  std::vector<Device> devices_;
  Functions functions_;
  int threads_;
  const sim::Kernels& kernels_;
  SuitedExecutor executor_;
};

}  // namespace

bool has_cuda_engine() { return true; }

bool has_driver() {
  int version = 0;
  return cudaDriverGetVersion(&version) == cudaSuccess && version > 0;
}

std::vector<Device> devices() {
  if (!has_driver()) throw sim::EngineUnavailable("there is no CUDA driver");
  int count = 0;
  BNC_CUDA(cudaGetDeviceCount(&count));
  std::vector<Device> found;
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties;
    BNC_CUDA(cudaGetDeviceProperties(&properties, i));
    found.push_back({i, properties.name, properties.major, properties.minor, properties.multiProcessorCount,
                     properties.totalGlobalMem});
  }
  if (found.empty()) throw sim::EngineUnavailable("there is no CUDA device");
  return found;
}

std::unique_ptr<sim::Engine> make_cuda_engine(int threads, Functions functions) {
  std::vector<Device> found = devices();
  for (const Device& device : found) require_code_for(device);
  return std::make_unique<CudaEngine>(std::move(found), functions, sim::thread_count(threads));
}

}  // namespace bncollapse::gpu
