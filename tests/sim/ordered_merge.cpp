#include "host/ordered_merge.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

using bncollapse::sim::OrderedMerge;

TEST_CASE("ordered merge: takes results in order from threads that are out of step") {
  std::vector<int> taken;
  OrderedMerge<int> merge(3, [&](int&& value) { taken.push_back(value); });
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = next++; i < 500; i = next++) {
        if (i % 4 == t) std::this_thread::yield();
        merge.deliver(i, 2 * i);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  REQUIRE(taken.size() == 500);
  for (int i = 0; i < 500; ++i) CHECK_UNARY(taken[static_cast<std::size_t>(i)] == 2 * i);
}

TEST_CASE("ordered merge: holds who is too far ahead, lets go when cancelled") {
  int taken = 0;
  OrderedMerge<int> merge(2, [&](int&&) { ++taken; });
  std::atomic<bool> done = false;
  std::thread ahead([&] {
    merge.deliver(2, 0);
    done = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK_FALSE(done);
  merge.cancel();
  ahead.join();
  CHECK(done);
  CHECK(taken == 0);
}

TEST_CASE("ordered merge: what the taker throws reaches who delivers") {
  OrderedMerge<int> merge(2, [](int&& value) {
    if (value == 1) throw std::runtime_error("no");
  });
  merge.deliver(0, 0);
  CHECK_THROWS_AS(merge.deliver(1, 1), std::runtime_error);
}
