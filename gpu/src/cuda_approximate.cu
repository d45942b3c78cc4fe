// The shared source for devices with approximate elementary functions, compiled with fast mathematics.
#define BNC_TARGET cuda_approximate
#define BNC_APPROXIMATE
#include "approximate.hpp"
#include "cuda_device.cuh"
#include "device_executor.hpp"

namespace bncollapse::gpu {

std::unique_ptr<sim::BlockExecutor> make_approximate_executor(std::vector<int> devices, int threads) {
  return std::make_unique<sim::cuda_approximate::DeviceExecutor<CudaDevice, float>>(std::move(devices),
                                                                                    threads);
}

}  // namespace bncollapse::gpu
