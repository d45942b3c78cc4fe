// The kernels that a record calls, for one lane type.

#if defined(BNC_SIM_RECORD_KERNELS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_RECORD_KERNELS_HPP
#undef BNC_SIM_RECORD_KERNELS_HPP
#else
#define BNC_SIM_RECORD_KERNELS_HPP
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "host/record.hpp"
#include "record_input.hpp"
#include "shared/lane_sum.hpp"
#include "shared/record_values.hpp"
#include "shared/step.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

// P is a long chain of dependent operations: the more chains side by side, the fewer empty slots.
#if defined(BNC_VECTOR_LANES)
template <class T>
using ManyLanes = PairedLane<Lane<T>>;
#else
template <class T>
using ManyLanes = Lane<T>;
#endif

template <class T>
void gaussian_probability(const T* gamma, const T* beta, double alpha, int count, double* probability) {
  using V = ManyLanes<double>;
  for (int i = 0; i < count; i += V::width) {
    gaussian_activation_probability(V::load(gamma + i), V::load(beta + i), V(alpha)).store(probability + i);
  }
}

template <class T>
bool all_finite(const T* values, int count) {
  using V = Lane<T>;
  auto finite = V(0) == V(0);
  for (int i = 0; i < count; i += V::width) {
    const V value = V::load(values + i);
    finite = finite & (value - value == V(0));
  }
  return all(finite);
}

/// sum of (value - shift)^power over the first `count` elements, of n quantities at a time; values(i) gives
/// the n values of elements i to i + V::width - 1.
template <int power, std::size_t n, class Values>
std::array<double, n> lane_sums(const Values& values, int count, const std::array<double, n>& shift) {
  using V = Lane<double>;
  constexpr int parts = virtual_lanes / V::width;
  V sums[parts][n];
  for (auto& part : sums) {
    for (V& sum : part) sum = V(0);
  }
  const int whole = count / virtual_lanes * virtual_lanes;
  for (int i = 0; i < whole; i += virtual_lanes) {
    BNC_UNROLL
    for (int part = 0; part < parts; ++part) {
      const std::array<V, n> here = values(i + part * V::width);
      BNC_UNROLL
      for (std::size_t q = 0; q < n; ++q) {
        sums[part][q] = with_power<power>(sums[part][q], here[q], V(shift[q]));
      }
    }
  }
  // The rest: the lanes without an element keep their sums.
  constexpr std::array<double, 16> index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int part = 0; whole + part * V::width < count; ++part) {
    const std::array<V, n> here = values(whole + part * V::width);
    const auto exists = V::load(index.data() + std::ptrdiff_t{part} * V::width) < V(count - whole);
    for (std::size_t q = 0; q < n; ++q) {
      sums[part][q] = select(exists, with_power<power>(sums[part][q], here[q], V(shift[q])), sums[part][q]);
    }
  }
  std::array<double, n> totals;
  for (std::size_t q = 0; q < n; ++q) {
    double lanes[virtual_lanes];
    for (int part = 0; part < parts; ++part) sums[part][q].store(lanes + std::ptrdiff_t{part} * V::width);
    totals[q] = sum_of_lanes(lanes);
  }
  return totals;
}

/// Trajectories i to i + width - 1 as recorded_value sees them.
template <class T>
class RecordedLanes {
 public:
  using V = Lane<double>;

  BNC_HD RecordedLanes(const RecordInput<T>& input, int i) : input_(input), i_(i) {}
  BNC_HD V gamma() const { return V::load(input_.gamma + i_); }
  BNC_HD V beta() const { return V::load(input_.beta + i_); }
  BNC_HD V probability() const { return V::load(input_.probability + i_); }
  BNC_HD V start_probability() const { return V::load(input_.start_probability + i_); }
  BNC_HD V control_variate() const { return V::load(input_.control_variate + i_); }
  BNC_HD V antithetic_probability() const { return V::load(input_.antithetic_probability + i_); }

 private:
  const RecordInput<T>& input_;
  int i_;
};

template <int... number>
using Numbers = std::integer_sequence<int, number...>;

/// Fills in the moments of the quantities and the counts of the events.
template <class T, int... quantity, int... event>
void take_sums(RecordSums& sums, const RecordInput<T>& input, int count, Numbers<quantity...>,
               Numbers<event...>) {
  using V = Lane<double>;
  constexpr std::size_t n = sizeof...(quantity), all = n + sizeof...(event);
  const auto values = [&](int i) {
    const RecordedLanes<T> lanes(input, i);
    return std::array<V, n>{recorded_value<RecordSums::Quantity(quantity)>(lanes)...};
  };
  // Counts are sums of zeros and ones, which are exact.
  const auto values_and_events = [&](int i) {
    const RecordedLanes<T> lanes(input, i);
    return std::array<V, all>{
        recorded_value<RecordSums::Quantity(quantity)>(lanes)...,
        select(recorded_event<RecordSums::Event(event)>(lanes, input.thresholds), V(1), V(0))...};
  };
  const std::array<double, all> totals = lane_sums<1, all>(values_and_events, count, {});
  std::array<double, n> means;
  for (std::size_t i = 0; i < n; ++i) means[i] = totals[i] / count;
  const std::array<double, n> squares = lane_sums<2, n>(values, count, means);
  std::size_t i = 0;
  ((sums.moments[quantity] = {count, means[i], squares[i]}, ++i), ...);
  ((sums.counts[event] = static_cast<std::int64_t>(totals[i++])), ...);
}

template <class T>
RecordSums record_sums(const RecordInput<T>& input, int count) {
  RecordSums sums;
  take_sums(sums, input, count, RecordedQuantities{}, RecordedEvents{});
  if (input.control_variate != nullptr) {
    take_sums(sums, input, count, Numbers<RecordSums::control_variate>{}, Numbers<>{});
  }
  if (input.antithetic_probability != nullptr) {
    take_sums(sums, input, count, Numbers<RecordSums::antithetic>{}, Numbers<>{});
  }
  return sums;
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
