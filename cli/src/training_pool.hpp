#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "job_count.hpp"

namespace bncollapse::cli {

/// What a training tells of itself, once a second, as a JSON object on a line of stderr.
struct TrainingProgress {
  std::int64_t round = 0, epoch = 0;
  std::int64_t step = 0;
  double loss = 0, accuracy = 0, small_scale_share = 0;
  double device_memory = 0;  ///< share in use; 0 for the CPU
};
std::string to_line(const TrainingProgress& progress);
/// For people.
std::string describe(const TrainingProgress& progress);

/// A training that did not end well.
struct FailedTraining {
  std::int64_t point = 0;
  int exit_code = 3;  ///< of its process; 3 where a signal ended it
};

/// Processes of this program that each train one point of a run.
struct TrainingPool {
  std::vector<std::string> arguments;  ///< of every process, but for `--point I`
  JobCount jobs;                       ///< at once
  const std::atomic<bool>* stop = nullptr;
  std::function<void(std::int64_t point, const TrainingProgress&)> on_progress;
  std::function<void(std::int64_t point)> on_finished;
  std::function<void(const std::string&)> on_message;

  /// Trains the points; those that fail do not keep the others from being trained. Returns the failed ones.
  /// When told to stop, stops the processes and returns once they have ended. Throws study::RunError where no
  /// process can be started.
  std::vector<FailedTraining> run(const std::vector<std::int64_t>& points) const;
};

}  // namespace bncollapse::cli
