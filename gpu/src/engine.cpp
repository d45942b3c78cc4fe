#include "bncollapse/gpu/engine.hpp"

#include <string>
#include <utility>

namespace bncollapse::gpu {
namespace {

/// An engine taken in place of the cuda engine: it says so wherever its description goes.
class Substitute final : public sim::Engine {
 public:
  Substitute(std::unique_ptr<sim::Engine> engine, std::string reason)
      : engine_(std::move(engine)), reason_(std::move(reason)) {}

  std::string_view name() const override { return engine_->name(); }
  std::string description() const override { return engine_->description() + "; cuda not taken: " + reason_; }
  sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
    return engine_->run(experiment, control);
  }

 private:
  std::unique_ptr<sim::Engine> engine_;
  std::string reason_;
};

}  // namespace

ChosenEngine make_engine(sim::EngineName name, int threads) {
  if (name == sim::EngineName::cuda) return {make_cuda_engine(threads), {}};
  if (name == sim::EngineName::cuda_approximate) {
    return {make_cuda_engine(threads, Functions::approximate), {}};
  }
  if (name != sim::EngineName::automatic || !has_cuda_engine()) return {sim::make_engine(name, threads), {}};
  try {
    return {make_cuda_engine(threads), {}};
  } catch (const sim::EngineUnavailable& reason) {
    auto cpu = sim::make_engine(sim::EngineName::cpu, threads);
    return {std::make_unique<Substitute>(std::move(cpu), reason.what()),
            has_driver() ? reason.what() : std::string()};
  }
}

}  // namespace bncollapse::gpu
