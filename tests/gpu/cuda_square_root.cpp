// The square root of the steps on the devices at hand; without one the case says so and is skipped.
#include "cuda_square_root.hpp"

#include <doctest/doctest.h>

#include "no_cuda_engine.hpp"
#include "skip.hpp"

using namespace bncollapse;

TEST_CASE("the cuda engine's square root is the correctly rounded one for every float of its domain") {
  SKIP_IF(sim::testing::no_cuda_engine());
  for (const gpu::Device& device : gpu::devices()) {
    const gpu::testing::RootCheck check = gpu::testing::check_moderate_sqrt(device.index);
    CAPTURE(device.name);
    CAPTURE(check.first_wrong);
    CHECK(check.checked > 1'900'000'000);
    CHECK(check.wrong == 0);
  }
}
