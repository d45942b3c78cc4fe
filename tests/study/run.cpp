#include "bncollapse/study/run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/judge.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

constexpr auto resume = Store::Existing::resume;
constexpr auto refuse = Store::Existing::refuse;

const sim::Engine& engine() {
  static const auto engine = sim::make_engine(sim::EngineName::cpu);
  return *engine;
}

/// Every table but `meta`, which says when and where the run was made.
bool same_tables(const std::filesystem::path& one, const std::filesystem::path& other) {
  const StoredTables tables(one), others(other);
  for (const std::string& table : tables.names()) {
    if (table != "meta" && tables.read(table).columns != others.read(table).columns) return false;
  }
  return true;
}

std::vector<Verdict> run(const Json& spec, const std::filesystem::path& folder) {
  return run_spec(parse(spec), folder, engine(), refuse);
}

bool all_pass(const std::vector<Verdict>& verdicts) {
  for (const Verdict& verdict : verdicts) {
    INFO(verdict.check << ": " << verdict.claim << ": " << verdict.field << " measured " << verdict.measured
                       << " tolerance " << verdict.tolerance << " note " << verdict.note);
    CHECK(verdict.outcome == Outcome::pass);
  }
  return !verdicts.empty();
}

}  // namespace

TEST_CASE("the drift: exact, Theorem 1, exponent, data collapse, estimators, and a false exponent") {
  const TemporaryFolder folder;
  Json spec = small_spec();
  spec["simulation"]["trajectories"] = 200000;
  spec["simulation"]["control_variate"] = true;
  spec["checks"] = {
      {{"check", "drift_exact"}},
      {{"check", "drift_theorem1"}},
      {{"check", "exponent"}, {"of", "optimizer.learning_rate"}, {"expect", 2}, {"tolerance", 0.05}},
      {{"check", "data_collapse"}, {"tolerance", 0.05}},
      {{"check", "estimators_agree"}}};
  const auto verdicts = run(spec, folder.path() / "true");
  CHECK(all_pass(verdicts));
  CHECK(exit_code(verdicts) == 0);
  spec["checks"][2]["expect"] = 2.2;
  CHECK(exit_code(run(spec, folder.path() / "false")) == 1);
}

TEST_CASE("weight decay: ratio, rate, BN stays, psBN's half time, reactivation") {
  const TemporaryFolder folder;
  Json spec = small_spec();
  spec.erase("sweep");
  spec["optimizer"] = {{"learning_rate", 0.1}, {"weight_decay", 0.05}};
  spec["initial"] = {{"kind", "point"}, {"gamma", 0.3}, {"beta", -1.2}};
  spec["model"] = {{"noise", {{"std", 0}}}};
  spec["simulation"] = {{"trajectories", 20000},
                        {"steps", 800},
                        {"precision", "float64"},
                        {"record", {{"steps", {{"every", 10}}}}},
                        {"first_activation", true},
                        {"collapse_time", true},
                        {"thresholds", {{"gamma", 0.01}, {"probability", 1e-3}}}};
  spec["checks"] = {{{"check", "decay_ratio"}},
                    {{"check", "decay_rate"}},
                    {{"check", "no_reactivation"}},
                    {{"check", "reactivation_times"}},
                    {{"check", "optimizer_decay_time"}}};
  CHECK(all_pass(run(spec, folder.path() / "bn")));
  spec["model"]["alpha"] = 0.1;
  spec["checks"] = {{{"check", "half_time"}}, {{"check", "reactivation_times"}}, {{"check", "decay_ratio"}}};
  CHECK(all_pass(run(spec, folder.path() / "psbn")));
  spec["checks"] = {{{"check", "reactivation_times"}, {"factor", 1.3}},
                    {{"check", "half_time"}, {"factor", 1.1}}};
  const auto wrong = run(spec, folder.path() / "false");
  CHECK(wrong.front().outcome == Outcome::fail);
  CHECK(wrong.back().outcome == Outcome::fail);
}

TEST_CASE("an even law of beta/gamma drifts down, as its average says") {
  const TemporaryFolder folder;
  Json spec = small_spec();
  spec["simulation"]["trajectories"] = 200000;
  spec["initial"] = {{"kind", "even_ratio"}, {"law", "gaussian"}, {"ratio_std", 1}};
  spec["checks"] = {{{"check", "even_law_negative"}}};
  CHECK(all_pass(run(spec, folder.path())));
}

TEST_CASE(
    "common streams: the difference of two drifts, with a smaller error than independent streams have") {
  const TemporaryFolder folder;
  Json spec = small_spec();
  spec["simulation"]["trajectories"] = 200000;
  spec["simulation"]["streams"] = "common";
  spec["checks"] = {{{"check", "difference"}, {"of", "optimizer.learning_rate"}}};
  const auto verdicts = run(spec, folder.path());
  CHECK(all_pass(verdicts));
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].predicted.value() < 0);
  const StoredRun stored = read_stored_run(folder.path());
  const auto error = [&](std::size_t point) {
    return stored.points[point].estimates.at(quantity::probability_change_antithetic).at(1).standard_error;
  };
  CHECK(verdicts[0].standard_error < 0.9 * std::hypot(error(0), error(1)));
}

