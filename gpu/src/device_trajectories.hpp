// One experiment's trajectories on a device: their memory, the tasks that they want done, what is read back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "block_result.hpp"
#include "bncollapse/theory/neuron.hpp"
#include "device_kernels.hpp"
#include "device_rejection_free.hpp"
#include "plan_experiment.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// @tparam Device  see device_runner.hpp
template <class Device, class T>
class DeviceTrajectories {
 public:
  /// @param chunk_blocks  the most blocks of a chunk
  /// @param threads       of the host, where P of another law than the Gaussian is wanted
  DeviceTrajectories(Device& device, const Experiment& experiment, const StepPlan<T>& plan, int block_size,
                     std::int64_t chunk_blocks, int threads)
      : device_(device),
        experiment_(experiment),
        plan_(plan),
        threads_(threads),
        block_size_(block_size),
        chunk_blocks_(chunk_blocks),
        is_gaussian_(experiment.model.x_law->name() == theory::LawName::gaussian),
        rates_(experiment) {
    allocate_state(chunk_blocks * block_size);
    if (experiment.rejection_free) allocate_rejection_free();
    upload_tables();
    least_divergence_ = keep<std::uint64_t>(1);
    const auto rate_count = static_cast<std::size_t>(std::min(RateTable<T>::capacity, experiment.steps));
    for (T** array : {&device_rate_, &device_shrink_, &device_root_}) *array = keep<T>(rate_count);
    const auto records = std::ssize(experiment.recording.steps);
    slots_ =
        std::clamp<std::int64_t>(largest_unread_sums / chunk_blocks, 1, std::max<std::int64_t>(records, 1));
    sums_ = keep<BlockSums>(static_cast<std::size_t>(slots_ * chunk_blocks));
    allocate_counts();
  }

  const Experiment& experiment() const { return experiment_; }
  const StepPlan<T>& plan() const { return plan_; }  ///< with tables on the device
  bool is_gaussian() const { return is_gaussian_; }

  /// Begins a chunk: `blocks` blocks that hold `trajectories` trajectories, from `first_trajectory` on; all
  /// or none of the blocks hold paths.
  void begin(std::int64_t first_trajectory, std::int64_t blocks, std::int64_t trajectories) {
    first_trajectory_ = first_trajectory;
    trajectories_ = trajectories;
    results_.assign(static_cast<std::size_t>(blocks), {});
    looks_.clear();
    unread_ = 0;
    const std::uint64_t none = DivergenceTask<T>::none;
    device_.upload(least_divergence_, &none, 1);
    if (experiment_.rejection_free) {
      device_.each(trajectories, RestTask{rejection_free_.neurons});
      device_.clear(reinterpret_cast<std::byte*>(rejection_free_.packs),
                    static_cast<std::size_t>(blocks) * sizeof(Pack));
    }
  }
  bool holds_paths() const { return first_trajectory_ < experiment_.recording.paths; }

  StartTask<T> start_task() const {
    const bool adam = plan_.family == OptimizerFamily::adam;
    const theory::Optimizer& optimizer = experiment_.optimizer;
    return {chunk_,
            start_,
            plan_.key,
            static_cast<std::uint64_t>(first_trajectory_),
            adam ? static_cast<T>(optimizer.first_moment) : T(0),
            adam ? static_cast<T>(optimizer.second_moment) : T(0)};
  }
  StartProbabilityTask<T> start_probability_task() const { return {chunk_, experiment_.model.alpha}; }
  template <OptimizerFamily family, DrawKind draw_kind, bool extras>
  AdvanceTask<T, family, draw_kind, extras> advance_task(const Slice<T>& slice) const {
    return {plan_, slice, chunk_.state};
  }
  /// Of the look at the present step.
  DivergenceTask<T> divergence_task(std::int64_t step) {
    looks_.push_back(step);
    return {chunk_.state, block_size_, looks_.size() - 1, least_divergence_};
  }
  const TimesTask& times_task() const { return times_; }
  RecordTask<T> record_task(std::size_t index) const {
    const Recording& recording = experiment_.recording;
    RecordTask<T> task;
    task.chunk = chunk_;
    task.trajectories = trajectories_;
    task.block_size = block_size_;
    task.alpha = experiment_.model.alpha;
    task.gamma_threshold = recording.gamma_threshold;
    task.probability_threshold = recording.probability_threshold;
    task.counts_bins = recording.histograms;
    if (recording.histograms) task.histograms = histograms_[index];
    task.sums = sums_ + unread_ * chunk_blocks_;
    return task;
  }
  /// After a record's task.
  void count_record() {
    if (++unread_ == slots_) read_sums();
  }

