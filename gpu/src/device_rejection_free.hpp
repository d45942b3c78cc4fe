// Walks in which rarely active neurons wait, on a device: rounds of three tasks, as rejection_free.hpp in sim
// does them block by block: a block is sorted, its waiting neurons walk, some waits a launch, and those in
// its pack step.
#pragma once

#include <cstdint>

#include "device_kernels.hpp"
#include "silent_walk.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// The neurons of a block that step side by side.
struct Pack {
  std::int64_t step = 0;  ///< that all neurons of the block have reached
  SteppingRound round;
  int count = 0;
};

/// Of a chunk.
struct RejectionFreeArrays {
  SilentNeuron* neurons = nullptr;  ///< one a trajectory; where they step, step = until = the round's end
  std::int32_t* packed = nullptr;  ///< a block's pack: places in the block, from the block's first element on
  Pack* packs = nullptr;           ///< one a block
};

/// A neuron before its first step.
struct RestTask {
  SilentNeuron* neurons = nullptr;

  BNC_HD void operator()(std::int64_t element) const { neurons[element] = SilentNeuron{}; }
};

/// A group of threads sorts the neurons of a block, in phases with a barrier in between; each thread has
/// consecutive ones, so that the pack is in their order. Neurons on their way keep the round waiting only
/// while one of them is behind all others: each wait takes a neuron at least one step on.
template <class T>
struct SortTask {
  static constexpr int threads = 256, phases = 4;

  SilentPlan plan;
  BlockArrays<T> state;
  RejectionFreeArrays arrays;
  std::int64_t trajectories = 0;  ///< of the chunk
  int block_size = 0;
  std::int64_t from = 0, to = 0;  ///< the walk's first and last step

  BNC_HD std::size_t shared_bytes() const { return sizeof(double) * threads; }

  BNC_HD void operator()(int phase, int block, int thread, double* shared) const {
    Pack& pack = arrays.packs[block];
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
        if (thread == 0) start_round(pack, shared);
        break;
      case 2:
        shared[thread] = is_open(pack) ? stepping(first + begin, first + end, pack.step) : 0;
        break;
      default:
        if (is_open(pack)) sort(pack, first, begin, end, thread, shared);
    }
  }

 private:
  BNC_HD bool is_open(const Pack& pack) const { return pack.round.end > pack.step; }

  /// The least of 2 step, or 2 step + 1 for a neuron on its way; a double holds it.
  BNC_HD double least_place(std::int64_t begin, std::int64_t end) const {
    std::int64_t least = 2 * to;
    for (std::int64_t i = begin; i < end; ++i) {
      const SilentNeuron& neuron = arrays.neurons[i];
      const std::int64_t place = 2 * neuron.step + (neuron.is_walking() ? 1 : 0);
      least = place < least ? place : least;
    }
    return static_cast<double>(least);
  }
  BNC_HD void start_round(Pack& pack, const double* least_places) const {
    auto least = static_cast<double>(2 * to);
    for (int i = 0; i < threads; ++i) least = least_places[i] < least ? least_places[i] : least;
    const auto place = static_cast<std::int64_t>(least);
    pack.step = place / 2;
    pack.count = 0;
    const bool is_closed = place % 2 != 0 || pack.step == to;
    pack.round = is_closed ? SteppingRound{pack.step, false} : SteppingRound::after(pack.step, from, to);
  }

  BNC_HD bool suits(std::int64_t element) const {
    return suits_silent_walk(plan, static_cast<double>(state.neuron.gamma.value[element]),
                             static_cast<double>(state.neuron.beta.value[element]));
  }
  BNC_HD int stepping(std::int64_t begin, std::int64_t end, std::int64_t step) const {
    int count = 0;
    for (std::int64_t i = begin; i < end; ++i) count += arrays.neurons[i].rests_at(step) && !suits(i);
    return count;
  }
  /// Begins the walks and fills the pack; `counts` are the threads' numbers of neurons that step.
  BNC_HD void sort(Pack& pack, std::int64_t first, int begin, int end, int thread,
                   const double* counts) const {
    int place = 0;
    for (int i = 0; i < thread; ++i) place += static_cast<int>(counts[i]);
    for (int i = begin; i < end; ++i) {
      const std::int64_t element = first + i;
      SilentNeuron& neuron = arrays.neurons[element];
      if (!neuron.rests_at(pack.step)) continue;
      if (suits(element)) {
        neuron.gamma = static_cast<double>(state.neuron.gamma.value[element]);
        neuron.beta = static_cast<double>(state.neuron.beta.value[element]);
        if (state.first_activation != nullptr) neuron.first_activation = state.first_activation[element];
        if (state.collapse_time != nullptr) neuron.collapse_time = state.collapse_time[element];
        neuron.until = to;
      } else {
        arrays.packed[first + place++] = i;
        neuron.step = neuron.until = pack.round.end;
      }
    }
    if (thread == threads - 1) pack.count = place;
  }
};

/// Some waits of a neuron on its way.
template <class T>
struct SilentWalkTask {
  SilentPlan plan;
  BlockArrays<T> state;
  RejectionFreeArrays arrays;
  DivergenceWatch watch;
  std::uint64_t first_trajectory = 0;
  std::int64_t waits = 0;

  BNC_HD void operator()(std::int64_t element) const {
    SilentNeuron neuron = arrays.neurons[element];
    if (!neuron.is_walking()) return;
    SilentWalk<Lane<double>>(plan, neuron, first_trajectory + static_cast<std::uint64_t>(element)).run(waits);
    if (!neuron.is_walking()) {
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

/// Steps `offset` + 1 ... `offset` + `steps` of the round of an element's neuron, where its place is in a
/// pack. The neuron in place i of the pack takes the draws of trajectory i of the block.
template <class T, DrawKind draw_kind, bool extras>
struct PackTask {
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
    const Pack& pack = arrays.packs[block];
    const std::int64_t first = block * block_size, begin = pack.step + offset;
    if (element - first >= pack.count || begin >= pack.round.end) return;
    const std::int64_t neuron = first + arrays.packed[element];
    Slice<T> slice;
    // The walk takes the draws of first_trajectory + its element.
    slice.first_trajectory = pack.round.first_trajectory(first_trajectory) +
                             static_cast<std::uint64_t>(element) - static_cast<std::uint64_t>(neuron);
    slice.first_step = begin;
    slice.steps = pack.round.end - begin < steps ? pack.round.end - begin : steps;
    slice.rates = rates;
    Walk<T, OptimizerFamily::sgd, draw_kind, extras> walk(plan, slice, state, static_cast<int>(neuron));
    walk.run();
    if (!walk.is_finite()) watch.mark(neuron);
  }
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
