// The cuda engine of a build without the CUDA Toolkit.
#include "bncollapse/gpu/engine.hpp"

namespace bncollapse::gpu {

bool has_cuda_engine() { return false; }

bool has_driver() { return false; }

std::vector<Device> devices() { return {}; }

std::unique_ptr<sim::Engine> make_cuda_engine(int, Functions) {
  throw sim::EngineUnavailable(
      "the cuda engine is not part of this build; take cpu or reference, or build with the CUDA Toolkit "
      "(-DBNCOLLAPSE_CUDA=ON)");
}

}  // namespace bncollapse::gpu
