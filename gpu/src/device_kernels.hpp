// What a device does with the trajectories of a chunk, by the simulator's own text. A task is a plain object
// that is called for every element, or phase by phase by the threads of a group; the device's own source
// launches it, and a test runs it on the host, one thread after another.
#pragma once

#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "draw.hpp"
#include "kernel_table.hpp"
#include "lane_sum.hpp"
#include "moments.hpp"
#include "record_values.hpp"
#include "step.hpp"
#include "walk.hpp"

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
  double* probability = nullptr;       ///< where the host computes P
  double* twin_probability = nullptr;  ///< likewise
};

/// Where the trajectories start: drawn, in row (trajectory mod rows) of a table, or in a point.
struct StartSource {
  bool is_drawn = false;
  InitialDraw draw;
  const double* gamma = nullptr;
  const double* beta = nullptr;
  std::int64_t rows = 0;  ///< of the table; 0 without one
  InitialPoint point;
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
  StartSource source;
  DivergenceWatch watch;
  PhiloxKey key;
  std::uint64_t first_trajectory = 0;
  T first_moment = 0, second_moment = 0;

  BNC_HD void operator()(std::int64_t element) const {
    const std::uint64_t trajectory = first_trajectory + static_cast<std::uint64_t>(element);
    double gamma, beta;
    if (source.is_drawn) {
      const auto start = draw_start<Lane<double>>(source.draw, key, trajectory);
      gamma = start.first.value();
      beta = start.second.value();
    } else if (source.rows > 0) {
      const std::uint64_t row = trajectory % static_cast<std::uint64_t>(source.rows);
      gamma = source.gamma[row];
      beta = source.beta[row];
    } else {
      gamma = source.point.gamma;
      beta = source.point.beta;
    }
    const BlockArrays<T>& state = chunk.state;
    place(state.neuron.gamma, static_cast<T>(gamma), element);
    place(state.neuron.beta, static_cast<T>(beta), element);
    place(state.twin.gamma, static_cast<T>(gamma), element);
    place(state.twin.beta, static_cast<T>(beta), element);
    if (state.control.value != nullptr) state.control.value[element] = T(0);
    if (state.control.first != nullptr) state.control.first[element] = T(0);
    if (state.first_activation != nullptr) state.first_activation[element] = 0;
    if (state.collapse_time != nullptr) state.collapse_time[element] = 0;
    const bool finite = is_finite(static_cast<T>(gamma)) && is_finite(static_cast<T>(beta));
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
template <class T, OptimizerFamily family, DrawKind draw_kind, bool extras>
struct AdvanceTask {
  /// Plain steps fit into 40 registers.
  static constexpr int resident_groups = sizeof(T) == sizeof(float) && family == OptimizerFamily::sgd &&
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
    Walk<T, family, draw_kind, extras> walk(plan, slice, state, place);
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

/// What a record keeps of a block.
struct BlockSums {
  enum Quantity { probability, change, gamma, beta, control_variate, antithetic, quantities };
  Moments moments[quantities];
  std::int64_t collapsed = 0, small_gamma = 0, inactive = 0;
};

/// Counts of equal bins; `above` and `below` follow the bins'.
struct BinCounts {
  Bins bins;
  std::int64_t* counts = nullptr;

  BNC_HD void add(double value) const {
    const std::int64_t bin = bin_of(bins, value);
    add_atomically(counts[bin < 0 ? bins.count + 1 : bin], 1);
  }
};
/// `outside` follows the bins'.
struct BinCounts2d {
  Bins x, y;
  std::int64_t* counts = nullptr;

  BNC_HD void add(double x_value, double y_value) const {
    const std::int64_t bin = bin_of(x, y, x_value, y_value);
    add_atomically(counts[bin < 0 ? x.count * y.count : bin], 1);
  }
};
struct HistogramCounts {
  BinCounts gamma, beta, u;
  BinCounts2d gamma_beta;
};

/// A record of a chunk: a group of threads takes a block, in phases with a barrier in between. The sums run
/// in the order of lane_sum.hpp.
template <class T>
struct RecordTask {
  static constexpr int threads = 256, phases = 6;
  static constexpr int resident_groups = 4;

  ChunkArrays<T> chunk;
  std::int64_t trajectories = 0;  ///< of the chunk
  int block_size = 0;
  double alpha = 0;
  double gamma_threshold = 0, probability_threshold = 0;
  bool counts_bins = false;
  HistogramCounts histograms;
  BlockSums* sums = nullptr;  ///< one a block

  BNC_HD std::size_t shared_bytes() const {
    return sizeof(double) *
           static_cast<std::size_t>(BlockSums::quantities * (block_size + virtual_lanes + 1));
  }

  BNC_HD void operator()(int phase, int block, int thread, double* shared) const {
    double* const lanes = shared + BlockSums::quantities * block_size;
    double* const means = lanes + BlockSums::quantities * virtual_lanes;
    const std::int64_t first = std::int64_t{block} * block_size;
    const int count = static_cast<int>(trajectories - first < block_size ? trajectories - first : block_size);
    BlockSums& result = sums[block];
    const int quantity = thread / virtual_lanes, lane = thread % virtual_lanes;
    switch (phase) {
      case 0:
        if (thread == 0) result.collapsed = result.small_gamma = result.inactive = 0;
        break;
      case 1:
        for (int i = thread; i < block_size; i += threads) take(first + i, i, i < count, shared, result);
        break;
      case 2:
        if (quantity < BlockSums::quantities) {
          lanes[thread] = lane_total<1>(shared + quantity * block_size, count, lane, 0);
        }
        break;
      case 3:
        if (thread < BlockSums::quantities)
          means[thread] = sum_of_lanes(lanes + thread * virtual_lanes) / count;
        break;
      case 4:
        if (quantity < BlockSums::quantities) {
          lanes[thread] = lane_total<2>(shared + quantity * block_size, count, lane, means[quantity]);
        }
        break;
      default:
        if (thread < BlockSums::quantities) {
          result.moments[thread] = {count, means[thread], sum_of_lanes(lanes + thread * virtual_lanes)};
        }
    }
  }

 private:
  BNC_HD double probability_of(T gamma, T beta) const {
    using V = Lane<double>;
    return gaussian_activation_probability(V(static_cast<double>(gamma)), V(static_cast<double>(beta)),
                                           V(alpha))
        .value();
  }

  BNC_HD void take(std::int64_t element, int i, bool exists, double* shared, BlockSums& result) const {
    const auto keep = [&](BlockSums::Quantity quantity, double value) {
      shared[quantity * block_size + i] = value;
    };
    if (!exists) return;
    const BlockArrays<T>& state = chunk.state;
    const T gamma = state.neuron.gamma.value[element], beta = state.neuron.beta.value[element];
    const double p = chunk.probability != nullptr ? chunk.probability[element] : probability_of(gamma, beta);
    const double start = chunk.start_probability[element];
    const auto wide_gamma = static_cast<double>(gamma), wide_beta = static_cast<double>(beta);
    keep(BlockSums::probability, p);
    keep(BlockSums::change, plain_change(p, start));
    keep(BlockSums::gamma, wide_gamma);
    keep(BlockSums::beta, wide_beta);
    double controlled = 0, antithetic = 0;
    if (state.control.value != nullptr) {
      controlled = controlled_change(p, start, static_cast<double>(state.control.value[element]));
    }
    if (state.twin.gamma.value != nullptr) {
      const double twin = chunk.twin_probability != nullptr ? chunk.twin_probability[element]
                                                            : probability_of(state.twin.gamma.value[element],
                                                                             state.twin.beta.value[element]);
      antithetic = antithetic_change(p, twin, start);
    }
    keep(BlockSums::control_variate, controlled);
    keep(BlockSums::antithetic, antithetic);

    const bool small_gamma = (wide_gamma < 0 ? -wide_gamma : wide_gamma) < gamma_threshold;
    const bool inactive = p < probability_threshold;
    if (small_gamma) add_atomically(result.small_gamma, 1);
    if (inactive) add_atomically(result.inactive, 1);
    if (small_gamma && inactive) add_atomically(result.collapsed, 1);
    if (counts_bins) {
      histograms.gamma.add(wide_gamma);
      histograms.beta.add(wide_beta);
      histograms.u.add(activation_threshold(wide_gamma, wide_beta, alpha));
      histograms.gamma_beta.add(wide_gamma, wide_beta);
    }
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

  BNC_HD void add(std::int64_t time) const {
    const std::int64_t bin = time_bin_of(bin_width, time);
    add_atomically(counts[bin < 0 ? bins : bin], 1);
  }
};
struct TimesTask {
  const std::int64_t* first_activation = nullptr;
  const std::int64_t* collapse_time = nullptr;
  TimeCounts activations, collapses;

  BNC_HD void operator()(std::int64_t element) const {
    if (first_activation != nullptr) activations.add(first_activation[element]);
    if (collapse_time != nullptr) collapses.add(collapse_time[element]);
  }
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
