#include "moments.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "kernel_table.hpp"

using namespace bncollapse::sim;

TEST_CASE("moments: exact on small integers, whatever the cut") {
  // 0, 1, ..., 99: mean 49.5, sum of squared deviations n (n^2 - 1)/12 = 83325.
  std::vector<const Kernels*> all = vector_kernels();
  all.push_back(&reference_kernels());
  for (const Kernels* kernels : all) {
    for (const int cut : {1, 15, 16, 17, 63, 64, 99}) {
      std::vector<double> first(128), second(128);
      for (int i = 0; i < 100; ++i)
        (i < cut ? first : second)[static_cast<std::size_t>(i < cut ? i : i - cut)] = i;
      const Moments moments =
          merged(kernels->moments(first.data(), cut), kernels->moments(second.data(), 100 - cut));
      CHECK(moments.count == 100);
      CHECK(moments.mean == doctest::Approx(49.5).epsilon(1e-15));
      CHECK(moments.square_sum == doctest::Approx(83325).epsilon(1e-14));
    }
  }
}

TEST_CASE("moments: every instruction set adds in the same order") {
  std::vector<double> values(192);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i * i)) * 1e3;
  for (const int count : {1, 5, 16, 100, 129, 192}) {
    std::vector<double> copy = values;
    const Moments expected = reference_kernels().moments(copy.data(), count);
    for (const Kernels* kernels : vector_kernels()) {
      copy = values;
      const Moments moments = kernels->moments(copy.data(), count);
      CHECK(std::bit_cast<std::uint64_t>(moments.mean) == std::bit_cast<std::uint64_t>(expected.mean));
      CHECK(std::bit_cast<std::uint64_t>(moments.square_sum) ==
            std::bit_cast<std::uint64_t>(expected.square_sum));
    }
  }
}

TEST_CASE("moments: a small spread far from zero survives") {
  // 1e9 + {0, 1}: variance 1/4 of the two-point law, lost by sums of squares in double precision.
  std::vector<double> values(1024);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1e9 + static_cast<double>(i % 2);
  Moments sum;
  for (int block = 0; block < 100; ++block)
    sum = merged(sum, reference_kernels().moments(values.data(), 1024));
  CHECK(sum.count == 102'400);
  CHECK(sum.square_sum == doctest::Approx(25'600).epsilon(1e-12));
  CHECK(to_mean(sum).standard_error == doctest::Approx(std::sqrt(0.25 / 102'399)).epsilon(1e-12));
}

TEST_CASE("moments: shares") {
  const Mean share = to_share(25, 100);
  CHECK(share.mean == 0.25);
  CHECK(share.standard_error == doctest::Approx(std::sqrt(0.25 * 0.75 / 99)).epsilon(1e-14));
  CHECK(to_share(0, 100).standard_error == 0);
  CHECK(to_share(1, 1).standard_error == std::numeric_limits<double>::infinity());
}
