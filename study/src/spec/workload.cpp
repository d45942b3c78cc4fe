#include "bncollapse/study/workload.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/point.hpp"
#include "schema/field_schema.hpp"
#include "spec/work_limits.hpp"

namespace bncollapse::study {
namespace {

/// A convolution's, measured order of magnitude on one core.
constexpr double multiplications_per_second = 1.2e10;
constexpr double bytes_per_stored_row = 60;
/// While a store is judged.
constexpr double bytes_per_row = 100;
constexpr double base_memory = 3e7;

/// A particle keeps its highest scores so far: of a walk some square roots of its steps, of a drift all.
double bytes_of_particle(const sim::Experiment& experiment) {
  constexpr double bytes_per_rung = 64, highest_per_root = 8;
  const auto steps = static_cast<double>(experiment.steps);
  return bytes_per_rung * std::min(steps, highest_per_root * std::sqrt(steps)) + bytes_per_rung;
}

double memory_of_machine() {
  const double physical =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return physical;
  return std::min(physical, static_cast<double>(limit.rlim_cur));
}

}  // namespace

Workload workload_of(const std::vector<Point>& points, const Json& curves, int threads) {
  constexpr double sums_of_record = 500;
  Workload workload{.points = points.size(), .threads = threads};
  double rows = curve_sample_count(curves, points), largest = 0, held = 0;
  for (const Point& point : points) {
    const sim::Experiment& experiment = point.experiment;
    const PointRows point_rows = rows_of(experiment);
    const auto records = static_cast<double>(experiment.recording.steps.size());
    workload.steps += static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
    rows += point_rows.records + point_rows.paths + point_rows.time_bins;
    workload.disk += 8 * point_rows.bins;
    held += 8 * records;
    if (const auto* table = std::get_if<sim::InitialTable>(&experiment.initial))
      held += 16 * static_cast<double>(table->gamma.size());
    // Every thread counts into histograms of its own; blocks wait for their turn to be merged.
    largest = std::max(largest, 8 * (point_rows.bins + point_rows.time_bins) * (threads + 1) +
                                    sums_of_record * records * (5 * threads + 1) +
                                    bytes_per_row * point_rows.paths);
    if (experiment.splitting) {
      const auto replicas =
          static_cast<double>(std::min<std::int64_t>(experiment.splitting->replicas, threads));
      largest = std::max(largest, bytes_of_particle(experiment) * replicas *
                                      static_cast<double>(experiment.splitting->particles));
    }
  }
  workload.disk += bytes_per_stored_row * rows;
  workload.memory = base_memory + held + std::max(largest, bytes_per_row * rows);
  return workload;
}

Workload workload_of(const std::vector<TrainingPoint>& points) {
  constexpr double passes = 3;  // forward, and backward to inputs and to weights
  constexpr double bytes_per_image = 3072 * 5, bytes_per_parameter = 16, base = 3e8;
  Workload workload{.points = points.size()};
  double rows = 0;
  for (const TrainingPoint& point : points) {
    const nets::Training& training = point.training;
    const NetworkSize network = size_of(training.network);
    const auto steps = static_cast<double>(point.total_steps());
    const auto batch = static_cast<double>(training.batch);
    workload.steps += steps;
    // A record is a pass over its images, a round's gradients are the passes of their mini-batches.
    const auto& recording = training.recording;
    const double images =
        passes * batch * (steps + static_cast<double>(training.rounds * recording.gradient_batches)) +
        static_cast<double>(recording.images) * static_cast<double>(recording.steps.size());
    workload.seconds += images * network.multiplications / multiplications_per_second;
    rows += channel_rows(point) + static_cast<double>(training.rounds * training.epochs);
    const double copies =
        point.checkpoints == KeptCheckpoints::rounds ? static_cast<double>(training.rounds) : 1;
    workload.disk += copies * bytes_per_parameter * network.parameters;
    workload.memory =
        std::max(workload.memory, base + bytes_per_image * static_cast<double>(point.data.train_images) +
                                      8 * passes * batch * network.activations +
                                      4 * bytes_per_parameter * network.parameters);
  }
  workload.disk += 2 * bytes_per_stored_row * rows;
  workload.memory = std::max(workload.memory, base + bytes_per_row * rows);
  return workload;
}

void require_memory(const Workload& workload, const Spec& spec) {
  const double there = memory_of_machine();
  if (workload.memory <= there) return;
  const Place place{spec.file};
  if (spec.is_network()) {
    place.key("training")
        .key("batch")
        .fail(fmt::format("needs about {:.3g} GB of memory, but this machine has {:.3g} GB; take a smaller "
                          "batch or network, or record fewer steps",
                          workload.memory / 1e9, there / 1e9));
  }
  place.key("simulation")
      .fail(fmt::format(
          "needs about {:.3g} GB of memory on {} threads, but this machine has {:.3g} GB; take fewer "
          "bins, records or points, or fewer threads (run --threads)",
          workload.memory / 1e9, workload.threads, there / 1e9));
}

}  // namespace bncollapse::study
