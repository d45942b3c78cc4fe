// One experiment's trajectories on a device: their memory, the tasks that they want done, what is read back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "bncollapse/theory/neuron.hpp"
#include "device_arrays.hpp"
#include "device_counts.hpp"
#include "device_kernels.hpp"
#include "device_rates.hpp"
#include "device_rejection_free.hpp"
#include "host/block_result.hpp"
#include "host/plan_experiment.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// @tparam Device  see device_runner.hpp
template <class Device, class T>
class DeviceTrajectories {
 public:
  /// @param arrays        to be placed before anything else is asked for
  /// @param chunk_blocks  the most blocks of a chunk
  /// @param threads       of the host, where P of another law than the Gaussian is wanted
  DeviceTrajectories(Device& device, DeviceArrays<Device>& arrays, const Experiment& experiment,
                     const StepPlan<T>& plan, int block_size, std::int64_t chunk_blocks, int threads)
      : device_(device),
        arrays_(arrays),
        experiment_(experiment),
        plan_(plan),
        threads_(threads),
        block_size_(block_size),
        is_gaussian_(experiment.model.x_law->name() == theory::LawName::gaussian),
        start_(plan_start(experiment.initial)),
        rates_(device, arrays, experiment),
        counts_(arrays, experiment) {
    add_state(static_cast<std::size_t>(chunk_blocks * block_size));
    if (experiment.rejection_free) add_rejection_free(chunk_blocks);
    add_tables();
  }

  const Experiment& experiment() const { return experiment_; }
  const StepPlan<T>& plan() const { return plan_; }  ///< with tables on the device
  bool is_gaussian() const { return is_gaussian_; }

  /// Begins a chunk: `blocks` blocks that hold `trajectories` trajectories, from `first_trajectory` on; all
  /// or none of the blocks hold paths.
  void begin(std::int64_t first_trajectory, std::int64_t blocks, std::int64_t trajectories) {
    first_trajectory_ = first_trajectory;
    blocks_ = blocks;
    trajectories_ = trajectories;
    if (experiment_.rejection_free) {
      device_.each(trajectories, ResetNeuronTask{rejection_free_.neurons});
      device_.clear(reinterpret_cast<std::byte*>(rejection_free_.stepping_sets),
                    static_cast<std::size_t>(blocks) * sizeof(SteppingSet));
    }
  }
  bool holds_paths() const { return first_trajectory_ < experiment_.recording.paths; }

  DivergenceTask divergence_task(std::uint64_t* first) const {
    return {divergence_marks_, block_size_, first};
  }

  StartTask<T> start_task() const {
    const theory::RuleState state = theory::rule_start(experiment_.optimizer);
    return {chunk_,
            start_,
            {divergence_marks_, 1},
            plan_.key,
            static_cast<std::uint64_t>(first_trajectory_),
            static_cast<T>(state.first),
            static_cast<T>(state.second)};
  }
  StartProbabilityTask<T> start_probability_task() const { return {chunk_, experiment_.model.alpha}; }
  /// @param look  the number of the present or next look at divergence, counted from 1; so in what follows
  template <class Rule, DrawKind draw_kind, bool extras>
  AdvanceTask<T, Rule, draw_kind, extras> advance_task(const Slice<T>& slice, bool ends_at_look,
                                                       std::uint32_t look) const {
    return {plan_, slice, chunk_.state, ends_at_look, {divergence_marks_, look}};
  }
  DeviceRates<Device, T>& rates() { return rates_; }
  TimesTask times_task() const {
    TimesTask task = counts_.times();
    task.first_activation = chunk_.state.first_activation;
    task.collapse_time = chunk_.state.collapse_time;
    return task;
  }
  /// @param sums  where those of the record go, one per block
  RecordTask<T> record_task(std::size_t index, RecordSums* sums) const {
    const Recording& recording = experiment_.recording;
    RecordTask<T> task;
    task.chunk = chunk_;
    task.trajectories = trajectories_;
    task.block_size = block_size_;
    task.alpha = experiment_.model.alpha;
    task.thresholds = {recording.gamma_threshold, recording.probability_threshold};
    task.counts_bins = recording.histograms;
    if (recording.histograms) task.histograms = counts_.histograms(index);
    task.sums = sums;
    return task;
  }

  /// Steps first_step + 1 ... first_step + steps of all trajectories of the chunk.
  Slice<T> slice(std::int64_t first_step, std::int64_t steps) {
    Slice<T> slice;
    slice.first_trajectory = static_cast<std::uint64_t>(first_trajectory_);
    slice.first_step = first_step;
    slice.steps = steps;
    slice.rates = rates_.from(first_step, steps);
    return slice;
  }

  /// Of a rejection-free walk from step `from` to `to`, which share a learning rate.
  SortTask<T> sort_task(std::int64_t from, std::int64_t to) const {
    return {
        rejection_free_plan_from(from), chunk_.state, rejection_free_, trajectories_, block_size_, from, to};
  }
  WaitTask<T> wait_task(std::int64_t from, std::uint32_t look) const {
    return {rejection_free_plan_from(from),
            chunk_.state,
            rejection_free_,
            {divergence_marks_, look},
            static_cast<std::uint64_t>(first_trajectory_),
            Device::waits_per_launch};
  }
  /// `steps` steps of each stepping set's round, from its step `offset` on.
  template <DrawKind draw_kind, bool extras>
  SteppingSetTask<T, draw_kind, extras> stepping_set_task(std::int64_t offset, std::int64_t steps,
                                                          const Rates<T>& rates, std::uint32_t look) const {
    return {plan_,
            chunk_.state,
            rejection_free_,
            {divergence_marks_, look},
            static_cast<std::uint64_t>(first_trajectory_),
            block_size_,
            offset,
            steps,
            rates};
  }
  /// Trajectory-steps that lie behind all neurons of a block, over the blocks.
  std::int64_t steps_behind() {
    const std::vector<SteppingSet> sets =
        download(rejection_free_.stepping_sets, static_cast<std::size_t>(blocks_));
    std::int64_t steps = 0;
    for (std::size_t block = 0; block < sets.size(); ++block) {
      const std::int64_t first = static_cast<std::int64_t>(block) * block_size_;
      steps += sets[block].step * std::min<std::int64_t>(block_size_, trajectories_ - first);
    }
    return steps;
  }

