// The approximate mode's source on the host, where the standard library's functions in float stand in for the
// device's.
#define BNC_TARGET on_host_approximate
#define BNC_APPROXIMATE
#include "approximation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <numbers>

#include "device_executor.hpp"
#include "host/engines.hpp"
#include "host_device.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;
using on_host_approximate::Lane;
using on_host_approximate::ScalarBits;
using V = Lane<float>;

TEST_CASE("the approximate mode agrees with the exact one statistically") {
  const on_host_approximate::DeviceExecutor<HostDevice<1 << 17>, float> executor({0}, 1);
  for (const Experiment& experiment : approximation_experiments(1 << 17)) {
    check_agreement(simulate(experiment, executor, reference_kernels(), 1, {}),
                    cpu_engine().run(with_other_draws(experiment)));
  }
}

TEST_CASE("the approximate normals are finite and within their bound for every extreme word") {
  const float bound = std::sqrt(66 * std::numbers::ln2_v<float>);
  for (const std::uint32_t w0 : {0U, 1U, 0x7fffffffU, 0x80000000U, 0xfffffffeU, 0xffffffffU}) {
    for (const std::uint32_t w1 : {0U, 1U, 0x3fffffffU, 0x40000000U, 0x80000000U, 0xffffffffU}) {
      const auto pair = on_host_approximate::normal_pair<V>(ScalarBits{w0}, ScalarBits{w1});
      CHECK(std::hypot(pair.first.value(), pair.second.value()) <= 1.000001F * bound);
    }
  }
}

TEST_CASE("the functions that the device approximates are the ones meant") {
  // std::log, std::exp, std::cos in double; the stand-ins err by some units in the last place of a float.
  const auto close = [](float a, double b) {
    return std::fabs(static_cast<double>(a) - b) < 1e-6 * std::fmax(1, std::fabs(b));
  };
  for (float x = 0.01F; x < 30; x *= 1.37F) {
    const auto wide = static_cast<double>(x);
    CHECK(close(on_host_approximate::log(V(x)).value(), std::log(wide)));
    CHECK(close(on_host_approximate::exp_of_negative(V(-x)).value(), std::exp(-wide)));
  }
  for (const std::uint32_t word : {0U, 1U << 28, 1U << 30, 3U << 29, 1U << 31, 7U << 29}) {
    const double angle = std::numbers::pi * static_cast<std::int32_t>(word) * 0x1p-31;
    const auto pair = on_host_approximate::direction<V>(ScalarBits{word});
    CHECK(close(pair.first.value(), std::numbers::sqrt2 * std::cos(angle)));
    CHECK(close(pair.second.value(), std::numbers::sqrt2 * std::sin(angle)));
  }
}
