#include "bncollapse/study/workload.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "bncollapse/study/point.hpp"
#include "bncollapse/theory/neuron.hpp"
#include "description.hpp"
#include "initial_nodes.hpp"
#include "work_limits.hpp"

namespace bncollapse::study {
namespace {

// Measured orders of magnitude on one core: plain float32 steps, a convolution's multiplications.
constexpr double steps_per_second = 5e8;
constexpr double multiplications_per_second = 2e10;
constexpr double bytes_per_stored_row = 60;
/// While a store is judged.
constexpr double bytes_per_row = 100;
constexpr double base_memory = 3e7;

constexpr double waits_per_second = 2e6;

double work_of(const sim::Experiment& experiment) {
  const double batch =
      experiment.model.batch_mode == sim::BatchMode::exact ? static_cast<double>(experiment.model.batch) : 1;
  const double twins = experiment.recording.antithetic ? 2 : 1;
  return static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps) * batch * twins;
}

/// Rejection-free walks wait for each active sample; the rate is that of the start.
double seconds_of(const sim::Experiment& experiment) {
  if (!experiment.rejection_free) return work_of(experiment) / steps_per_second;
  const double active =
      theory::activation_probability(*experiment.model.x_law, mean_initial_neuron(experiment));
  const double waits = 1 + active * static_cast<double>(experiment.steps);
  return static_cast<double>(experiment.trajectories) * waits / waits_per_second;
}

/// The exact drift of the first step, once for each node of the initial law.
double seconds_of_predictions(const sim::Experiment& experiment) {
  const sim::Model& model = experiment.model;
  const bool gaussian =
      model.x_law->name() == theory::LawName::gaussian && model.noise.law == theory::NoiseLaw::gaussian;
  const bool heavy = model.x_law->name() == theory::LawName::student_t;
  const double seconds = gaussian ? 0.01 : heavy ? 0.4 : 0.1;
  return seconds * static_cast<double>(initial_nodes(experiment).size());
}

double memory_of_machine() {
  const double physical =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGE_SIZE));
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return physical;
  return std::min(physical, static_cast<double>(limit.rlim_cur));
}

}  // namespace

Workload workload_of(const std::vector<Point>& points, int threads) {
  constexpr double sums_of_record = 500;
  Workload workload{.points = points.size(), .threads = threads};
  double rows = 0, largest = 0, held = 0;
  for (const Point& point : points) {
    const sim::Experiment& experiment = point.experiment;
    const PointRows point_rows = rows_of(experiment);
    const auto records = static_cast<double>(experiment.recording.steps.size());
    workload.steps += static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
    workload.seconds += seconds_of(experiment) / threads + seconds_of_predictions(experiment);
    rows += point_rows.records + point_rows.paths;
    workload.disk += 8 * point_rows.bins;
    held += 8 * records;
    if (const auto* table = std::get_if<sim::InitialTable>(&experiment.initial))
      held += 16 * static_cast<double>(table->gamma.size());
    // Every thread counts into histograms of its own; blocks wait for their turn to be merged.
    largest =
        std::max(largest, 8 * point_rows.bins * (threads + 1) + sums_of_record * records * (5 * threads + 1) +
                              bytes_per_row * point_rows.paths);
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
    workload.seconds += passes * steps * batch * network.multiplications / multiplications_per_second;
    rows += channel_rows(point) + static_cast<double>(training.rounds * training.epochs);
    const double copies = point.keep_round_checkpoints ? static_cast<double>(training.rounds) : 1;
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
        .fail(fmt::format(
            "needs some {:.3g} GB of memory, here are {:.3g} GB; take a smaller batch or network, or record "
            "fewer steps",
            workload.memory / 1e9, there / 1e9));
  }
  place.key("simulation")
      .fail(fmt::format(
          "needs some {:.3g} GB of memory on {} threads, here are {:.3g} GB; take fewer bins, records or "
          "points, or fewer threads (run --threads)",
          workload.memory / 1e9, workload.threads, there / 1e9));
}

}  // namespace bncollapse::study
