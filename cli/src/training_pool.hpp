#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bncollapse/nets/trainer.hpp"
#include "job_count.hpp"

namespace bncollapse::cli {

/// A training that did not end well.
struct FailedTraining {
  std::int64_t point = 0;
  int exit_code = 3;  ///< of its process; 3 where a signal ended it
};

/// Processes of this program, each of which trains one point of a run.
struct TrainingPool {
  std::vector<std::string> arguments;  ///< of every process, but for `--point I`
  JobCount jobs;                       ///< at once
  const std::atomic<bool>* stop = nullptr;
  std::function<void(std::int64_t point, const nets::Progress&)> on_progress;
  std::function<void(std::int64_t point)> on_finished;
  std::function<void(const std::string&)> on_message;

  /// Trains all points, even where some fail, and returns those that failed. When told to stop, it stops the
  /// processes and returns when they have ended. Throws study::RunError where no process can be started.
  std::vector<FailedTraining> run(const std::vector<std::int64_t>& points) const;
};

}  // namespace bncollapse::cli
