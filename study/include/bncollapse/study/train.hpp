#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/trainer.hpp"
#include "bncollapse/study/network_store.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/training_point.hpp"
#include "bncollapse/study/verdict.hpp"
#include "bncollapse/study/watch.hpp"

namespace bncollapse::study {

/// The epochs done are kept; a training stops within about a second.
using TrainWatch = Watch<nets::Progress>;

/// Starts or resumes a run of trainings in FOLDER: the store and spec.resolved.json. Where points are
/// trained, and how many at once, is the caller's. Throws InputError, RunError, sim::Interrupted.
NetworkStore open_network_run(const Spec& spec, const std::filesystem::path& folder, nets::Device device,
                              int threads, Store::Existing existing, const std::atomic<bool>* stop = nullptr);

/// The same for one of many processes that start together, each with a point of the run: the first makes the
/// store, the others wait for it, up to a minute. Throws InputError, RunError, sim::Interrupted.
void join_network_run(const Spec& spec, const std::filesystem::path& folder, nets::Device device, int threads,
                      const TrainWatch& watch);

/// Trains a point of a run that has been started, from its checkpoint where there is one, to its end. Each
/// epoch's rows are committed before a checkpoint that stands after them, and those that stand after the last
/// checkpoint are deleted on resuming, so that a training that was killed anywhere goes on as if it had not
/// been. A checkpoint is written after the epoch in which the interval ends, at every round's end, and where
/// the training is interrupted or fails. While another process trains the point (one that was told to stop,
/// or whose starter was killed, may be at its last step), this one waits up to a minute. Throws InputError,
/// RunError, sim::Interrupted, nets::FileError, nets::TrainingError.
/// @param checkpoint_interval  seconds between two checkpoints, which is what a killed training loses at most
void train_point(const Spec& spec, const TrainingPoint& point, const nets::TrainAndTest& data,
                 const std::filesystem::path& folder, const TrainWatch& watch = {},
                 double checkpoint_interval = nets::CheckpointFile::usual_interval);

/// The one-step check of every channel that gets a gradient (probe.hpp), at a checkpoint.
struct ProbeRequest {
  static constexpr std::int64_t usual_batches = 100;
  std::int64_t round = 0;               ///< a round whose end was kept; 0: the one that ended last
  std::optional<std::int64_t> batches;  ///< none: usual_batches, or an epoch's where it has fewer
  double learning_rate = 0;             ///< 0: the training's own at a round's start
};
/// Writes the rows of the table `probe`, too. Throws InputError where there is no such checkpoint or it does
/// not stand at a round's end, and as train_point.
std::vector<ProbedChannel> probe_point(NetworkStore& store, const TrainingPoint& point,
                                       const nets::TrainAndTest& data, const std::filesystem::path& folder,
                                       const ProbeRequest& request);

/// Judges a finished run; the verdicts go into the store and FOLDER/verdicts.json. Throws sim::Interrupted.
std::vector<Verdict> judge_network_run(NetworkStore& store, const std::filesystem::path& folder,
                                       const TrainWatch& watch = {});

}  // namespace bncollapse::study
