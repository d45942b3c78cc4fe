#include "host/moments.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "host/engines.hpp"
#include "host/record.hpp"
#include "kernel_table.hpp"
#include "relative_error.hpp"

using namespace bncollapse::sim;
using bncollapse::relative_error;

namespace {

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all = vector_kernels();
  all.push_back(&reference_kernels());
  return all;
}

/// What a record keeps of trajectories with these gammas; beta, P and the rest are derived from them.
template <class T>
RecordSums sums_of(const Kernels& kernels, std::vector<T> gamma, int count) {
  gamma.resize((gamma.size() + maximum_width - 1) / maximum_width * maximum_width);
  std::vector<T> beta, control;
  std::vector<double> probability, start, antithetic;
  for (const T value : gamma) {
    beta.push_back(value * value);
    control.push_back(value / 3);
    probability.push_back(std::fabs(std::sin(static_cast<double>(value))));
    start.push_back(std::fabs(std::cos(static_cast<double>(value))));
    antithetic.push_back(0.5 * probability.back());
  }
  return kernels.of<T>().record({gamma.data(),
                                 beta.data(),
                                 probability.data(),
                                 start.data(),
                                 antithetic.data(),
                                 control.data(),
                                 {0.5, 0.25}},
                                count);
}

bool same_bits(const Moments& a, const Moments& b) {
  return a.count == b.count && std::bit_cast<std::uint64_t>(a.mean) == std::bit_cast<std::uint64_t>(b.mean) &&
         std::bit_cast<std::uint64_t>(a.square_sum) == std::bit_cast<std::uint64_t>(b.square_sum);
}

}  // namespace

TEST_CASE("moments: exact on small integers, whatever the cut") {
  // 0, 1, ..., 99: mean 49.5, sum of squared deviations n (n^2 - 1)/12 = 83325.
  for (const Kernels* kernels : all_kernels()) {
    for (const int cut : {1, 15, 16, 17, 63, 64, 99}) {
      std::vector<double> first, second;
      for (int i = 0; i < 100; ++i) (i < cut ? first : second).push_back(i);
      const Moments moments = merged(sums_of(*kernels, first, cut).moments[RecordSums::gamma],
                                     sums_of(*kernels, second, 100 - cut).moments[RecordSums::gamma]);
      CHECK(moments.count == 100);
      CHECK(relative_error(moments.mean, 49.5) <= 1e-15);
      CHECK(relative_error(moments.square_sum, 83325) <= 1e-14);
    }
  }
}

TEST_CASE_TEMPLATE("moments: every instruction set adds in the same order", T, float, double) {
  std::vector<T> values(192);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<T>(std::sin(static_cast<double>(i * i)) * 1e3);
  }
  values[3] = T(0.25);
  for (const int count : {1, 5, 16, 100, 129, 192}) {
    const RecordSums expected = sums_of(reference_kernels(), values, count);
    CHECK(expected.counts[RecordSums::small_gamma] ==
          std::count_if(values.begin(), values.begin() + count, [](T v) { return std::fabs(v) < T(0.5); }));
    // What lies behind the last trajectory does not matter.
    std::vector<T> others = values;
    std::fill(others.begin() + count, others.end(), std::numeric_limits<T>::quiet_NaN());
    for (const Kernels* kernels : all_kernels()) {
      const RecordSums sums = sums_of(*kernels, others, count);
      for (int i = 0; i < RecordSums::quantities; ++i) {
        CAPTURE(i);
        CHECK(same_bits(sums.moments[i], expected.moments[i]));
      }
      for (int i = 0; i < RecordSums::events; ++i) {
        CAPTURE(i);
        CHECK(sums.counts[i] == expected.counts[i]);
      }
    }
  }
}

TEST_CASE("moments: a small spread far from zero survives") {
  // 1e9 + {0, 1}: variance 1/4 of the two-point law, lost by sums of squares in double precision.
  std::vector<double> values(1024);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1e9 + static_cast<double>(i % 2);
  Moments sum;
  for (int block = 0; block < 100; ++block)
    sum = merged(sum, sums_of(reference_kernels(), values, 1024).moments[RecordSums::gamma]);
  CHECK(sum.count == 102'400);
  CHECK(relative_error(sum.square_sum, 25'600) <= 1e-14);
  CHECK(relative_error(to_mean(sum).standard_error, std::sqrt(0.25 / 102'399)) <= 1e-14);
}

TEST_CASE("moments: a number that is not finite is found wherever it stands") {
  for (const Kernels* kernels : all_kernels()) {
    std::vector<float> values(128, 1e38F);
    CHECK(kernels->float32.all_finite(values.data(), 128));
    for (const std::size_t place : {std::size_t{0}, std::size_t{31}, std::size_t{64}, std::size_t{127}}) {
      for (const float lost :
           {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        std::vector<float> with_lost = values;
        with_lost[place] = lost;
        CHECK_FALSE(kernels->float32.all_finite(with_lost.data(), 128));
      }
    }
  }
}

TEST_CASE("moments: shares") {
  const Mean share = to_share(25, 100);
  CHECK(share.mean == 0.25);
  CHECK(relative_error(share.standard_error, std::sqrt(0.25 * 0.75 / 99)) <= 1e-14);
  CHECK(to_share(0, 100).standard_error == 0);
  CHECK(to_share(1, 1).standard_error == std::numeric_limits<double>::infinity());
}