TEST_CASE("a run stopped in the middle and resumed ends with the tables of an undisturbed one") {
  const TemporaryFolder folder;
  Json json = small_spec();
  json["simulation"]["trajectories"] = 20000;
  json["simulation"]["histograms"] = Json::object();
  json["simulation"]["first_activation"] = true;
  json["simulation"]["paths"] = {{"count", 2}};
  json["curves"] = {{{"curve", "drift_coefficient"}, {"count", 11}}};
  json["sweep"]["axes"][0]["values"] = {0.01, 0.015, 0.02};
  const Spec spec = parse(json);
  const auto whole = folder.path() / "whole", parts = folder.path() / "parts";
  const auto verdicts = run_spec(spec, whole, engine(), refuse);

  std::atomic<bool> stop{false};
  const RunWatch stopping{.on_progress = [&](const Progress& progress) { stop = progress.points_done == 1; },
                          .on_message = {},
                          .stop = &stop};
  CHECK_THROWS_AS(run_spec(spec, parts, engine(), refuse, stopping), sim::Interrupted);
  CHECK(read_stored_run(parts).points.size() == 1);
  const auto resumed = run_spec(spec, parts, *sim::make_engine(sim::EngineName::reference, 1), resume);
  CHECK(same_tables(whole, parts));
  CHECK(to_json(resumed) == to_json(verdicts));
  CHECK(std::filesystem::file_size(whole / "verdicts.json") ==
        std::filesystem::file_size(parts / "verdicts.json"));

  // Every quantity that stands in the store is one of its table's.
  const StoredTables tables(whole);
  for (const TableFormat& table : tables.format().tables) {
    if (table.find("quantity") == nullptr) continue;
    const StoredTable stored = tables.read(table.name);
    for (const Cell& quantity : stored.find("quantity")->cells) {
      CHECK(std::any_of(table.quantities.begin(), table.quantities.end(),
                        [&](const Quantity& known) { return Cell(std::string(known)) == quantity; }));
    }
  }

  // Once more on the finished run: judged again, nothing changes.
  run_spec(spec, parts, engine(), resume);
  CHECK(same_tables(whole, parts));
}

TEST_CASE("what an engine approximates stands in every point, and no run mixes engines that differ in it") {
  class Approximating final : public sim::Engine {
   public:
    std::string_view name() const override { return "approximating"; }
    std::string description() const override { return "a test's"; }
    std::string_view approximation(const sim::Experiment&) const override { return "its sines"; }
    sim::Estimates run(const sim::Experiment& experiment, const sim::RunControl& control) const override {
      return engine().run(experiment, control);
    }
  };
  const TemporaryFolder folder;
  Json json = small_spec();
  json["sweep"] = {{"mode", "grid"},
                   {"axes",
                    {{{"field", "model.batch.mode"}, {"values", {"exact", "gaussian_limit"}}},
                     {{"field", "optimizer.learning_rate"}, {"values", {0.01, 0.02}}}}}};
  const Spec spec = parse(json);
  const auto approximate = folder.path() / "approximate", exact = folder.path() / "exact";
  run_spec(spec, approximate, Approximating(), refuse);
  const StoredRun run = read_stored_run(approximate);
  REQUIRE(run.points.size() == 4);
  CHECK(run.points[0].summary.approximation == "its sines");
  CHECK(run.points[3].summary.approximation ==
        "the step of a batch is drawn from its Gaussian limit; its sines");
  CHECK_THROWS_AS(run_spec(spec, approximate, engine(), resume), InputError);
  run_spec(spec, exact, engine(), refuse);
  CHECK_THROWS_AS(run_spec(spec, exact, Approximating(), resume), InputError);
}

TEST_CASE("a finished run goes on with more points and is judged anew without repeating one") {
  const TemporaryFolder folder;
  const auto whole = folder.path() / "whole", grown = folder.path() / "grown";
  Json more = small_spec();
  more["title"] = "More";
  more["sweep"]["axes"][0]["values"] = {0.01, 0.02, 0.015};
  more["checks"] = {{{"check", "drift_exact"}, {"factor", 3}}};
  const auto expected = run_spec(parse(more), whole, engine(), refuse);

  run(small_spec(), grown);
  std::int64_t left = -1;  // at the start
  const RunWatch watch{.on_progress =
                           [&](const Progress& progress) {
                             if (left < 0) left = progress.points - progress.points_done;
                           },
                       .on_message = {},
                       .stop = nullptr};
  CHECK(to_json(run_spec(parse(more), grown, engine(), resume, watch)) == to_json(expected));
  CHECK(left == 1);
  CHECK(same_tables(whole, grown));
  CHECK(read_stored_run(grown).spec == read_stored_run(whole).spec);

  const auto refusal = [&](const Json& spec) -> std::string {
    try {
      run_spec(parse(spec), grown, engine(), resume);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  Json moved = more;
  moved["sweep"]["axes"][0]["values"] = {0.005, 0.01, 0.02, 0.015};
  CHECK(refusal(moved).find("point 0 is {\"optimizer.learning_rate\":0.01} in the store and "
                            "{\"optimizer.learning_rate\":0.005} in the spec") != std::string::npos);
  Json other = more;
  other["simulation"]["steps"] = 2;
  CHECK(refusal(other).find("simulation.steps is 1 in the store and 2 in the spec") != std::string::npos);
  CHECK(same_tables(whole, grown));

  // Fewer points: judged without the others, which are there when they are asked for again.
  const auto judged = run_spec(parse(small_spec()), grown, engine(), resume);
  run(small_spec(), folder.path() / "small");
  CHECK(to_json(judged) == to_json(judge(read_stored_run(folder.path() / "small"))));
  CHECK(read_stored_run(grown).points.size() == 2);
  CHECK(same_tables(folder.path() / "small", grown));
  left = -1;
  run_spec(parse(more), grown, engine(), resume, watch);
  CHECK(left == 0);
  CHECK(same_tables(whole, grown));
}

TEST_CASE("the resolved spec in the folder makes the same run") {
  const TemporaryFolder folder;
  run(small_spec(), folder.path() / "one");
  const Spec again = read_spec((folder.path() / "one" / "spec.resolved.json").string());
  run_spec(again, folder.path() / "two", engine(), refuse);
  CHECK(same_tables(folder.path() / "one", folder.path() / "two"));
}
