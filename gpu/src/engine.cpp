#include "bncollapse/gpu/engine.hpp"

namespace bncollapse::gpu {

ChosenEngine make_engine(sim::EngineName name, int threads) {
  if (name == sim::EngineName::cuda) return {make_cuda_engine(threads), {}};
  if (name != sim::EngineName::automatic || !has_cuda_engine()) return {sim::make_engine(name, threads), {}};
  try {
    return {make_cuda_engine(threads), {}};
  } catch (const sim::EngineUnavailable& reason) {
    return {sim::make_engine(sim::EngineName::cpu, threads), reason.what()};
  }
}

}  // namespace bncollapse::gpu
