#include "bncollapse/sim/engine.hpp"

namespace bncollapse::sim {

void Engine::run_many(std::span<const Experiment* const> experiments, const RunControl& control,
                      const std::function<void(Estimates&&)>& take) const {
  std::int64_t before = 0;
  for (const Experiment* experiment : experiments) {
    RunControl part = control;
    if (control.on_progress) {
      part.on_progress = [&control, before](std::int64_t done) { control.on_progress(before + done); };
    }
    take(run(*experiment, part));
    before += experiment->trajectories * experiment->steps;
  }
}

}  // namespace bncollapse::sim
