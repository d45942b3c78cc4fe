#include "training_scheduler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>

#include "cuda_mps.hpp"
#include "training_progress.hpp"

namespace bncollapse::cli {
namespace {

/// Whether a process of its own computes on a CUDA device within 30 s: under a broken MPS it may hang.
bool another_process_uses_cuda() {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string command =
      fmt::format("timeout 30 '{}' train any {} >/dev/null 2>&1", self, cuda_probe_option);
  return std::system(command.c_str()) == 0;
}

/// Of so many open points. A training on a device keeps a core busy, too.
JobCount job_count(const ScheduleOptions& options, std::size_t open) {
  if (options.jobs > 0) return JobCount::given(options.jobs);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int side_by_side = std::max(1, cores / options.threads);
  if (options.device == nets::Device::cpu) return JobCount::given(side_by_side);
  return JobCount::measured(std::max(1, std::min(side_by_side, static_cast<int>(open))));
}

}  // namespace

TrainingScheduler::TrainingScheduler(const std::vector<study::TrainingPoint>& points,
                                     const std::set<std::int64_t>& finished, ProgressView& view)
    : view_(view), progress_{.points = static_cast<std::int64_t>(points.size())} {
  for (const study::TrainingPoint& point : points) {
    const auto steps = static_cast<double>(point.total_steps());
    steps_[point.index] = steps;
    progress_.steps += steps;
    if (finished.contains(point.index)) {
      ++progress_.points_done;
      steps_done_[point.index] = steps;
      progress_.steps_before += steps;
    } else {
      open_.push_back(point.index);
    }
  }
  if (!finished.empty())
    view_.message(fmt::format("{} of {} points were finished before", finished.size(), points.size()));
}

std::vector<FailedTraining> TrainingScheduler::run(const ScheduleOptions& options,
                                                   const std::atomic<bool>& stop) {
  std::optional<CudaMps> mps;
  if (options.device == nets::Device::cuda && options.jobs != 1 && open_.size() > 1) {
    mps.emplace(another_process_uses_cuda);
    view_.message(mps->state());
  }
  const TrainingPool pool{
      .arguments = options.arguments,
      .jobs = job_count(options, open_.size()),
      .stop = &stop,
      .on_progress = [&](std::int64_t point,
                         const nets::Progress& now) { report(point, now, options.resumed); },
      .on_finished = [&](std::int64_t point) { finish(point); },
      .on_message = [&](const std::string& text) { view_.message(text); }};
  return pool.run(open_);
}

void TrainingScheduler::show(const std::string& detail) {
  progress_.steps_done = 0;
  for (const auto& [point, steps] : steps_done_) progress_.steps_done += steps;
  view_.show(progress_, detail);
}

void TrainingScheduler::report(std::int64_t point, const nets::Progress& now, bool resumed) {
  const auto step = static_cast<double>(now.step);
  // A training goes on from its checkpoint, which its first report tells.
  if (steps_done_.try_emplace(point, step).second && resumed) progress_.steps_before += step;
  steps_done_[point] = step;
  show(fmt::format("point {}: {}", point, describe(now)));
}

void TrainingScheduler::finish(std::int64_t point) {
  ++progress_.points_done;
  steps_done_[point] = steps_.at(point);
  show();
}

}  // namespace bncollapse::cli