  /// Steps first_step + 1 ... first_step + steps of all trajectories of the chunk.
  Slice<T> slice(std::int64_t first_step, std::int64_t steps) {
    Slice<T> slice;
    slice.first_trajectory = static_cast<std::uint64_t>(first_trajectory_);
    slice.first_step = first_step;
    slice.steps = steps;
    slice.rates = rates_from(first_step, steps);
    return slice;
  }

  /// Of a rejection-free walk from step `from` to `to`, which share a learning rate.
  SortTask<T> sort_task(std::int64_t from, std::int64_t to) const {
    return {silent_plan_from(from), chunk_.state, rejection_free_, trajectories_, block_size_, from, to};
  }
  SilentWalkTask<T> silent_walk_task(std::int64_t from) const {
    return {silent_plan_from(from), chunk_.state, rejection_free_,
            static_cast<std::uint64_t>(first_trajectory_), Device::waits_per_launch};
  }
  /// `steps` steps of each pack's round, from its step `offset` on.
  template <DrawKind draw_kind, bool extras>
  PackTask<T, draw_kind, extras> pack_task(std::int64_t offset, std::int64_t steps,
                                           const Rates<T>& rates) const {
    return {plan_,       chunk_.state, rejection_free_, static_cast<std::uint64_t>(first_trajectory_),
            block_size_, offset,       steps,           rates};
  }
  /// Trajectory-steps that lie behind all neurons of a block, over the blocks.
  std::int64_t steps_behind() {
    const std::vector<Pack> packs = download(rejection_free_.packs, results_.size());
    std::int64_t steps = 0;
    for (std::size_t block = 0; block < packs.size(); ++block) {
      const std::int64_t first = static_cast<std::int64_t>(block) * block_size_;
      steps += packs[block].step * std::min<std::int64_t>(block_size_, trajectories_ - first);
    }
    return steps;
  }

  /// Where the host computes P: at the start and for a record.
  void fill_start_probability() { fill_probability(chunk_.state.neuron, chunk_.start_probability); }
  void fill_record_probability() {
    fill_probability(chunk_.state.neuron, chunk_.probability);
    if (plan_.twin) fill_probability(chunk_.state.twin, chunk_.twin_probability);
  }

  void take_paths(std::int64_t step) {
    const std::int64_t held = std::min(experiment_.recording.paths - first_trajectory_, trajectories_);
    const auto count = static_cast<std::size_t>(held);
    const std::vector<T> gamma = download(chunk_.state.neuron.gamma.value, count);
    const std::vector<T> beta = download(chunk_.state.neuron.beta.value, count);
    for (std::size_t i = 0; i < count; ++i) {
      results_[i / static_cast<std::size_t>(block_size_)].paths.push_back(
          {first_trajectory_ + static_cast<std::int64_t>(i), step, static_cast<double>(gamma[i]),
           static_cast<double>(beta[i])});
    }
  }

  /// The chunk's results, once its tasks are done.
  std::vector<BlockResult> results() {
    read_sums();
    if (const auto lost = find_diverged()) results_[lost->first].diverged = lost->second;
    return std::move(results_);
  }

  /// The counts of all chunks so far.
  Counts counts() {
    Counts counts(experiment_);
    for (std::size_t i = 0; i < counts.histograms.size(); ++i) {
      RecordHistograms& to = counts.histograms[i];
      read(histograms_[i].gamma, to.gamma);
      read(histograms_[i].beta, to.beta);
      read(histograms_[i].u, to.u);
      read(histograms_[i].gamma_beta, to.gamma_beta);
    }
    read(times_.activations, counts.first_activation);
    read(times_.collapses, counts.collapse_time);
    return counts;
  }

 private:
  /// Sums of blocks that wait on the device.
  static constexpr std::int64_t largest_unread_sums = std::int64_t{1} << 18;

  /// Memory for as long as this lives.
  template <class U>
  U* keep(std::size_t count) {
    memory_.push_back(device_.allocate(count * sizeof(U)));
    return static_cast<U*>(memory_.back().data());
  }

