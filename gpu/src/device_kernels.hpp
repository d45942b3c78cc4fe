// What a device does with the trajectories of a chunk, by the shared source. A task is a plain object
// that is called for every element, or phase by phase by the threads of a group; the device's own source
// launches it, and a test runs it on the host, one thread after another.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "bncollapse/sim/experiment.hpp"
#include "shared/draw.hpp"
#include "shared/lane_sum.hpp"
#include "shared/record_sums.hpp"
#include "shared/record_values.hpp"
#include "shared/step.hpp"
#include "shared/walk.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

BNC_HD void add_atomically(std::int64_t& sum, std::int64_t value) {
#ifdef __CUDA_ARCH__
  atomicAdd(reinterpret_cast<unsigned long long*>(&sum), static_cast<unsigned long long>(value));
#else
  sum += value;
#endif
}
BNC_HD void raise_atomically(std::uint64_t& greatest, std::uint64_t value) {
#ifdef __CUDA_ARCH__
  atomicMax(reinterpret_cast<unsigned long long*>(&greatest), static_cast<unsigned long long>(value));
#else
  if (value > greatest) greatest = value;
#endif
}

template <class T>
BNC_HD bool is_finite(T value) {
  return value - value == T(0);
}

/// The arrays of a chunk: consecutive blocks of trajectories. Those that an experiment has no use for are
/// null.
template <class T>
struct ChunkArrays {
  BlockArrays<T> state;
  double* start_probability = nullptr;
  double* probability = nullptr;             ///< where the host computes P
  double* antithetic_probability = nullptr;  ///< likewise
};

/// Where those who store a trajectory's state say that it is no longer finite. A look is one of the steps at
/// which the reference engine looks; what is not finite at one look is not at a later one either.
struct DivergenceWatch {
  std::uint32_t* marks = nullptr;  ///< of each trajectory the first such look, counted from 1; 0 without one
  std::uint32_t look = 0;          ///< the present one, or the next

  BNC_HD void mark(std::int64_t element) const {
    if (marks[element] == 0) marks[element] = look;
  }
};

/// Of a chunk's marks the first (block, look, place in the block).
struct DivergenceTask {
  static constexpr int place_bits = 10, look_bits = 32;

  const std::uint32_t* marks = nullptr;
  int block_size = 0;
  std::uint64_t* first = nullptr;  ///< with all bits turned, so that 0 is none

  BNC_HD void operator()(std::int64_t element) const {
    const std::uint64_t look = marks[element];
    if (look == 0) return;
    const auto block = static_cast<std::uint64_t>(element / block_size);
    const auto place = static_cast<std::uint64_t>(element % block_size);
    raise_atomically(*first, ~(block << (look_bits + place_bits) | look << place_bits | place));
  }
};

/// The start of an element's trajectory.
template <class T>
struct StartTask {
  ChunkArrays<T> chunk;
  StartPlan plan;
  DivergenceWatch watch;
  PhiloxKey key;
  std::uint64_t first_trajectory = 0;
  T first_moment = 0, second_moment = 0;

  BNC_HD void operator()(std::int64_t element) const {
    const std::uint64_t trajectory = first_trajectory + static_cast<std::uint64_t>(element);
    const auto start = draw_start<Lane<double>>(plan, key, trajectory);
    const T gamma = static_cast<T>(start.first.value()), beta = static_cast<T>(start.second.value());
    const BlockArrays<T>& state = chunk.state;
    place(state.neuron.gamma, gamma, element);
    place(state.neuron.beta, beta, element);
    place(state.antithetic.gamma, gamma, element);
    place(state.antithetic.beta, beta, element);
    if (state.control_variate.value != nullptr) state.control_variate.value[element] = T(0);
    if (state.control_variate.first != nullptr) state.control_variate.first[element] = T(0);
    if (state.first_activation != nullptr) state.first_activation[element] = 0;
    if (state.collapse_time != nullptr) state.collapse_time[element] = 0;
    const bool finite = is_finite(gamma) && is_finite(beta);
    watch.marks[element] = finite ? 0 : watch.look;
  }

 private:
  BNC_HD void place(const ParameterArrays<T>& parameter, T value, std::int64_t element) const {
    if (parameter.value != nullptr) parameter.value[element] = value;
    if (parameter.first != nullptr) parameter.first[element] = first_moment;
    if (parameter.second != nullptr) parameter.second[element] = second_moment;
  }
};

/// P_0 for Gaussian x.
template <class T>
struct StartProbabilityTask {
  ChunkArrays<T> chunk;
  double alpha = 0;

