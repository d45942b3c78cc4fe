#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bncollapse/nets/training.hpp"
#include "bncollapse/study/training_point.hpp"
#include "progress.hpp"
#include "training_pool.hpp"

namespace bncollapse::cli {

/// How a run's points are trained.
struct ScheduleOptions {
  std::vector<std::string> arguments;  ///< of each process, but for `--point I`
  nets::Device device = nets::Device::cpu;
  int threads = 1;  ///< of each training
  int jobs = 0;     ///< trainings at once; 0: as many as the cores or the device make faster
  bool resumed = false;
};

/// Trains the open points of a run side by side, each in a process of its own, and shows how far all are.
class TrainingScheduler {
 public:
  /// @param finished  the points that are not trained again
  TrainingScheduler(const std::vector<study::TrainingPoint>& points, const std::set<std::int64_t>& finished,
                    ProgressView& view);

  /// Returns the points that failed. On CUDA devices several trainings share NVIDIA's MPS, which it starts
  /// and stops where it is installed. Throws study::RunError where no process can be started.
  std::vector<FailedTraining> run(const ScheduleOptions& options, const std::atomic<bool>& stop);

 private:
  void show(const std::string& detail = {});
  void report(std::int64_t point, const nets::Progress& now, bool resumed);
  void finish(std::int64_t point);

  ProgressView& view_;
  study::Progress progress_;
  std::map<std::int64_t, double> steps_;       ///< of each point
  std::map<std::int64_t, double> steps_done_;  ///< of those that have reported
  std::vector<std::int64_t> open_;
};

/// The option of the processes that `TrainingScheduler` starts to see whether a process can use a CUDA
/// device.
inline constexpr const char* cuda_probe_option = "--cuda-works";

}  // namespace bncollapse::cli
