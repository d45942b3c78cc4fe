#include "bncollapse/study/time_estimate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

/// Stands still but where the engine moves it: the test knows no haste, however busy the machine is.
double now = 0;

/// Takes its time: so many seconds at first, then for each trajectory, of whose steps it tells the progress.
class SlowEngine final : public sim::Engine {
 public:
  SlowEngine(double at_first, double each) : at_first_(at_first), each_(each) {}

  std::string_view name() const override { return "slow"; }
  std::string description() const override { return "for tests"; }
  sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
    now += at_first_;
    for (std::int64_t i = 1; i <= experiment.trajectories; ++i) {
      now += each_;
      if (control.on_progress) control.on_progress(i * experiment.steps);
      if (control.stop != nullptr && control.stop->load()) throw sim::Interrupted();
    }
    return {};
  }

 private:
  double at_first_, each_;
};

/// Ends when it is told to, and says nothing.
class MuteEngine final : public sim::Engine {
 public:
  std::string_view name() const override { return "mute"; }
  std::string description() const override { return "for tests"; }
  sim::Estimates run(const sim::Experiment&, const sim::RunControl& control) const override {
    while (!control.stop->load()) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    now += 1;
    throw sim::Interrupted();
  }
};

std::vector<Point> points(const std::vector<int>& trajectories) {
  Json json = small_spec();
  json["checks"] = Json::array();
  json["sweep"]["axes"] = {{{"field", "simulation.trajectories"}, {"values", trajectories}}};
  return parse(json).points;
}

}  // namespace

TEST_CASE("the time of a run is found from parts of it") {
  now = 0;
  const auto seconds = [](const std::vector<int>& trajectories, const sim::Engine& engine) {
    return measure_seconds(points(trajectories), Json::array(), engine, 2, [] { return now; });
  };
  const auto check_near = [](double found, double expected) {
    CHECK(found > 0.9 * expected);
    CHECK(found < 1.1 * expected);
  };
  SUBCASE("many trajectories, cut off in the middle") {
    check_near(seconds({100'000}, SlowEngine(0, 1e-2)), 1000);
    CHECK(now < 2);
  }
  SUBCASE("what is done once is not multiplied") {
    check_near(seconds({100'000}, SlowEngine(0.05, 2e-4)), 20);
    CHECK(now < 2);
  }
  SUBCASE("a point that takes more than all others") {
    check_near(seconds({10, 100'000, 20, 30, 40, 50}, SlowEngine(0, 1e-3)), 100);
    CHECK(now < 2);
  }
  SUBCASE("what tells no progress is given up") { CHECK(seconds({1}, MuteEngine()) >= 1); }
  SUBCASE("points between the measured ones, by their work") {
    check_near(seconds({10'000, 20'000, 30'000, 40'000, 50'000}, SlowEngine(0, 1e-3)), 150);
  }
}
