// Rejection-free walks on a device, in rounds of three tasks. They do for a chunk what
// rejection_free_block.hpp of sim/ does for a block: the first sorts the neurons of each block, the second
// takes those that wait through some waits per launch, the third steps those of the stepping set.
#pragma once

#include <cstdint>

#include "device_kernels.hpp"
#include "shared/rejection_free_walker.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// The neurons of a block that step side by side.
struct SteppingSet {
  std::int64_t step = 0;  ///< that all neurons of the block have reached
  SteppingRound round;
  int count = 0;
};

/// Of a chunk.
struct RejectionFreeArrays {
  WaitingNeuron* neurons = nullptr;  ///< one per trajectory; where they step, step = until = the round's end
  std::int32_t* places =
      nullptr;  ///< the stepping set of a block: places in it, from the block's first element on
  SteppingSet* stepping_sets = nullptr;  ///< one per block
};

/// A neuron before its first step.
struct ResetNeuronTask {
  WaitingNeuron* neurons = nullptr;

  BNC_HD void operator()(std::int64_t element) const { neurons[element] = WaitingNeuron{}; }
};

/// A group of threads sorts the neurons of a block, in phases with a barrier in between; each thread has
/// consecutive ones, so that the stepping set is in their order. Neurons on their way keep the round waiting
/// only while one of them is behind all others: each wait takes a neuron at least one step on.
template <class T>
struct SortTask {
  static constexpr int threads = 256, phases = 4;

  RejectionFreePlan plan;
  BlockArrays<T> state;
  RejectionFreeArrays arrays;
  std::int64_t trajectories = 0;  ///< of the chunk
  int block_size = 0;
  std::int64_t from = 0, to = 0;  ///< the walk's first and last step

  BNC_HD std::size_t shared_bytes() const { return sizeof(double) * threads; }

  BNC_HD void operator()(int phase, int block, int thread, double* shared) const {
    SteppingSet& set = arrays.stepping_sets[block];
    const std::int64_t first = std::int64_t{block} * block_size;
    const std::int64_t rest = trajectories - first;
    const int count = static_cast<int>(rest < block_size ? rest : block_size);
    const int share = (block_size + threads - 1) / threads;
    const int begin = thread * share < count ? thread * share : count;
    const int end = begin + share < count ? begin + share : count;
    switch (phase) {
      case 0:
        shared[thread] = least_place(first + begin, first + end);
        break;
      case 1:
        if (thread == 0) start_round(set, shared);
        break;
      case 2:
        shared[thread] = has_round(set) ? stepping(first + begin, first + end, set.step) : 0;
        break;
      default:
        if (has_round(set)) sort(set, first, begin, end, thread, shared);
    }
  }

 private:
  BNC_HD bool has_round(const SteppingSet& set) const { return set.round.end > set.step; }

  /// The least of 2 step, or 2 step + 1 for a neuron on its way; a double holds it.
  BNC_HD double least_place(std::int64_t begin, std::int64_t end) const {
    std::int64_t least = 2 * to;
    for (std::int64_t i = begin; i < end; ++i) {
      const WaitingNeuron& neuron = arrays.neurons[i];
      const std::int64_t place = 2 * neuron.step + (neuron.is_waiting() ? 1 : 0);
      least = place < least ? place : least;
    }
    return static_cast<double>(least);
  }
  BNC_HD void start_round(SteppingSet& set, const double* least_places) const {
    auto least = static_cast<double>(2 * to);
    for (int i = 0; i < threads; ++i) least = least_places[i] < least ? least_places[i] : least;
    const auto place = static_cast<std::int64_t>(least);
    set.step = place / 2;
    set.count = 0;
    const bool is_empty = place % 2 != 0 || set.step == to;
    set.round = is_empty ? SteppingRound{set.step, false} : SteppingRound::after(set.step, from, to);
  }