  ParameterArrays<T> parameter(std::size_t size) {
    ParameterArrays<T> arrays;
    arrays.value = keep<T>(size);
    if (plan_.family != OptimizerFamily::sgd) arrays.first = keep<T>(size);
    if (plan_.family == OptimizerFamily::adam) arrays.second = keep<T>(size);
    return arrays;
  }
  void allocate_state(std::int64_t trajectories) {
    const auto size = static_cast<std::size_t>(trajectories);
    BlockArrays<T>& state = chunk_.state;
    state.neuron.gamma = parameter(size);
    state.neuron.beta = parameter(size);
    if (plan_.twin) {
      state.twin.gamma = parameter(size);
      state.twin.beta = parameter(size);
    }
    if (plan_.control) state.control = parameter(size);
    if (plan_.first_activation) state.first_activation = keep<std::int64_t>(size);
    if (plan_.collapse_time) state.collapse_time = keep<std::int64_t>(size);
    chunk_.start_probability = keep<double>(size);
    if (!is_gaussian_) {
      chunk_.probability = keep<double>(size);
      if (plan_.twin) chunk_.twin_probability = keep<double>(size);
    }
  }

  SilentPlan silent_plan_from(std::int64_t step) const {
    return silent_plan(silent_step_->plan(), experiment_, step);
  }
  void allocate_rejection_free() {
    const auto size = static_cast<std::size_t>(chunk_blocks_ * block_size_);
    silent_step_.emplace(experiment_);
    rejection_free_.neurons = keep<SilentNeuron>(size);
    rejection_free_.packed = keep<std::int32_t>(size);
    rejection_free_.packs = keep<Pack>(static_cast<std::size_t>(chunk_blocks_));
  }

  template <class U>
  U* uploaded(const U* from, std::size_t count) {
    U* const to = keep<U>(count);
    device_.upload(to, from, count);
    return to;
  }
  void upload_tables() {
    if (plan_.x.bin_count > 0) {
      plan_.x.bins = uploaded(plan_.x.bins, static_cast<std::size_t>(plan_.x.bin_count));
      plan_.x.guide = uploaded(plan_.x.guide, empirical_guide_size);
    }
    if (const auto draw = plan_initial(experiment_.initial)) {
      start_.is_drawn = true;
      start_.draw = *draw;
    } else if (const auto* table = std::get_if<InitialTable>(&experiment_.initial)) {
      set_start_table(table->gamma.data(), table->beta.data(), table->gamma.size());
    } else if (const auto* point = std::get_if<InitialPoint>(&experiment_.initial)) {
      set_start_table(&point->gamma, &point->beta, 1);
    }
  }
  void set_start_table(const double* gamma, const double* beta, std::size_t rows) {
    start_.gamma = uploaded(gamma, rows);
    start_.beta = uploaded(beta, rows);
    start_.rows = static_cast<std::int64_t>(rows);
  }

  std::int64_t* zeros(std::int64_t count) {
    const auto size = static_cast<std::size_t>(count);
    std::int64_t* const counts = keep<std::int64_t>(size);
    device_.clear(counts, size);
    return counts;
  }
  void allocate_counts() {
    const Counts shape(experiment_);
    for (const RecordHistograms& record : shape.histograms) {
      const auto bins = [&](const Histogram& histogram) {
        return BinCounts{histogram.bins, zeros(histogram.bins.count + 2)};
      };
      const Histogram2d& pair = record.gamma_beta;
      histograms_.push_back({bins(record.gamma), bins(record.beta), bins(record.u),
                             BinCounts2d{pair.x, pair.y, zeros(pair.x.count * pair.y.count + 1)}});
    }
    const auto times = [&](const std::optional<TimeHistogram>& histogram) {
      if (!histogram) return TimeCounts{};
      const std::int64_t bins = std::ssize(histogram->counts);
      return TimeCounts{histogram->bin_width, bins, zeros(bins + 1)};
    };
    times_.first_activation = chunk_.state.first_activation;
    times_.collapse_time = chunk_.state.collapse_time;
    times_.activations = times(shape.first_activation);
    times_.collapses = times(shape.collapse_time);
  }

