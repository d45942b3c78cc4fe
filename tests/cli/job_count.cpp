#include "job_count.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>

using bncollapse::cli::JobCount;

namespace {

/// Trainings on a device whose steps per second, of all together, depend on how many there are. They report
/// once a second; a new one takes 4 s to start.
struct MadeDevice {
  std::function<double(int)> rate;
  double memory_each = 0.05;

  struct Training {
    double start = 0, steps = 0;
  };

  /// The numbers of trainings that the rule asked for in 200 s.
  std::set<int> ask(JobCount count, double trained_for = 1e9) const {
    std::set<int> asked;
    std::map<std::int64_t, Training> running;
    std::int64_t next = 0;
    for (double now = 0; now < 200; ++now) {
      asked.insert(count.jobs());
      while (running.size() < static_cast<std::size_t>(count.jobs())) running[next++].start = now;
      const auto working = static_cast<int>(running.size());
      for (auto training = running.begin(); training != running.end();) {
        auto& [index, state] = *training;
        if (now - state.start > trained_for) {
          count.ended(index);
          training = running.erase(training);
          continue;
        }
        if (now >= state.start + 4) {
          state.steps += rate(working) / working;
          count.report(index, static_cast<std::int64_t>(state.steps), memory_each * working, now);
        }
        ++training;
      }
    }
    last = count.jobs();
    return asked;
  }
  mutable int last = 0;
};

}  // namespace

TEST_CASE("jobs: one more training as long as all together gain a tenth") {
  // 100, 160, 200, 210 steps/s: the fourth brings 5 %.
  const MadeDevice saturating{.rate = [](int jobs) {
    return jobs < 4 ? 100 + 70.0 * (jobs - 1) - 10 * (jobs - 1) * (jobs - 2) : 210;
  }};
  CHECK(saturating.ask(JobCount::measured(6)) == std::set<int>{1, 2, 3, 4});
  CHECK(saturating.last == 3);
  const MadeDevice full{.rate = [](int) { return 100.0; }};
  CHECK(full.ask(JobCount::measured(6)) == std::set<int>{1, 2});
  CHECK(full.last == 1);
}

TEST_CASE("jobs: no more than asked for, or than the memory holds") {
  const MadeDevice endless{.rate = [](int jobs) { return 100.0 * jobs; }};
  endless.ask(JobCount::measured(3));
  CHECK(endless.last == 3);
  const MadeDevice small{.rate = [](int jobs) { return 100.0 * jobs; }, .memory_each = 0.3};
  CHECK(small.ask(JobCount::measured(6)) == std::set<int>{1, 2, 3});
  const MadeDevice full{.rate = [](int jobs) { return 100.0 * jobs; }, .memory_each = 0.5};
  CHECK(full.ask(JobCount::measured(6)) == std::set<int>{1});
  CHECK(endless.ask(JobCount::given(4)) == std::set<int>{4});
}

TEST_CASE("jobs: trainings that end and are followed by others do not mislead the measurement") {
  const MadeDevice full{.rate = [](int) { return 100.0; }};
  full.ask(JobCount::measured(6), 23);
  CHECK(full.last == 1);
  const MadeDevice endless{.rate = [](int jobs) { return 100.0 * jobs; }};
  endless.ask(JobCount::measured(3), 40);
  CHECK(endless.last == 3);
}