  BNC_HD bool waits(std::int64_t element) const {
    return can_wait(plan, static_cast<double>(state.neuron.gamma.value[element]),
                    static_cast<double>(state.neuron.beta.value[element]));
  }
  BNC_HD int stepping(std::int64_t begin, std::int64_t end, std::int64_t step) const {
    int count = 0;
    for (std::int64_t i = begin; i < end; ++i) count += arrays.neurons[i].has_stepped_to(step) && !waits(i);
    return count;
  }
  /// Begins the waits and fills the stepping set; `counts` are the threads' numbers of neurons that step.
  BNC_HD void sort(SteppingSet& set, std::int64_t first, int begin, int end, int thread,
                   const double* counts) const {
    int place = 0;
    for (int i = 0; i < thread; ++i) place += static_cast<int>(counts[i]);
    for (int i = begin; i < end; ++i) {
      const std::int64_t element = first + i;
      WaitingNeuron& neuron = arrays.neurons[element];
      if (!neuron.has_stepped_to(set.step)) continue;
      if (waits(element)) {
        neuron.gamma = static_cast<double>(state.neuron.gamma.value[element]);
        neuron.beta = static_cast<double>(state.neuron.beta.value[element]);
        if (state.first_activation != nullptr) neuron.first_activation = state.first_activation[element];
        if (state.collapse_time != nullptr) neuron.collapse_time = state.collapse_time[element];
        neuron.until = to;
      } else {
        arrays.places[first + place++] = i;
        neuron.step = neuron.until = set.round.end;
      }
    }
    if (thread == threads - 1) set.count = place;
  }
};

/// Some waits of a neuron on its way.
template <class T>
struct WaitTask {
  RejectionFreePlan plan;
  BlockArrays<T> state;
  RejectionFreeArrays arrays;
  DivergenceWatch watch;
  std::uint64_t first_trajectory = 0;
  std::int64_t waits = 0;

  BNC_HD void operator()(std::int64_t element) const {
    WaitingNeuron neuron = arrays.neurons[element];
    if (!neuron.is_waiting()) return;
    RejectionFreeWalker<Lane<double>>(plan, neuron, first_trajectory + static_cast<std::uint64_t>(element))
        .run(waits);
    if (!neuron.is_waiting()) {
      const T gamma = static_cast<T>(neuron.gamma), beta = static_cast<T>(neuron.beta);
      state.neuron.gamma.value[element] = gamma;
      state.neuron.beta.value[element] = beta;
      if (!is_finite(gamma) || !is_finite(beta)) watch.mark(element);
      if (state.first_activation != nullptr) state.first_activation[element] = neuron.first_activation;
      if (state.collapse_time != nullptr) state.collapse_time[element] = neuron.collapse_time;
    }
    arrays.neurons[element] = neuron;
  }
};

/// Steps `offset` + 1 ... `offset` + `steps` of the round of an element's neuron, where the element is a
/// place of a stepping set. The neuron in place i of the set takes the draws of trajectory i of the block.
template <class T, DrawKind draw_kind, bool extras>
struct SteppingSetTask {
  StepPlan<T> plan;
  BlockArrays<T> state;
  RejectionFreeArrays arrays;
  DivergenceWatch watch;
  std::uint64_t first_trajectory = 0;
  int block_size = 0;
  std::int64_t offset = 0, steps = 0;
  Rates<T> rates;  ///< of any `steps` steps: they share a learning rate

  BNC_HD void operator()(std::int64_t element) const {
    const std::int64_t block = element / block_size;
    const SteppingSet& set = arrays.stepping_sets[block];
    const std::int64_t first = block * block_size, begin = set.step + offset;
    if (element - first >= set.count || begin >= set.round.end) return;
    const std::int64_t neuron = first + arrays.places[element];
    Slice<T> slice;
    // The walk takes the draws of first_trajectory + its element.
    slice.first_trajectory = set.round.first_trajectory(first_trajectory) +
                             static_cast<std::uint64_t>(element) - static_cast<std::uint64_t>(neuron);
    slice.first_step = begin;
    slice.steps = set.round.end - begin < steps ? set.round.end - begin : steps;
    slice.rates = rates;
    Walk<T, SgdRule, draw_kind, extras> walk(plan, slice, state, static_cast<int>(neuron));
    walk.run();
    if (!walk.is_finite()) watch.mark(neuron);
  }
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
