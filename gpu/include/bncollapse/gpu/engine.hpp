#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/sim/engine.hpp"

namespace bncollapse::gpu {

/// A CUDA device that this process sees.
struct Device {
  int index = 0;
  std::string name;
  int compute_major = 0, compute_minor = 0;
  int multiprocessors = 0;
  std::size_t memory_bytes = 0;
};

/// Whether this build holds the cuda engine.
bool has_cuda_engine();

/// Whether a CUDA driver is installed here; false where this build has no cuda engine.
bool has_driver();

/// The CUDA devices, none where this build has no cuda engine. Throws sim::EngineUnavailable, with the
/// reason, where there is no driver, it does not answer, or it has no device.
std::vector<Device> devices();

/// Whose logarithm, exponential, root, sine, cosine and division float32 steps take. Exact: the simulator's
/// own, with which the estimates are those of every other engine, bit for bit. Approximate: the hardware's,
/// which are faster; the estimates agree with the exact ones statistically, and Engine::approximation says
/// so. Float64, records, rejection-free walks and splitting are exact in any case.
enum class Functions { exact, approximate };

/// The engine on all CUDA devices.
/// @param threads  of the host, for what a device does not do; as for sim::make_engine
/// Throws sim::EngineUnavailable: not in this build, no driver, no device, none of an architecture that this
/// build has code for. Its `run` throws the same where the devices' memory is too small or a CUDA call fails.
std::unique_ptr<sim::Engine> make_cuda_engine(int threads = 0, Functions functions = Functions::exact);

struct ChosenEngine {
  std::unique_ptr<sim::Engine> engine;
  /// Why `automatic` did not take the cuda engine of this build, where a driver is installed and it might
  /// have been expected; empty otherwise. The engine's description says it in any case.
  std::string note;
};
/// The engine of that name; `automatic` takes cuda where it can and cpu otherwise.
/// Throws sim::EngineUnavailable, theory::InvalidArgument.
ChosenEngine make_engine(sim::EngineName name, int threads = 0);

}  // namespace bncollapse::gpu
