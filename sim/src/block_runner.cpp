#define BNC_TARGET reference
#include "block_runner.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "bncollapse/theory/neuron.hpp"
#include "record_values.hpp"

namespace bncollapse::sim {
namespace {

/// Samples between two looks at RunControl::stop.
constexpr std::int64_t samples_per_slice = std::int64_t{1} << 18;

template <class T>
Advance<T> advance_of(const Kernels& kernels, const StepPlan<T>& plan) {
  if constexpr (std::is_same_v<T, float>) {
    return kernels.advance_float(plan);
  } else {
    return kernels.advance_double(plan);
  }
}

/// Cuts arrays of one length out of one allocation.
template <class T>
class Carver {
 public:
  Carver(std::vector<T>& storage, int length) : next_(storage.data()), length_(length) {}
  T* array() { return std::exchange(next_, next_ + length_); }
  ParameterArrays<T> parameter() {
    T* const value = array();
    T* const first = array();
    return {value, first, array()};
  }
  NeuronArrays<T> neuron() {
    const ParameterArrays<T> gamma = parameter();
    return {gamma, parameter()};
  }

 private:
  T* next_;
  int length_;
};

}  // namespace

template <class T>
BlockRunner<T>::BlockRunner(const Experiment& experiment, const StepPlan<T>& plan, const Kernels& kernels,
                            int block_size, Progress& progress)
    : experiment_(experiment),
      plan_(plan),
      kernels_(kernels),
      progress_(progress),
      advance_(advance_of(kernels, plan)),
      width_(std::is_same_v<T, float> ? kernels.float_width : kernels.double_width),
      block_size_(block_size),
      rates_(experiment),
      counts_(experiment) {
  const auto size = static_cast<std::size_t>(block_size);
  if (experiment.rejection_free) rejection_free_.emplace(experiment, advance_, width_, block_size);
  constexpr std::size_t arrays = 15;  // (2 neurons x 2 parameters + control) x 3
  state_.resize(arrays * size);
  Carver<T> carver(state_, block_size);
  block_.neuron = carver.neuron();
  block_.twin = carver.neuron();
  block_.control = carver.parameter();
  first_activation_.resize(size);
  collapse_time_.resize(size);
  block_.first_activation = first_activation_.data();
  block_.collapse_time = collapse_time_.data();
  for (auto* buffer : {&gamma_, &beta_, &probability_, &start_probability_, &twin_probability_, &values_}) {
    buffer->resize(size);
  }
}

template <class T>
BlockResult BlockRunner<T>::run(std::int64_t first_trajectory, int count) {
  first_trajectory_ = first_trajectory;
  count_ = count;
  const Recording& recording = experiment_.recording;
  BlockResult result;
  start();
  std::size_t record = 0;
  while (!(result.diverged = find_divergence())) {
    if (record < recording.steps.size() && recording.steps[record] == step_) {
      result.records.push_back(take_record(record));
      ++record;
    }
    if (holds_paths() && step_ % recording.path_stride == 0) take_paths(step_, result.paths);
    if (step_ == experiment_.steps) break;
    std::int64_t next = experiment_.steps;
    if (record < recording.steps.size()) next = std::min(next, recording.steps[record]);
    if (holds_paths()) next = std::min(next, (step_ / recording.path_stride + 1) * recording.path_stride);
    walk_to(next);
  }
  take_times();
  return result;
}

template <class T>
void BlockRunner<T>::start() {
  step_ = 0;
  if (const auto draw = plan_initial(experiment_.initial)) {
    kernels_.draw_initial(*draw, plan_.key, static_cast<std::uint64_t>(first_trajectory_), block_size_,
                          gamma_.data(), beta_.data());
  } else if (const auto* table = std::get_if<InitialTable>(&experiment_.initial)) {
    for (int i = 0; i < block_size_; ++i) {
      const auto row = static_cast<std::size_t>(first_trajectory_ + i) % table->gamma.size();
      gamma_[static_cast<std::size_t>(i)] = table->gamma[row];
      beta_[static_cast<std::size_t>(i)] = table->beta[row];
    }
  } else if (const auto* point = std::get_if<InitialPoint>(&experiment_.initial)) {
    std::fill(gamma_.begin(), gamma_.end(), point->gamma);
    std::fill(beta_.begin(), beta_.end(), point->beta);
  }
  std::fill(state_.begin(), state_.end(), T(0));
  const auto size = static_cast<std::size_t>(block_size_);
  const theory::Optimizer& optimizer = experiment_.optimizer;
  for (const NeuronArrays<T>& neuron : {block_.neuron, block_.twin}) {
    std::transform(gamma_.begin(), gamma_.end(), neuron.gamma.value,
                   [](double x) { return static_cast<T>(x); });
    std::transform(beta_.begin(), beta_.end(), neuron.beta.value, [](double x) { return static_cast<T>(x); });
    if (plan_.family == OptimizerFamily::adam) {
      for (const ParameterArrays<T>& parameter : {neuron.gamma, neuron.beta}) {
        std::fill_n(parameter.first, size, static_cast<T>(optimizer.first_moment));
        std::fill_n(parameter.second, size, static_cast<T>(optimizer.second_moment));
      }
    }
  }
  if (rejection_free_) rejection_free_->start();
  std::fill(first_activation_.begin(), first_activation_.end(), 0);
  std::fill(collapse_time_.begin(), collapse_time_.end(), 0);
  std::copy_n(block_.neuron.gamma.value, size, gamma_.begin());
  std::copy_n(block_.neuron.beta.value, size, beta_.begin());
  fill_probability(gamma_.data(), beta_.data(), start_probability_.data());
}

template <class T>
void BlockRunner<T>::walk_to(std::int64_t step) {
  if (rejection_free_) {
    rejection_free_->run(plan_, block_, count_, static_cast<std::uint64_t>(first_trajectory_), step_, step,
                         rates_, progress_);
    step_ = step;
    return;
  }
  const int padded = (count_ + width_ - 1) / width_ * width_;
  const std::int64_t batch = plan_.draw_kind == DrawKind::gaussian_limit ? 1 : plan_.batch;
  const std::int64_t samples = std::max<std::int64_t>(samples_per_slice / batch, 1);
  // As many trajectories as fit, then as many steps.
  const int lanes = static_cast<int>(std::min<std::int64_t>(samples / width_ * width_ + width_, padded));
  const std::int64_t longest = std::clamp<std::int64_t>(samples / lanes, 1, RateTable<T>::capacity);
  while (step_ < step) {
    const std::int64_t steps = std::min(longest, step - step_);
    Slice<T> slice{
        static_cast<std::uint64_t>(first_trajectory_), 0, 0, step_, steps, rates_.from(step_, steps)};
    for (int begin = 0; begin < padded; begin += lanes) {
      progress_.check();
      if (progress_.abandoned()) throw Interrupted();
      slice.begin = begin;
      slice.count = std::min(lanes, padded - begin);
      advance_(plan_, slice, block_);
    }
    step_ += steps;
    progress_.add(steps * count_);
  }
}

template <class T>
std::optional<Divergence> BlockRunner<T>::find_divergence() const {
  std::vector<const T*> watched = {block_.neuron.gamma.value, block_.neuron.beta.value};
  if (plan_.twin) watched.insert(watched.end(), {block_.twin.gamma.value, block_.twin.beta.value});
  if (plan_.control) watched.push_back(block_.control.value);
  const auto lost = [](T value) { return !(std::fabs(value) <= std::numeric_limits<T>::max()); };
  // Without a way out of the loop, so that it is vectorised.
  int any_lost = 0;
  for (const T* values : watched) {
    for (int i = 0; i < count_; ++i) any_lost |= lost(values[i]) ? 1 : 0;
  }
  if (any_lost == 0) return std::nullopt;
  int first = 0;
  while (std::none_of(watched.begin(), watched.end(), [&](const T* values) { return lost(values[first]); })) {
    ++first;
  }
  return Divergence{step_, first_trajectory_ + first};
}

template <class T>
void BlockRunner<T>::fill_probability(const double* gamma, const double* beta, double* probability) const {
  const double alpha = experiment_.model.alpha;
  const theory::Law& law = *experiment_.model.x_law;
  if (law.name() == theory::LawName::gaussian) {
    kernels_.gaussian_probability(gamma, beta, alpha, block_size_, probability);
  } else {
    for (int i = 0; i < count_; ++i) {
      probability[i] = theory::activation_probability(law, theory::Neuron{gamma[i], beta[i], alpha, 0});
    }
  }
}

template <class T>
RecordSums BlockRunner<T>::take_record(std::size_t index) {
  const Recording& recording = experiment_.recording;
  const auto n = static_cast<std::size_t>(count_);
  RecordSums sums;
  const auto moments_of = [&](auto value) {
    for (std::size_t i = 0; i < n; ++i) values_[i] = value(i);
    return kernels_.moments(values_.data(), count_);
  };

  std::copy_n(block_.neuron.gamma.value, n, gamma_.begin());
  std::copy_n(block_.neuron.beta.value, n, beta_.begin());
  fill_probability(gamma_.data(), beta_.data(), probability_.data());
  sums.probability = kernels_.moments(probability_.data(), count_);
  sums.gamma = kernels_.moments(gamma_.data(), count_);
  sums.beta = kernels_.moments(beta_.data(), count_);
  sums.change = moments_of([&](std::size_t i) { return probability_[i] - start_probability_[i]; });
  if (recording.control_variate) {
    sums.control_variate = moments_of([&](std::size_t i) {
      return probability_[i] - start_probability_[i] - static_cast<double>(block_.control.value[i]);
    });
  }
  for (std::size_t i = 0; i < n; ++i) {
    const bool small_gamma = std::fabs(gamma_[i]) < recording.gamma_threshold;
    const bool inactive = probability_[i] < recording.probability_threshold;
    sums.small_gamma += small_gamma ? 1 : 0;
    sums.inactive += inactive ? 1 : 0;
    sums.collapsed += small_gamma && inactive ? 1 : 0;
  }
  if (recording.histograms) count_histograms(counts_.histograms[index]);
  if (recording.antithetic) {
    std::copy_n(block_.twin.gamma.value, n, gamma_.begin());
    std::copy_n(block_.twin.beta.value, n, beta_.begin());
    fill_probability(gamma_.data(), beta_.data(), twin_probability_.data());
    sums.antithetic = moments_of([&](std::size_t i) {
      return reference::antithetic_change(probability_[i], twin_probability_[i], start_probability_[i]);
    });
  }
  return sums;
}

template <class T>
void BlockRunner<T>::count_histograms(RecordHistograms& histograms) const {
  for (std::size_t i = 0; i < static_cast<std::size_t>(count_); ++i) {
    count(histograms.gamma, gamma_[i]);
    count(histograms.beta, beta_[i]);
    count(histograms.u, reference::activation_threshold(gamma_[i], beta_[i], experiment_.model.alpha));
    count(histograms.gamma_beta, gamma_[i], beta_[i]);
  }
}

template <class T>
void BlockRunner<T>::take_paths(std::int64_t step, std::vector<PathPoint>& paths) const {
  const std::int64_t held = std::min<std::int64_t>(experiment_.recording.paths - first_trajectory_, count_);
  for (std::int64_t i = 0; i < held; ++i) {
    paths.push_back({first_trajectory_ + i, step, static_cast<double>(block_.neuron.gamma.value[i]),
                     static_cast<double>(block_.neuron.beta.value[i])});
  }
}

template <class T>
void BlockRunner<T>::take_times() {
  for (int i = 0; i < count_; ++i) {
    if (counts_.first_activation) count(*counts_.first_activation, block_.first_activation[i]);
    if (counts_.collapse_time) count(*counts_.collapse_time, block_.collapse_time[i]);
  }
}

template class BlockRunner<float>;
template class BlockRunner<double>;

}  // namespace bncollapse::sim
