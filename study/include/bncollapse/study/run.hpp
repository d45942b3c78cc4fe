#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "bncollapse/sim/communicator.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/run_store.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/verdict.hpp"
#include "bncollapse/study/watch.hpp"

namespace bncollapse::study {

/// The work of a run, for its progress: points, and trajectory-steps over all of them.
struct Progress {
  std::int64_t points_done = 0, points = 0;
  double steps_done = 0, steps = 0;
  double steps_before = 0;  ///< of those done, by an earlier call
  std::string beside = {};  ///< work that is no step and takes long, with its share done: "curves 20 %"
};

/// Its points are kept; `on_begun` is called by rank 0 alone.
using RunWatch = Watch<Progress>;

/// Who computes a run.
struct RunShare {
  /// Processes that share the run, each calling run_spec with the same arguments. While there are as many
  /// points left as members, each member takes a point; the last points are shared trajectory by trajectory.
  /// Rank 0 writes the store, the same as that of one process, and gets the verdicts; the others get none.
  const sim::Communicator* communicator = nullptr;
  /// The engine's, for the estimate of the memory that the run takes.
  int threads = 1;
};

/// Runs a spec's sweep into FOLDER: results.sqlite, spec.resolved.json, verdicts.json. Points that an earlier
/// run finished are kept (Existing::resume). Throws InputError, RunError, sim::Interrupted.
std::vector<Verdict> run_spec(Spec spec, const std::filesystem::path& folder, const sim::Engine& engine,
                              Store::Existing existing, const RunWatch& watch = {},
                              const RunShare& share = {});

}  // namespace bncollapse::study
