#include "counter_random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "permutation.hpp"

using namespace bncollapse::nets;

// Known answers of Philox 4x32-10: file kat_vectors of Random123 1.14.0.
TEST_CASE("philox gives Random123's known answers") {
  using Words = CounterRandom::Words;
  CHECK(CounterRandom::philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(CounterRandom::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(CounterRandom::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a permutation holds every number once and depends on seed, purpose and stream") {
  const auto order = permutation(1000, CounterRandom(7, RandomPurpose::order, 3));
  auto sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t index = 0; index < sorted.size(); ++index) {
    REQUIRE(sorted[index] == static_cast<std::int64_t>(index));
  }
  CHECK(order == permutation(1000, CounterRandom(7, RandomPurpose::order, 3)));
  CHECK(order != permutation(1000, CounterRandom(8, RandomPurpose::order, 3)));
  CHECK(order != permutation(1000, CounterRandom(7, RandomPurpose::subset, 3)));
  CHECK(order != permutation(1000, CounterRandom(7, RandomPurpose::order, 4)));
}

TEST_CASE("a bounded draw stays below its bound") {
  CHECK(below(9, 0) == 0);
  CHECK(below(9, 0xffffffff) == 8);
}
