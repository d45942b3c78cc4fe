#include "bncollapse/study/time_estimate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/prediction.hpp"
#include "spec/work_limits.hpp"

namespace bncollapse::study {
namespace {

/// For each part of the work that is measured.
constexpr double seconds_to_spend = 0.25;
/// So many times that, for what tells no progress.
constexpr double patience = 4;
/// Measured orders of magnitude.
constexpr double seconds_per_row = 3e-6, seconds_per_bin = 1e-8;

/// Where the parts of the work are measured.
struct Bench {
  const sim::Engine& engine;
  int threads;
  const Clock& clock;
};

class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock) : clock_(clock) {}
  double seconds() const { return clock_() - start_; }

 private:
  const Clock& clock_;
  double start_ = clock_();
};

/// Sets `stop` after so many seconds, unless its life ends before.
class Alarm {
 public:
  Alarm(double seconds, std::atomic<bool>& stop)
      : thread_([seconds, &stop](const std::stop_token& over) {
          std::mutex mutex;
          std::condition_variable_any never;
          std::unique_lock lock(mutex);
          never.wait_for(lock, over, std::chrono::duration<double>(seconds), [] { return false; });
          if (!over.stop_requested()) stop = true;
        }) {}

 private:
  std::jthread thread_;
};

double steps_of(const sim::Experiment& experiment) {
  return static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
}

/// Samples, or steps where a batch is one draw.
double work_of(const sim::Experiment& experiment) {
  const bool draws_each = experiment.model.batch_mode == sim::BatchMode::exact;
  return steps_of(experiment) * (draws_each ? static_cast<double>(experiment.model.batch) : 1);
}

/// What a stretch of work took, and which share of it that was; 0: unknown.
struct Measured {
  double seconds = 0, share = 1;

  /// Of all the work; no more than is known.
  double all() const { return share > 0 ? seconds / share : seconds; }
};

/// Runs an experiment for about as long as there is to spend, where it tells no progress for longer.
Measured run_part(const sim::Experiment& experiment, const Bench& bench) {
  std::atomic<bool> stop = false;
  const Alarm alarm(patience * seconds_to_spend, stop);
  Measured told{0, 0};
  const Stopwatch watch(bench.clock);
  const sim::RunControl control{
      .on_progress =
          [&](std::int64_t done) {
            told = {watch.seconds(), static_cast<double>(done) / steps_of(experiment)};
            stop = told.share > 0 && told.seconds > seconds_to_spend;
          },
      .stop = &stop};
  try {
    bench.engine.run(experiment, control);
  } catch (const sim::Interrupted&) {
    return told.share > 0 ? Measured{told.seconds, std::min(told.share, 1.0)} : Measured{watch.seconds(), 0};
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

/// From ever more trajectories; those of the last two measurements tell what each one more costs. The first
/// fill a block of each thread's.
double seconds_of_trajectories(const sim::Experiment& experiment, const Bench& bench) {
  constexpr std::int64_t block = 64, most_growth = 1000;
  std::int64_t count = std::min(experiment.trajectories, block * bench.threads), before = 0;
  double seconds_before = 0;
  for (;;) {
    const Measured measured = run_part(part_of(experiment, count), bench);
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

/// From few particles on a short way.
double seconds_of_splitting(const sim::Experiment& experiment, const Bench& bench) {
  constexpr std::int64_t few = 32, most_steps = 10'000'000;
  if (!experiment.splitting) return 0;
  sim::Experiment part = part_of(experiment, 1);
  part.splitting = experiment.splitting;
  part.splitting->particles = std::min(part.splitting->particles, few);
  const std::int64_t walks = part.splitting->particles * part.splitting->replicas;
  part.steps = std::clamp<std::int64_t>(most_steps / walks, 1, experiment.steps);
  part.recording.steps = {part.steps};
  const auto ratio = [](std::int64_t whole, std::int64_t part_of_it) {
    return static_cast<double>(whole) / static_cast<double>(part_of_it);
  };
  return run_part(part, bench).seconds * ratio(experiment.splitting->particles, part.splitting->particles) *
         ratio(experiment.steps, part.steps);
}

double seconds_of_simulation(const sim::Experiment& experiment, const Bench& bench) {
  return seconds_of_trajectories(experiment, bench) + seconds_of_splitting(experiment, bench);
}

/// Of work that tells its share; where that falls, another part of the work has begun. Where it tells none
/// for long, no more than that is known.
template <class Work>
double seconds_of(const Work& work, const Clock& clock) {
  struct Enough {};
  double before = 0;  // of the parts that have ended
  Measured told{0, 0};
  const Stopwatch watch(clock);
  try {
    work([&](double share) {
      if (share < told.share) before = watch.seconds();
      told = {watch.seconds() - before, share};
      if (told.seconds > seconds_to_spend * (share > 0 ? 1 : patience)) throw Enough();
    });
  } catch (const Enough&) {
    return before + told.all();
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

double seconds_of_prediction(const sim::Experiment& experiment, const Clock& clock) {
  return seconds_of(
      [&](const WorkWatch& watch) {
        predict(experiment, watch);
        if (experiment.recording.first_activation)
          predict_first_activation(experiment, time_histogram_of(experiment), watch);
      },
      clock);
}

double seconds_to_store(const sim::Experiment& experiment) {
  const PointRows rows = rows_of(experiment);
  return seconds_per_row * (rows.records + rows.paths + rows.time_bins) + seconds_per_bin * rows.bins;
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double measure_seconds(const std::vector<Point>& points, const Json& curves, const sim::Engine& engine,
                       int threads, const Clock& clock) {
  const Bench bench{engine, threads, clock};
  /// Seconds that a point takes.
  struct Cost {
    double work = 0;
    double simulation = 0, prediction = 0;
  };
  std::vector<const sim::Experiment*> experiments;
  experiments.reserve(points.size());
  for (const Point& point : points) experiments.push_back(&point.experiment);
  std::stable_sort(experiments.begin(), experiments.end(),
                   [](const auto* a, const auto* b) { return work_of(*a) < work_of(*b); });
  std::map<std::size_t, Cost> measured;
  for (const std::size_t i : {std::size_t{0}, experiments.size() / 2, experiments.size() - 1}) {
    if (measured.count(i) > 0) continue;
    const sim::Experiment& experiment = *experiments[i];
    measured[i] = {work_of(experiment), seconds_of_simulation(experiment, bench),
                   seconds_of_prediction(experiment, clock)};
  }
  double seconds = seconds_of([&](const WorkWatch& watch) { curve_samples(curves, points, watch); }, clock);
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    const auto next = measured.lower_bound(i), last = next->first == i ? next : std::prev(next);
    const Cost &low = last->second, &high = next->second;
    const auto between = [](double from, double to, double at) {
      return from < to ? (at - from) / (to - from) : 0;
    };
    const double share =
        low.work < high.work
            ? between(std::log(low.work), std::log(high.work), std::log(work_of(*experiments[i])))
            : between(static_cast<double>(last->first), static_cast<double>(next->first),
                      static_cast<double>(i));
    const auto interpolated = [share](double from, double to) {
      return from > 0 && to > 0 ? std::exp(std::lerp(std::log(from), std::log(to), share))
                                : std::lerp(from, to, share);
    };
    seconds += interpolated(low.simulation, high.simulation) + interpolated(low.prediction, high.prediction) +
               seconds_to_store(*experiments[i]);
  }
  return seconds;
}

}  // namespace bncollapse::study
