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

#include "lane_sum.hpp"
#include "record.hpp"
#include "record_input.hpp"
#include "record_values.hpp"
#include "step.hpp"

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
    const auto exists = V::load(index.data() + part * V::width) < V(count - whole);
    for (std::size_t q = 0; q < n; ++q) {
      sums[part][q] = select(exists, with_power<power>(sums[part][q], here[q], V(shift[q])), sums[part][q]);
    }
  }
  std::array<double, n> totals;
  for (std::size_t q = 0; q < n; ++q) {
    double lanes[virtual_lanes];
    for (int part = 0; part < parts; ++part) sums[part][q].store(lanes + part * V::width);
    totals[q] = sum_of_lanes(lanes);
  }
  return totals;
}

/// The moments of one quantity.
template <class Value>
Moments moments(const Value& value, int count) {
  using V = Lane<double>;
  const auto values = [&](int i) { return std::array<V, 1>{value(i)}; };
  const double mean = lane_sums<1, 1>(values, count, {0})[0] / count;
  return {count, mean, lane_sums<2, 1>(values, count, {mean})[0]};
}

template <class T>
RecordSums record_sums(const RecordInput<T>& input, int count) {
  using V = Lane<double>;
  const auto load = [](const auto* array, int i) { return V::load(array + i); };
  const auto change = [&](int i) {
    return plain_change(load(input.probability, i), load(input.start_probability, i));
  };
  const auto plain = [&](int i) {
    return std::array<V, 4>{load(input.probability, i), change(i), load(input.gamma, i), load(input.beta, i)};
  };
  // Shares are sums of zeros and ones, which are exact.
  const auto plain_and_shares = [&](int i) {
    const std::array<V, 4> value = plain(i);
    const auto inactive = value[0] < V(input.probability_threshold);
    const auto small_gamma = abs(value[2]) < V(input.gamma_threshold);
    const auto share = [](auto mask) { return select(mask, V(1), V(0)); };
    return std::array<V, 7>{value[0],
                            value[1],
                            value[2],
                            value[3],
                            share(inactive),
                            share(small_gamma),
                            share(inactive & small_gamma)};
  };
  const std::array<double, 7> first = lane_sums<1, 7>(plain_and_shares, count, {});
  const std::array<double, 4> mean = {first[0] / count, first[1] / count, first[2] / count, first[3] / count};
  const std::array<double, 4> square = lane_sums<2, 4>(plain, count, mean);

  RecordSums sums;
  sums.probability = {count, mean[0], square[0]};
  sums.change = {count, mean[1], square[1]};
  sums.gamma = {count, mean[2], square[2]};
  sums.beta = {count, mean[3], square[3]};
  sums.inactive = static_cast<std::int64_t>(first[4]);
  sums.small_gamma = static_cast<std::int64_t>(first[5]);
  sums.collapsed = static_cast<std::int64_t>(first[6]);
  if (input.control != nullptr) {
    sums.control_variate = moments(
        [&](int i) {
          return controlled_change(load(input.probability, i), load(input.start_probability, i),
                                   load(input.control, i));
        },
        count);
  }
  if (input.twin_probability != nullptr) {
    sums.antithetic = moments(
        [&](int i) {
          return antithetic_change(load(input.probability, i), load(input.twin_probability, i),
                                   load(input.start_probability, i));
        },
        count);
  }
  return sums;
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
