#define BNC_TARGET reference
#include "block_runner.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "bncollapse/theory/neuron.hpp"
#include "shared/record_values.hpp"

namespace bncollapse::sim {
namespace {

/// Samples between two looks at RunControl::stop.
constexpr std::int64_t samples_per_slice = std::int64_t{1} << 18;

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
      typed_kernels_(kernels.of<T>()),
      progress_(progress),
      advance_(typed_kernels_.advance(plan)),
      block_size_(block_size),
      start_(plan_start(experiment.initial)),
      rates_(experiment),
      counts_(experiment) {
  const auto size = static_cast<std::size_t>(block_size);
  if (experiment.rejection_free)
    rejection_free_.emplace(experiment, advance_, typed_kernels_.width, kernels.take_waits, block_size);
  constexpr std::size_t arrays = 15;  // (2 neurons x 2 parameters + control variate) x 3
  state_.resize(arrays * size);
  Carver<T> carver(state_, block_size);
  block_.neuron = carver.neuron();
  block_.antithetic = carver.neuron();
  block_.control_variate = carver.parameter();
  first_activation_.resize(size);
  collapse_time_.resize(size);
  block_.first_activation = first_activation_.data();
  block_.collapse_time = collapse_time_.data();
  for (auto* buffer :
       {&start_gamma_, &start_beta_, &start_probability_, &probability_, &antithetic_probability_}) {
    buffer->resize(size);
  }
}

template <class T>
BlockResults BlockRunner<T>::run(std::int64_t first_trajectory, int count) {
  first_trajectory_ = first_trajectory;
  count_ = count;
  results_ = {};
  start();
  run_all_steps(experiment_, *this);
  take_times();
  return std::move(results_);
}

template <class T>
void BlockRunner<T>::start() {
  kernels_.start(start_, plan_.key, static_cast<std::uint64_t>(first_trajectory_), block_size_,
                 start_gamma_.data(), start_beta_.data());
  std::fill(state_.begin(), state_.end(), T(0));
  const auto size = static_cast<std::size_t>(block_size_);
  const theory::RuleState state = theory::rule_start(experiment_.optimizer);
  for (const NeuronArrays<T>& neuron : {block_.neuron, block_.antithetic}) {
    std::transform(start_gamma_.begin(), start_gamma_.end(), neuron.gamma.value,
                   [](double x) { return static_cast<T>(x); });
    std::transform(start_beta_.begin(), start_beta_.end(), neuron.beta.value,
                   [](double x) { return static_cast<T>(x); });
    for (const ParameterArrays<T>& parameter : {neuron.gamma, neuron.beta}) {
      std::fill_n(parameter.first, size, static_cast<T>(state.first));
      std::fill_n(parameter.second, size, static_cast<T>(state.second));
    }
  }
  if (rejection_free_) rejection_free_->start();
  std::fill(first_activation_.begin(), first_activation_.end(), 0);
  std::fill(collapse_time_.begin(), collapse_time_.end(), 0);
  fill_probability(block_.neuron, start_probability_.data());
}

template <class T>
bool BlockRunner<T>::look(std::int64_t step) {
  std::vector<const T*> watched = {block_.neuron.gamma.value, block_.neuron.beta.value};
  if (plan_.antithetic) {
    watched.insert(watched.end(), {block_.antithetic.gamma.value, block_.antithetic.beta.value});
  }
  if (plan_.control_variate) watched.push_back(block_.control_variate.value);
  const auto all_finite = [&](const T* values) { return typed_kernels_.all_finite(values, block_size_); };
  if (std::all_of(watched.begin(), watched.end(), all_finite)) return true;
  for (int i = 0; i < count_; ++i) {
    const auto finite = [&](const T* values) { return std::isfinite(values[i]); };
    if (!std::all_of(watched.begin(), watched.end(), finite)) {
      results_.diverged = Divergence{step, first_trajectory_ + i};
      return false;
    }
  }
  return true;
}

template <class T>
void BlockRunner<T>::step_rejection_free(std::int64_t from, std::int64_t to) {
  rejection_free_->run(plan_, block_, count_, static_cast<std::uint64_t>(first_trajectory_), from, to, rates_,
                       progress_);
}

template <class T>
std::int64_t BlockRunner<T>::trajectories() const {
  const std::int64_t width = typed_kernels_.width;
  return (count_ + width - 1) / width * width;
}

template <class T>
SliceSize BlockRunner<T>::slice_size() const {
  const std::int64_t width = typed_kernels_.width;
  const std::int64_t work = std::max<std::int64_t>(samples_per_slice / plan_.samples_per_step(), 1);
  return slice_of(work, std::min(work / width * width + width, trajectories()));
}

template <class T>
void BlockRunner<T>::begin_slices(std::int64_t first_step, std::int64_t steps) {
  slice_ = {
      static_cast<std::uint64_t>(first_trajectory_), 0, 0, first_step, steps, rates_.from(first_step, steps)};
}

template <class T>
void BlockRunner<T>::step_slice(std::int64_t begin, std::int64_t count, bool) {
  progress_.check();
  if (progress_.abandoned()) throw Interrupted();
  slice_.begin = static_cast<int>(begin);
  slice_.count = static_cast<int>(count);
  advance_(plan_, slice_, block_);
}

template <class T>
void BlockRunner<T>::fill_probability(const NeuronArrays<T>& neuron, double* probability) const {
  const T* const gamma = neuron.gamma.value;
  const T* const beta = neuron.beta.value;
  const double alpha = experiment_.model.alpha;
  const theory::Law& law = *experiment_.model.x_law;
  if (law.name() == theory::LawName::gaussian) {
    typed_kernels_.gaussian_probability(gamma, beta, alpha, block_size_, probability);
  } else {
    for (int i = 0; i < count_; ++i) {
      // At the start all are often the same.
      const bool is_as_before = i > 0 && gamma[i] == gamma[i - 1] && beta[i] == beta[i - 1];
      probability[i] = is_as_before
                           ? probability[i - 1]
                           : theory::activation_probability(law, theory::Neuron{gamma[i], beta[i], alpha, 0});
    }
  }
}

template <class T>
void BlockRunner<T>::take_record(std::size_t index) {
  const Recording& recording = experiment_.recording;
  fill_probability(block_.neuron, probability_.data());
  RecordInput<T> input;
  input.gamma = block_.neuron.gamma.value;
  input.beta = block_.neuron.beta.value;
  input.probability = probability_.data();
  input.start_probability = start_probability_.data();
  input.thresholds = {recording.gamma_threshold, recording.probability_threshold};
  if (recording.control_variate) input.control_variate = block_.control_variate.value;
  if (recording.antithetic) {
    fill_probability(block_.antithetic, antithetic_probability_.data());
    input.antithetic_probability = antithetic_probability_.data();
  }
  for (int i = 0; recording.histograms && i < count_; ++i) {
    reference::count_state(counts_.histograms[index], static_cast<double>(input.gamma[i]),
                           static_cast<double>(input.beta[i]), experiment_.model.alpha);
  }
  results_.records.push_back(typed_kernels_.record(input, count_));
}

template <class T>
void BlockRunner<T>::take_paths(std::int64_t step) {
  const std::int64_t held = std::min<std::int64_t>(experiment_.recording.paths - first_trajectory_, count_);
  for (std::int64_t i = 0; i < held; ++i) {
    results_.paths.push_back({first_trajectory_ + i, step, static_cast<double>(block_.neuron.gamma.value[i]),
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