  /// A constant rate's table serves all steps; Adam's bias correction moves with the step.
  bool rates_move() const {
    return experiment_.schedule.kind != Schedule::Kind::constant || plan_.family == OptimizerFamily::adam;
  }
  /// Rates on the device of `steps` steps from `first_step` on.
  Rates<T> rates_from(std::int64_t first_step, std::int64_t steps) {
    if (!rates_move()) first_step = 0;
    if (first_step < rates_begin_ || first_step + steps > rates_end_) {
      const Rates<T> rates = rates_.from(first_step, RateTable<T>::capacity);
      rates_begin_ = first_step;
      rates_end_ = std::min(first_step + RateTable<T>::capacity, experiment_.steps);
      const auto count = static_cast<std::size_t>(rates_end_ - rates_begin_);
      device_.upload(device_rate_, rates.rate, count);
      device_.upload(device_shrink_, rates.shrink, count);
      device_.upload(device_root_, rates.root, count);
    }
    const std::int64_t offset = first_step - rates_begin_;
    return {device_rate_ + offset, device_shrink_ + offset, device_root_ + offset};
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

  std::optional<std::pair<std::size_t, Divergence>> find_diverged() {
    using Task = DivergenceTask<T>;
    const std::uint64_t least = download(least_divergence_, 1).front();
    if (least == Task::none) return std::nullopt;
    const auto block = least >> (Task::look_bits + Task::place_bits);
    const auto look = least >> Task::place_bits & ((std::uint64_t{1} << Task::look_bits) - 1);
    const auto place = least & ((std::uint64_t{1} << Task::place_bits) - 1);
    const std::int64_t trajectory =
        first_trajectory_ + static_cast<std::int64_t>(block) * block_size_ + static_cast<std::int64_t>(place);
    return {{static_cast<std::size_t>(block), {looks_[static_cast<std::size_t>(look)], trajectory}}};
  }

  /// Brings the waiting sums of records to the host.
  void read_sums() {
    if (unread_ == 0) return;
    const auto sums = download(sums_, static_cast<std::size_t>(unread_ * chunk_blocks_));
    for (std::int64_t slot = 0; slot < unread_; ++slot) {
      for (std::size_t block = 0; block < results_.size(); ++block) {
        const BlockSums& from = sums[static_cast<std::size_t>(slot * chunk_blocks_) + block];
        RecordSums to;
        to.probability = from.moments[BlockSums::probability];
        to.change = from.moments[BlockSums::change];
        to.gamma = from.moments[BlockSums::gamma];
        to.beta = from.moments[BlockSums::beta];
        if (plan_.control) to.control_variate = from.moments[BlockSums::control_variate];
        if (plan_.twin) to.antithetic = from.moments[BlockSums::antithetic];
        to.collapsed = from.collapsed;
        to.small_gamma = from.small_gamma;
        to.inactive = from.inactive;
        results_[block].records.push_back(to);
      }
    }
    unread_ = 0;
  }

  template <class U>
  std::vector<U> download(const U* from, std::size_t count) {
    std::vector<U> to(count);
    device_.download(to.data(), from, count);
    return to;
  }
  static std::int64_t take_last(std::vector<std::int64_t>& counts) {
    const std::int64_t last = counts.back();
    counts.pop_back();
    return last;
  }
  void read(const BinCounts& from, Histogram& to) {
    to.counts = download(from.counts, to.counts.size() + 2);
    to.below = take_last(to.counts);
    to.above = take_last(to.counts);
  }
  void read(const BinCounts2d& from, Histogram2d& to) {
    to.counts = download(from.counts, to.counts.size() + 1);
    to.outside = take_last(to.counts);
  }
  void read(const TimeCounts& from, std::optional<TimeHistogram>& to) {
    if (!to) return;
    to->counts = download(from.counts, to->counts.size() + 1);
    to->never = take_last(to->counts);
  }

  Device& device_;
  const Experiment& experiment_;
  StepPlan<T> plan_;
  int threads_;
  int block_size_;
  std::int64_t chunk_blocks_;
  bool is_gaussian_;
  RateTable<T> rates_;

  using Memory = decltype(std::declval<Device&>().allocate(0));
  std::vector<Memory> memory_;
  ChunkArrays<T> chunk_;
  StartSource start_;
  std::uint64_t* least_divergence_ = nullptr;
  BlockSums* sums_ = nullptr;  ///< of the records that wait
  T *device_rate_ = nullptr, *device_shrink_ = nullptr, *device_root_ = nullptr;
  std::int64_t rates_begin_ = 0, rates_end_ = 0;
  RejectionFreeArrays rejection_free_;
  std::optional<PlannedStep<double>> silent_step_;
  std::vector<HistogramCounts> histograms_;
  TimesTask times_;
  std::int64_t slots_ = 1, unread_ = 0;

  std::vector<BlockResult> results_;
  std::vector<std::int64_t> looks_;  ///< the steps looked at
  std::int64_t first_trajectory_ = 0, trajectories_ = 0;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