  BNC_HD void operator()(std::int64_t element) const {
    using V = Lane<double>;
    chunk.start_probability[element] =
        gaussian_activation_probability(V(static_cast<double>(chunk.state.neuron.gamma.value[element])),
                                        V(static_cast<double>(chunk.state.neuron.beta.value[element])),
                                        V(alpha))
            .value();
  }
};

/// The slice's steps of an element's trajectory, its state in registers.
template <class T, class Rule, DrawKind draw_kind, bool extras>
struct AdvanceTask {
  /// Plain steps fit into 40 registers.
  static constexpr int resident_groups = sizeof(T) == sizeof(float) && std::is_same_v<Rule, SgdRule> &&
                                                 draw_kind != DrawKind::gaussian_limit && !extras
                                             ? 6
                                             : 1;

  StepPlan<T> plan;
  Slice<T> slice;
  BlockArrays<T> state;
  bool ends_at_look = false;
  DivergenceWatch watch;

  BNC_HD void operator()(std::int64_t element) const {
    const int place = slice.begin + static_cast<int>(element);
    Walk<T, Rule, draw_kind, extras> walk(plan, slice, state, place);
    walk.run();
    if (ends_at_look && !walk.is_finite()) watch.mark(place);
  }
};

/// The rates of steps that share them.
template <class T>
struct SteadyRatesTask {
  T* rate = nullptr;
  T* shrink = nullptr;
  T* root = nullptr;
  T rate_value = 0, shrink_value = 0, root_value = 0;

  BNC_HD void operator()(std::int64_t step) const {
    rate[step] = rate_value;
    shrink[step] = shrink_value;
    root[step] = root_value;
  }
};

/// Counts of equal bins; `above` and `below` follow the bins'.
struct BinCounts {
  Bins bins;
  std::int64_t* counts = nullptr;
};
BNC_HD void count(const BinCounts& counts, double value) {
  const std::int64_t bin = bin_of(counts.bins, value);
  add_atomically(counts.counts[bin < 0 ? counts.bins.count + 1 : bin], 1);
}
/// `outside` follows the bins'.
struct BinCounts2d {
  Bins x, y;
  std::int64_t* counts = nullptr;
};
BNC_HD void count(const BinCounts2d& counts, double x, double y) {
  const std::int64_t bin = bin_of(counts.x, counts.y, x, y);
  add_atomically(counts.counts[bin < 0 ? counts.x.count * counts.y.count : bin], 1);
}
struct HistogramCounts {
  BinCounts gamma, beta, u;
  BinCounts2d gamma_beta;
};

/// A trajectory of a chunk as recorded_value sees it. What an experiment does not follow is 0.
template <class T>
class RecordedTrajectory {
 public:
  using V = Lane<double>;

  BNC_HD RecordedTrajectory(const ChunkArrays<T>& chunk, double alpha, std::int64_t element)
      : chunk_(chunk),
        element_(element),
        gamma_(V::load(chunk.state.neuron.gamma.value + element)),
        beta_(V::load(chunk.state.neuron.beta.value + element)),
        probability_(probability_of(chunk.state.neuron, chunk.probability, alpha)),
        antithetic_probability_(0) {
    if (chunk.state.antithetic.gamma.value != nullptr) {
      antithetic_probability_ = probability_of(chunk.state.antithetic, chunk.antithetic_probability, alpha);
    }
  }
  BNC_HD V gamma() const { return gamma_; }
  BNC_HD V beta() const { return beta_; }
  BNC_HD V probability() const { return probability_; }
  BNC_HD V start_probability() const { return V::load(chunk_.start_probability + element_); }
  BNC_HD V control_variate() const {
    const T* const values = chunk_.state.control_variate.value;
    return values != nullptr ? V::load(values + element_) : V(0);
  }
  BNC_HD V antithetic_probability() const { return antithetic_probability_; }

 private:
  /// @param known  P where the host computes it, else null
  BNC_HD V probability_of(const NeuronArrays<T>& neuron, const double* known, double alpha) const {
    if (known != nullptr) return V::load(known + element_);
    return gaussian_activation_probability(V::load(neuron.gamma.value + element_),
                                           V::load(neuron.beta.value + element_), V(alpha));
  }

  const ChunkArrays<T>& chunk_;
  std::int64_t element_;
  V gamma_, beta_, probability_, antithetic_probability_;
};

