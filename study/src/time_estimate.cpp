#include "bncollapse/study/time_estimate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <map>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/prediction.hpp"
#include "work_limits.hpp"

namespace bncollapse::study {
namespace {

/// For each part of the work that is measured.
constexpr double seconds_to_spend = 0.25;
/// Measured orders of magnitude.
constexpr double seconds_per_row = 3e-6, seconds_per_bin = 1e-8;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

double steps_of(const sim::Experiment& experiment) {
  return static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
}

/// What a stretch of work took, and which share of it that was.
struct Measured {
  double seconds = 0, share = 1;

  double all() const { return seconds / share; }
};

/// Runs an experiment for about as long as there is to spend.
Measured run_part(const sim::Experiment& experiment, const sim::Engine& engine) {
  std::atomic<bool> stop = false;
  Measured told{0, 0};
  const Stopwatch watch;
  const sim::RunControl control{
      .on_progress =
          [&](std::int64_t done) {
            told = {watch.seconds(), static_cast<double>(done) / steps_of(experiment)};
            stop = told.share > 0 && told.seconds > seconds_to_spend;
          },
      .stop = &stop};
  try {
    engine.run(experiment, control);
  } catch (const sim::Interrupted&) {
    return {told.seconds, std::min(told.share, 1.0)};
  } catch (const sim::Diverged&) {
    // So will the run.
  }
  return {watch.seconds(), 1};
}

/// The experiment with fewer trajectories, and no more histograms than are counted at once.
sim::Experiment part_of(const sim::Experiment& experiment, std::int64_t trajectories) {
  constexpr double most_bins = 1e6;
  sim::Experiment part = experiment;
  part.trajectories = trajectories;
  part.splitting.reset();
  part.recording.paths = std::min(part.recording.paths, trajectories);
  part.recording.histograms = part.recording.histograms && rows_of(experiment).bins <= most_bins;
  return part;
}

/// From ever more trajectories; those of the last two measurements tell what each one more costs.
double seconds_of_trajectories(const sim::Experiment& experiment, const sim::Engine& engine) {
  constexpr std::int64_t fewest = 64, most_growth = 1000;
  std::int64_t count = std::min(experiment.trajectories, fewest), before = 0;
  double seconds_before = 0;
  for (;;) {
    const Measured measured = run_part(part_of(experiment, count), engine);
    const double each = std::max(measured.all() - seconds_before, 0.0) / static_cast<double>(count - before);
    const bool is_enough = measured.share < 1 || 2 * measured.seconds > seconds_to_spend;
    if (is_enough || count == experiment.trajectories)
      return measured.all() + each * static_cast<double>(experiment.trajectories - count);
    before = count;
    seconds_before = measured.seconds;
    const double growth = std::min(seconds_to_spend / measured.seconds, static_cast<double>(most_growth));
    count =
        std::min<std::int64_t>(experiment.trajectories, std::llround(growth * static_cast<double>(count)));
  }
}

/// From few particles.
double seconds_of_splitting(const sim::Experiment& experiment, const sim::Engine& engine) {
  constexpr std::int64_t few = 32;
  if (!experiment.splitting) return 0;
  sim::Experiment part = part_of(experiment, 1);
  part.splitting = experiment.splitting;
  part.splitting->particles = std::min(part.splitting->particles, few);
  part.splitting->replicas = 1;
  const double particles =
      static_cast<double>(experiment.splitting->particles) / static_cast<double>(part.splitting->particles);
  return run_part(part, engine).seconds * particles * static_cast<double>(experiment.splitting->replicas);
}

double seconds_of_simulation(const sim::Experiment& experiment, const sim::Engine& engine) {
  return seconds_of_trajectories(experiment, engine) + seconds_of_splitting(experiment, engine);
}

/// Of work that tells its share. Where it tells none for long, no more than that is known.
template <class Work>
double seconds_of(const Work& work) {
  struct Enough {};
  Measured told;
  const Stopwatch watch;
  try {
    work([&](double share) {
      told = {watch.seconds(), share};
      if (told.seconds > seconds_to_spend * (share > 0 ? 1 : 8)) throw Enough();
    });
  } catch (const Enough&) {
    return told.share > 0 ? told.all() : told.seconds;
  }
  return watch.seconds();
}

sim::TimeHistogram time_histogram_of(const sim::Experiment& experiment) {
  sim::TimeHistogram times;
  const std::int64_t bins = std::min(experiment.recording.time_bins, experiment.steps);
  times.bin_width = (experiment.steps + bins - 1) / bins;
  times.counts.resize(static_cast<std::size_t>(bins));
  return times;
}

double seconds_of_prediction(const sim::Experiment& experiment) {
  return seconds_of([&](const WorkWatch& watch) {
    predict(experiment, watch);
    if (experiment.recording.first_activation)
      predict_first_activation(experiment, time_histogram_of(experiment), watch);
  });
}

double seconds_to_store(const sim::Experiment& experiment) {
  const PointRows rows = rows_of(experiment);
  return seconds_per_row * (rows.records + rows.paths) + seconds_per_bin * rows.bins;
}

}  // namespace

double measure_seconds(const std::vector<Point>& points, const Json& curves, const sim::Engine& engine) {
  struct Cost {
    double step = 0;  ///< seconds per trajectory-step
    double prediction = 0;
  };
  std::map<std::size_t, Cost> costs;
  for (const std::size_t i : {std::size_t{0}, points.size() / 2, points.size() - 1}) {
    if (costs.count(i) > 0) continue;
    const sim::Experiment& experiment = points[i].experiment;
    costs[i] = {seconds_of_simulation(experiment, engine) / steps_of(experiment),
                seconds_of_prediction(experiment)};
  }
  double seconds = seconds_of([&](const WorkWatch& watch) { curve_samples(curves, points, watch); });
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto next = costs.lower_bound(i), last = next->first == i ? next : std::prev(next);
    const double share =
        next == last ? 0
                     : static_cast<double>(i - last->first) / static_cast<double>(next->first - last->first);
    const sim::Experiment& experiment = points[i].experiment;
    seconds += steps_of(experiment) * std::lerp(last->second.step, next->second.step, share) +
               std::lerp(last->second.prediction, next->second.prediction, share) +
               seconds_to_store(experiment);
  }
  return seconds;
}

}  // namespace bncollapse::study
