#include "host/engines.hpp"

#include <omp.h>

#include <string>
#include <utility>

#include "bncollapse/sim/fields.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "host/simulation.hpp"
#include "kernel_table.hpp"

namespace bncollapse::sim {
namespace {

class KernelEngine final : public Engine {
 public:
  KernelEngine(const Kernels& kernels, std::string_view name, int threads)
      : kernels_(kernels), name_(name), threads_(threads) {}

  std::string_view name() const override { return name_; }
  std::string description() const override {
    return std::string(kernels_.instruction_set) + ", " + std::to_string(kernels_.float32.width) +
           " float32 or " + std::to_string(kernels_.float64.width) + " float64 lanes, " +
           std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
  }
  Estimates run(const Experiment& experiment, const RunControl& control) const override {
    return simulate(experiment, kernels_, threads_, control);
  }

 private:
  const Kernels& kernels_;
  std::string name_;
  int threads_;
};

}  // namespace

Diverged::Diverged(std::int64_t step, std::int64_t trajectory)
    : std::runtime_error(
          "trajectory " + std::to_string(trajectory) + " is no longer finite at step " +
          std::to_string(step) +
          "; lower learning_rate or noise.std, or take precision float64 if numbers beyond 1e38 are meant"),
      step_(step),
      trajectory_(trajectory) {}

std::string_view instruction_set(const Kernels& kernels) { return kernels.instruction_set; }

const Kernels& widest_kernels() {
  const auto vectors = vector_kernels();
  return vectors.empty() ? reference_kernels() : *vectors.front();
}

int thread_count(int threads) {
  if (threads < 0) {
    throw theory::InvalidArgument(
        "threads",
        "is " + std::to_string(threads) + "; it must be 1 or more, or 0 for all that the process may use");
  }
  return threads == 0 ? omp_get_max_threads() : threads;
}

std::unique_ptr<Engine> make_engine_on(const Kernels& kernels, std::string_view name, int threads) {
  return std::make_unique<KernelEngine>(kernels, name, threads);
}

std::unique_ptr<Engine> make_engine(EngineName name, int threads) {
  threads = thread_count(threads);
  switch (name) {
    case EngineName::reference:
      return make_engine_on(reference_kernels(), fields::name_of(name), threads);
    case EngineName::cuda:
    case EngineName::cuda_approximate:
      throw EngineUnavailable("the cuda engines come from gpu::make_engine; take cpu or reference");
    case EngineName::automatic:
    case EngineName::cpu:
      break;
  }
  return make_engine_on(widest_kernels(), fields::name_of(EngineName::cpu), threads);
}

}  // namespace bncollapse::sim
