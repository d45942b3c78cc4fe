#define BNC_TARGET reference
#include "rejection_free_block.hpp"

#include <algorithm>

#include "shared/rejection_free_walker.hpp"

namespace bncollapse::sim {

template <class T>
RejectionFreeBlock<T>::RejectionFreeBlock(const Experiment& experiment, Advance<T> advance, int width,
                                          TakeWaits take_waits, int block_size)
    : experiment_(experiment),
      planned_(experiment),
      advance_(advance),
      width_(width),
      take_waits_(take_waits) {
  const auto size = static_cast<std::size_t>(block_size);
  draws_.resize(size);
  reached_.resize(size);
  stepping_.reserve(size);
  gamma_.resize(size);
  beta_.resize(size);
  activation_.resize(size);
  collapse_.resize(size);
}

template <class T>
void RejectionFreeBlock<T>::start() {
  std::fill(draws_.begin(), draws_.end(), 0);
}

template <class T>
void RejectionFreeBlock<T>::run(const StepPlan<T>& plan, const BlockArrays<T>& block, int count,
                                std::uint64_t first_trajectory, std::int64_t from, std::int64_t to,
                                RateTable<T>& rates, Progress& progress) {
  rejection_free_plan_ = reference::make_rejection_free_plan(planned_.plan(), experiment_, from);
  std::fill_n(reached_.begin(), count, from);
  for (std::int64_t step = from; step < to;
       step = *std::min_element(reached_.begin(), reached_.begin() + count)) {
    const SteppingRound round = SteppingRound::after(step, from, to);
    stepping_.clear();
    std::int64_t done = 0;
    for (int i = 0; i < count; ++i) {
      std::int64_t& reached = reached_[static_cast<std::size_t>(i)];
      if (reached != step) continue;
      if (reference::can_wait(rejection_free_plan_, block.neuron.gamma.value[i],
                              block.neuron.beta.value[i])) {
        wait(block, i, first_trajectory + static_cast<std::uint64_t>(i), step, to, progress);
      } else {
        stepping_.push_back(i);
        reached = round.end;
      }
      done += reached - step;
    }
    if (progress.abandoned()) throw Interrupted();
    progress.check();
    if (!stepping_.empty()) {
      Slice<T> slice{round.first_trajectory(first_trajectory), 0, 0, step, round.end - step,
                     rates.from(step, round.end - step)};
      slice.count = (static_cast<int>(stepping_.size()) + width_ - 1) / width_ * width_;
      if (static_cast<int>(stepping_.size()) == count) {
        advance_(plan, slice, block);
      } else {
        step_side_by_side(plan, slice, block);
      }
    }
    progress.add(done);
  }
}

template <class T>
void RejectionFreeBlock<T>::wait(const BlockArrays<T>& block, int i, std::uint64_t trajectory,
                                 std::int64_t step, std::int64_t to, const Progress& progress) {
  T &gamma = block.neuron.gamma.value[i], &beta = block.neuron.beta.value[i];
  std::uint64_t& draws = draws_[static_cast<std::size_t>(i)];
  WaitingNeuron neuron{gamma, beta, draws, block.first_activation[i], block.collapse_time[i], step, to};
  while (neuron.is_waiting()) {
    progress.check();
    take_waits_(rejection_free_plan_, neuron, trajectory, waits_at_once);
  }
  gamma = static_cast<T>(neuron.gamma);
  beta = static_cast<T>(neuron.beta);
  draws = neuron.draws;
  block.first_activation[i] = neuron.first_activation;
  block.collapse_time[i] = neuron.collapse_time;
  reached_[static_cast<std::size_t>(i)] = neuron.step;
}

template <class T>
void RejectionFreeBlock<T>::step_side_by_side(const StepPlan<T>& plan, const Slice<T>& slice,
                                              const BlockArrays<T>& block) {
  std::size_t size = 0;
  for (const int i : stepping_) {
    gamma_[size] = block.neuron.gamma.value[i];
    beta_[size] = block.neuron.beta.value[i];
    activation_[size] = block.first_activation[i];
    collapse_[size] = block.collapse_time[i];
    ++size;
  }
  std::fill(gamma_.begin() + static_cast<std::ptrdiff_t>(size), gamma_.begin() + slice.count, T(0));
  std::fill(beta_.begin() + static_cast<std::ptrdiff_t>(size), beta_.begin() + slice.count, T(0));
  BlockArrays<T> set;
  set.neuron.gamma.value = gamma_.data();
  set.neuron.beta.value = beta_.data();
  set.first_activation = activation_.data();
  set.collapse_time = collapse_.data();
  advance_(plan, slice, set);
  size = 0;
  for (const int i : stepping_) {
    block.neuron.gamma.value[i] = gamma_[size];
    block.neuron.beta.value[i] = beta_[size];
    block.first_activation[i] = activation_[size];
    block.collapse_time[i] = collapse_[size];
    ++size;
  }
}

template class RejectionFreeBlock<float>;
template class RejectionFreeBlock<double>;

}  // namespace bncollapse::sim
