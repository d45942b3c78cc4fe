#define BNC_TARGET cuda
#include <omp.h>

#include <memory>
#include <string>
#include <vector>

#include "bncollapse/gpu/engine.hpp"
#include "cuda_device.cuh"
#include "device_executor.hpp"
#include "engines.hpp"

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

class CudaEngine final : public sim::Engine {
 public:
  CudaEngine(std::vector<Device> devices, int threads)
      : devices_(std::move(devices)),
        threads_(threads),
        kernels_(sim::widest_kernels()),
        executor_(indices(devices_), threads) {}

  std::string_view name() const override { return "cuda"; }
  std::string description() const override {
    std::string text;
    for (const Device& device : devices_) text += (text.empty() ? "" : ", ") + described(device);
    return text + "; rejection-free walks and splitting: " + std::string(kernels_.instruction_set) + ", " +
           std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
  }
  sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
    if (experiment.rejection_free) return sim::simulate(experiment, kernels_, threads_, control);
    return sim::simulate(experiment, executor_, kernels_, threads_, control);
  }

 private:
  static std::vector<int> indices(const std::vector<Device>& devices) {
    std::vector<int> found;
    for (const Device& device : devices) found.push_back(device.index);
    return found;
  }

  std::vector<Device> devices_;
  int threads_;
  const sim::Kernels& kernels_;
  sim::cuda::DeviceExecutor<CudaDevice> executor_;
};

}  // namespace

bool has_cuda_engine() { return true; }

std::vector<Device> devices() {
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

std::unique_ptr<sim::Engine> make_cuda_engine(int threads) {
  std::vector<Device> found = devices();
  for (const Device& device : found) require_code_for(device);
  return std::make_unique<CudaEngine>(std::move(found), sim::thread_count(threads));
}

}  // namespace bncollapse::gpu
