#include "bncollapse/study/time_estimate.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

/// Takes its time: so many seconds at first, then for each trajectory, of whose steps it tells the progress.
class SlowEngine final : public sim::Engine {
 public:
  SlowEngine(double at_first, double each) : at_first_(at_first), each_(each) {}

  std::string_view name() const override { return "slow"; }
  std::string description() const override { return "for tests"; }
  sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
    for (double waited = 0; waited < at_first_; waited += 0.01) {
      sleep(std::min(at_first_, 0.01));
      if (control.stop != nullptr && control.stop->load()) throw sim::Interrupted();
    }
    for (std::int64_t i = 1; i <= experiment.trajectories; ++i) {
      sleep(each_);
      if (control.on_progress) control.on_progress(i * experiment.steps);
      if (control.stop != nullptr && control.stop->load()) throw sim::Interrupted();
    }
    return {};
  }

 private:
  static void sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

  double at_first_, each_;
};

std::vector<Point> points(const std::vector<int>& trajectories) {
  Json json = small_spec();
  json["checks"] = Json::array();
  json["sweep"]["axes"] = {{{"field", "simulation.trajectories"}, {"values", trajectories}}};
  return sweep_points(parse(json));
}

}  // namespace

// An engine that sleeps takes at least its time; a busy machine makes it take longer.
TEST_CASE("the time of a run is found from parts of it") {
  const auto seconds = [](const std::vector<int>& trajectories, const SlowEngine& engine) {
    return measure_seconds(points(trajectories), Json::array(), engine, 2);
  };
  SUBCASE("many trajectories, cut off in the middle") {
    const double found = seconds({100'000}, SlowEngine(0, 1e-2));
    CHECK(found > 1000);
    CHECK(found < 3000);
  }
  SUBCASE("what is done once is not multiplied") {
    const double found = seconds({100'000}, SlowEngine(0.05, 2e-4));
    CHECK(found > 20);
    CHECK(found < 100);
  }
  SUBCASE("a point that takes more than all others") {
    const double found = seconds({10, 100'000, 20, 30, 40, 50}, SlowEngine(0, 1e-3));
    CHECK(found > 100);
    CHECK(found < 300);
  }
  SUBCASE("what tells no progress is given up") { CHECK(seconds({1}, SlowEngine(3600, 0)) > 0.25); }
  SUBCASE("points between the measured ones, by their work") {
    const double found = seconds({10'000, 20'000, 30'000, 40'000, 50'000}, SlowEngine(0, 1e-3));
    CHECK(found > 150);
    CHECK(found < 450);
  }
}