/// A record of a chunk: a group of threads takes a block, in phases with a barrier in between. The sums run
/// in the order of lane_sum.hpp.
template <class T>
struct RecordTask {
  static constexpr int threads = 256, phases = 6;
  static constexpr int resident_groups = 4;
  static_assert(RecordSums::quantities * virtual_lanes <= threads);

  ChunkArrays<T> chunk;
  std::int64_t trajectories = 0;  ///< of the chunk
  int block_size = 0;
  double alpha = 0;
  CollapseThresholds thresholds;
  bool counts_bins = false;
  HistogramCounts histograms;
  RecordSums* sums = nullptr;  ///< one per block

  BNC_HD std::size_t shared_bytes() const {
    return sizeof(double) *
           static_cast<std::size_t>(RecordSums::quantities * (block_size + virtual_lanes + 1));
  }

  BNC_HD void operator()(int phase, int block, int thread, double* shared) const {
    double* const lanes = shared + RecordSums::quantities * block_size;
    double* const means = lanes + RecordSums::quantities * virtual_lanes;
    const std::int64_t first = std::int64_t{block} * block_size;
    const int count = static_cast<int>(trajectories - first < block_size ? trajectories - first : block_size);
    RecordSums& result = sums[block];
    const int quantity = thread / virtual_lanes, lane = thread % virtual_lanes;
    switch (phase) {
      case 0:
        if (thread < RecordSums::events) result.counts[thread] = 0;
        break;
      case 1:
        for (int i = thread; i < block_size; i += threads) take(first + i, i, i < count, shared, result);
        break;
      case 2:
        if (quantity < RecordSums::quantities) {
          lanes[thread] = lane_total<1>(shared + quantity * block_size, count, lane, 0);
        }
        break;
      case 3:
        if (thread < RecordSums::quantities)
          means[thread] = sum_of_lanes(lanes + thread * virtual_lanes) / count;
        break;
      case 4:
        if (quantity < RecordSums::quantities) {
          lanes[thread] = lane_total<2>(shared + quantity * block_size, count, lane, means[quantity]);
        }
        break;
      default:
        if (thread < RecordSums::quantities) {
          result.moments[thread] = {count, means[thread], sum_of_lanes(lanes + thread * virtual_lanes)};
        }
    }
  }

 private:
  BNC_HD void take(std::int64_t element, int i, bool exists, double* shared, RecordSums& result) const {
    if (!exists) return;
    const RecordedTrajectory<T> trajectory(chunk, alpha, element);
    keep(std::make_integer_sequence<int, RecordSums::quantities>{}, trajectory, shared + i);
    tally(RecordedEvents{}, trajectory, result);
    if (counts_bins) count_state(histograms, trajectory.gamma().value(), trajectory.beta().value(), alpha);
  }

  template <int... quantity>
  BNC_HD void keep(std::integer_sequence<int, quantity...>, const RecordedTrajectory<T>& trajectory,
                   double* values) const {
    ((values[quantity * block_size] = recorded_value<RecordSums::Quantity(quantity)>(trajectory).value()),
     ...);
  }
  template <int... event>
  BNC_HD void tally(std::integer_sequence<int, event...>, const RecordedTrajectory<T>& trajectory,
                    RecordSums& result) const {
    const auto count_if = [](ScalarMask happens, std::int64_t& sum) {
      if (happens.value) add_atomically(sum, 1);
    };
    (count_if(recorded_event<RecordSums::Event(event)>(trajectory, thresholds), result.counts[event]), ...);
  }

  template <int power>
  BNC_HD static double lane_total(const double* values, int count, int lane, double shift) {
    using V = Lane<double>;
    V sum(0);
    for (int i = lane; i < count; i += virtual_lanes) sum = with_power<power>(sum, V(values[i]), V(shift));
    return sum.value();
  }
};

/// The bins of the times at which something first happened; `never` follows the bins'.
struct TimeCounts {
  std::int64_t bin_width = 1, bins = 0;
  std::int64_t* counts = nullptr;
};
BNC_HD void count(const TimeCounts& counts, std::int64_t time) {
  const std::int64_t bin = time_bin_of(counts.bin_width, time);
  add_atomically(counts.counts[bin < 0 ? counts.bins : bin], 1);
}
struct TimesTask {
  const std::int64_t* first_activation = nullptr;
  const std::int64_t* collapse_time = nullptr;
  TimeCounts activations, collapses;

  BNC_HD void operator()(std::int64_t element) const {
    if (first_activation != nullptr) count(activations, first_activation[element]);
    if (collapse_time != nullptr) count(collapses, collapse_time[element]);
  }
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