  /// Where the host computes P: at the start and for a record.
  void fill_start_probability() { fill_probability(chunk_.state.neuron, chunk_.start_probability); }
  void fill_record_probability() {
    fill_probability(chunk_.state.neuron, chunk_.probability);
    if (plan_.antithetic) fill_probability(chunk_.state.antithetic, chunk_.antithetic_probability);
  }

  void take_paths(std::int64_t step, std::vector<PathPoint>& paths) const {
    const std::int64_t held = std::min(experiment_.recording.paths - first_trajectory_, trajectories_);
    const auto count = static_cast<std::size_t>(held);
    const std::vector<T> gamma = download(chunk_.state.neuron.gamma.value, count);
    const std::vector<T> beta = download(chunk_.state.neuron.beta.value, count);
    for (std::size_t i = 0; i < count; ++i) {
      paths.push_back({first_trajectory_ + static_cast<std::int64_t>(i), step, static_cast<double>(gamma[i]),
                       static_cast<double>(beta[i])});
    }
  }

  /// The counts of all chunks so far, which the arrays have read.
  Counts counts() const { return counts_.read(); }

 private:
  void add(ParameterArrays<T>& parameter, std::size_t size) {
    arrays_.add(parameter.value, size);
    const int states = with_rule(plan_.optimizer.rule, [](auto rule) { return decltype(rule)::states; });
    if (states >= 1) arrays_.add(parameter.first, size);
    if (states >= 2) arrays_.add(parameter.second, size);
  }
  void add_state(std::size_t size) {
    BlockArrays<T>& state = chunk_.state;
    add(state.neuron.gamma, size);
    add(state.neuron.beta, size);
    if (plan_.antithetic) {
      add(state.antithetic.gamma, size);
      add(state.antithetic.beta, size);
    }
    if (plan_.control_variate) add(state.control_variate, size);
    if (plan_.first_activation) arrays_.add(state.first_activation, size);
    if (plan_.collapse_time) arrays_.add(state.collapse_time, size);
    arrays_.add(chunk_.start_probability, size);
    arrays_.add(divergence_marks_, size);
    if (!is_gaussian_) {
      arrays_.add(chunk_.probability, size);
      if (plan_.antithetic) arrays_.add(chunk_.antithetic_probability, size);
    }
  }

  RejectionFreePlan rejection_free_plan_from(std::int64_t step) const {
    return make_rejection_free_plan(double_step_->plan(), experiment_, step);
  }
  void add_rejection_free(std::int64_t chunk_blocks) {
    const auto size = static_cast<std::size_t>(chunk_blocks * block_size_);
    double_step_.emplace(experiment_);
    arrays_.add(rejection_free_.neurons, size);
    arrays_.add(rejection_free_.places, size);
    arrays_.add(rejection_free_.stepping_sets, static_cast<std::size_t>(chunk_blocks));
  }

  void add_tables() {
    if (plan_.x.bin_count > 0) {
      arrays_.add_copy(plan_.x.bins, plan_.x.bins, static_cast<std::size_t>(plan_.x.bin_count));
      arrays_.add_copy(plan_.x.guide, plan_.x.guide, empirical_guide_size);
    }
    if (start_.rows > 0) {
      arrays_.add_copy(start_.gamma_rows, start_.gamma_rows, static_cast<std::size_t>(start_.rows));
      arrays_.add_copy(start_.beta_rows, start_.beta_rows, static_cast<std::size_t>(start_.rows));
    }
  }

  /// P of all trajectories of the chunk, computed by the host.
  void fill_probability(const NeuronArrays<T>& neuron, double* to) {
    const auto count = static_cast<std::size_t>(trajectories_);
    const std::vector<T> gamma = download(neuron.gamma.value, count);
    const std::vector<T> beta = download(neuron.beta.value, count);
    std::vector<double> probability(count);
    const double alpha = experiment_.model.alpha;
    const theory::Law& law = *experiment_.model.x_law;
#pragma omp parallel for num_threads(threads_)
    for (std::size_t i = 0; i < count; ++i) {
      probability[i] = theory::activation_probability(
          law, theory::Neuron{static_cast<double>(gamma[i]), static_cast<double>(beta[i]), alpha, 0});
    }
    device_.upload(to, probability.data(), count);
  }

  template <class U>
  std::vector<U> download(const U* from, std::size_t count) const {
    std::vector<U> to(count);
    device_.download(to.data(), from, count);
    return to;
  }

  Device& device_;
  DeviceArrays<Device>& arrays_;
  const Experiment& experiment_;
  StepPlan<T> plan_;
  int threads_;
  int block_size_;
  bool is_gaussian_;
  StartPlan start_;  ///< with its table on the device
  DeviceRates<Device, T> rates_;
  DeviceCounts<Device> counts_;

  ChunkArrays<T> chunk_;
  std::uint32_t* divergence_marks_ = nullptr;
  RejectionFreeArrays rejection_free_;
  std::optional<PlannedStep<double>> double_step_;

  std::int64_t first_trajectory_ = 0, blocks_ = 0, trajectories_ = 0;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
