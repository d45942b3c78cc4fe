#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <random>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/judge.hpp"
#include "bncollapse/study/network_store.hpp"
#include "bncollapse/study/probe.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "bncollapse/study/training_point.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

Json network_spec() {
  return {
      {"bncollapse", 2},
      {"name", "networks"},
      {"data", {{"dataset", "synthetic"}, {"train_images", 400}}},
      {"network", {{"architecture", "plain"}, {"depth", 4}, {"width", 8}}},
      {"training", {{"rounds", 3}, {"epochs", 2}, {"batch", 50}}},
      {"sweep",
       {{"axes",
         {{{"rows",
            {{{"network.alpha", 0}, {"network.leak", 0}}, {{"network.alpha", 0.1}, {"network.leak", 0}}}}},
          {{"field", "seed"}, {"values", {1, 2, 3}}}}}}}};
}

Json with(const std::string& pointer, const Json& value) {
  Json spec = network_spec();
  spec[Json::json_pointer(pointer)] = value;
  return spec;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Json with_rows(const Json& rows, const Json& check, const Json& record = Json::object()) {
  Json spec = network_spec();
  spec["sweep"]["axes"][0]["rows"] = rows;
  spec["checks"] = Json::array({check});
  spec["record"] = record;
  return spec;
}

Json trend(Json fields) {
  fields.update({{"check", "trend"}, {"quantity", "test_accuracy"}, {"direction", "rises"}});
  return fields;
}

Json level(const Json& fields) {
  Json check = {{"check", "level"}, {"quantity", "test_accuracy"}, {"direction", "above"}, {"bound", 0.3}};
  check.update(fields);
  return check;
}

/// A finished run of three seeds with BN and with psBN, of three rounds of 10 steps.
struct MadeRun {
  StoredNetworkRun run;

  explicit MadeRun(const Json& check) {
    Json spec = network_spec();
    spec["training"] = {{"rounds", 3}, {"epochs", 1}, {"batch", 40}};
    spec["record"] = {{"steps", {{"in_round", {0, 4}}}}};
    spec["checks"] = Json::array({check});
    const Spec parsed = parse(spec);
    run.spec = parsed.resolved;
    for (const TrainingPoint& point : parsed.trainings) {
      StoredTraining training;
      training.index = point.index;
      training.parameters = point.parameters;
      training.finished = true;
      training.rounds = 3;
      training.epochs = 1;
      training.epoch_steps = 10;
      run.trainings.push_back(training);
    }
  }

  /// Sets a quantity of every round from (alpha, seed, round).
  template <class Value>
  MadeRun& set(const std::string& quantity, const Value& value) {
    for (StoredTraining& training : run.trainings) {
      for (std::int64_t round = 1; round <= 3; ++round) {
        training.values[quantity][round] =
            value(training.parameters.at("network.alpha").get<double>(),
                  training.parameters.at("seed").get<int>(), static_cast<double>(round));
      }
    }
    return *this;
  }

  Verdict verdict() const { return judge(run).at(0); }
};

Json contrast(const std::string& direction) {
  return {{"check", "contrast"},
          {"quantity", "inactive_share"},
          {"baseline", {{"network.alpha", 0}}},
          {"variant", {{"network.alpha", 0.1}}},
          {"direction", direction}};
}

const Json bn = {{"network.alpha", 0}};

const std::vector<nets::LayerShape> one_channel{
    {.name = "conv1", .inputs = 3, .outputs = 1, .kernel = 9, .positions = 1024, .normalised = true}};

/// Of a network of one channel.
RoundRows end_of_round(std::int64_t round, std::int64_t step, const std::vector<nets::LayerRecord>& records) {
  RoundRows rows;
  rows.result.round = round;
  rows.result.step = step;
  rows.result.records = records;
  rows.result.small_gamma_1e2.layer_shares = rows.result.small_gamma.layer_shares =
      rows.result.inactive.layer_shares = {0};
  rows.norms = {{"conv1", {1.0}}};
  return rows;
}

}  // namespace

TEST_CASE("a network spec: fields reach the training, points stand in the sweep's order") {
  Json spec = network_spec();
  spec["seed"] = 7;
  spec["data"]["labels"] = "random";
  spec["data"]["augmentation"] = "none";
  spec["network"] = {{"architecture", "resnet"},
                     {"depth", 8},
                     {"width", 4},
                     {"normalisation", "instance"},
                     {"gamma", 0.1},
                     {"beta", 0.2},
                     {"leak", 0.01}};
  spec["optimizer"] = {
      {"name", "adamw"},
      {"learning_rate", 0.3},
      {"weight_decay", 0.01},
      {"decayed", "weights"},
      {"momentum", 0.8},
      {"beta1", 0.7},
      {"beta2", 0.6},
      {"epsilon", 1e-5},
      {"schedule", {{"kind", "step"}, {"milestones", {0.25}}, {"factor", 0.2}, {"warmup_steps", 3}}}};
  spec["training"] = {
      {"rounds", 3}, {"epochs", 2}, {"batch", 50}, {"precision", "bfloat16"}, {"shuffle_weights_after", 1}};
  spec["record"] = {{"steps", {{"in_round", {0, 5}}}},
                    {"images", 100},
                    {"gradient_batches", 4},
                    {"pruned", true},
                    {"checkpoints", "rounds"}};
  spec["sweep"] = {{"axes",
                    {{{"field", "network.alpha"}, {"values", {0, 0.1}}},
                     {{"field", "optimizer.name"}, {"values", {"momentum", "adam"}}}}}};
  const auto points = parse(spec).trainings;
  REQUIRE(points.size() == 4);
  CHECK(points[1].parameters == Json{{"network.alpha", 0.0}, {"optimizer.name", "adam"}});
  CHECK(points[1].training.optimizer.name == nets::OptimizerName::adam);
  const TrainingPoint& point = points[2];
  CHECK(point.index == 2);
  CHECK(point.training.network.architecture == nets::Architecture::resnet);
  CHECK(point.training.network.normalisation == nets::Normalisation::instance);
  CHECK(point.training.network.depth == 8);
  CHECK(point.training.network.width == 4);
  CHECK(point.training.network.gamma == 0.1);
  CHECK(point.training.network.beta == 0.2);
  CHECK(point.training.network.alpha == 0.1);
  CHECK(point.training.network.leak == 0.01);
  CHECK(point.training.optimizer.name == nets::OptimizerName::momentum);
  CHECK(point.training.optimizer.weight_decay == 0.01);
  CHECK(point.training.optimizer.decayed == nets::Decayed::weights);
  CHECK(point.training.optimizer.momentum == 0.8);
  CHECK(point.training.optimizer.beta1 == 0.7);
  CHECK(point.training.optimizer.beta2 == 0.6);
  CHECK(point.training.optimizer.epsilon == 1e-5);
  CHECK(point.training.schedule.kind == nets::ScheduleKind::step);
  CHECK(point.training.schedule.learning_rate == 0.3);
  CHECK(point.training.schedule.milestones == std::vector<double>{0.25});
  CHECK(point.training.schedule.factor == 0.2);
  CHECK(point.training.schedule.warmup_steps == 3);
  CHECK(point.training.rounds == 3);
  CHECK(point.training.epochs == 2);
  CHECK(point.training.batch == 50);
  CHECK(point.training.precision == nets::Precision::bfloat16);
  CHECK(point.training.augmentation == nets::Augmentation::none);
  CHECK(point.training.seed == 7);
  CHECK(point.training.recording.steps ==
        std::vector<std::int64_t>{0, 5, 16, 21, 32, 37});  // 8 steps an epoch
  CHECK(point.training.recording.images == 100);
  CHECK(point.training.recording.gradient_batches == 4);
  CHECK(point.data.dataset == DatasetName::synthetic);
  CHECK(point.data.train_images == 400);
  CHECK(point.data.test_images == 1000);
  CHECK(point.data.labels == Labels::random);
  CHECK(point.shuffle_weights_after == 1);
  CHECK(point.record_pruned);
  CHECK(point.checkpoints == KeptCheckpoints::rounds);
  CHECK(point.total_steps() == 48);
}

TEST_CASE("the defaults of a network spec are a valid spec") {
  const Spec spec = parse_spec(network_spec_defaults().dump(), "defaults.json");
  CHECK(spec.is_network());
  CHECK(spec.resolved == network_spec_defaults());
  CHECK(spec.trainings.size() == 1);
}

TEST_CASE("a bad network spec is refused with its place and what is allowed") {
  const std::pair<Json, const char*> bad[] = {
      {with("/network/width", 0), "network.width: is 0; it must be an integer from 1 to 4096"},
      {with("/network/norm", "batch"), "network.norm: is not a known key"},
      {with("/network/architecture", "resnet"), "network.depth: is 4; it must be 6n + 2"},
      {with("/training/batch", 401), "training.batch: is 401; it must be at most the 400 training images"},
      {with("/record/steps", {0, 49}), "record.steps: reaches step 49; the training has 48"},
      {with("/record/gradient_batches", 9), "record.gradient_batches: is 9; it must be at most the 8"},
      {with("/optimizer/learning_rate", 0),
       "optimizer.learning_rate: is 0; it must be a number greater than 0"},
      {with("/sweep/axes/0/rows/1", {{"network.alpha", 1}}),
       "sweep.axes[0].rows[1]: must set the same fields"},
      {with("/sweep/axes/0/rows/0/network.alpa", 1),
       "\"network.alpa\" is not a field of this spec that a sweep can move (a number or a name); did you "
       "mean"},
      {with("/record", {{"steps", {1}}, {"images", 401}}),
       "record.images: is 401; it must be at most the 400 training images"},
      {with("/sweep/axes/0/field", "seed"), "sweep.axes[0].field: stands beside \"rows\""},
      {with("/sweep/axes/1/field", "network.alpha"), "\"network.alpha\" is swept by an earlier axis already"},
      {with("/sweep/axes/1/field", "network.alhpa"), "is not a field of this spec that a sweep can move"},
      {with("/checks", {{{"check", "trend"},
                         {"quantity", "test_accuracy"},
                         {"of", "network.gamma"},
                         {"direction", "rises"}}}),
       "checks[0].of: trend follows network.gamma, which the sweep does not move; did you mean \"network.alpha\"?"},
      {with("/checks", {{{"check", "level"},
                         {"quantity", "test_accuracy"},
                         {"direction", "above"},
                         {"bound", 0},
                         {"select", bn},
                         {"round", 4}}}),
       "checks[0].round: level is about round 4, which {\"network.alpha\":0.0"},
      {with("/checks", Json::array({trend({{"of", "round"}, {"round", 900}})})),
       "trend follows the rounds, so that it has no"},
      {with("/checks", Json::array({trend({{"of", "round"}, {"from_round", 3}})})),
       "trend begins at round 3, after which {"},
      {with("/checks", Json::array({trend({{"of", "network.alpha"}, {"from_round", 2}})})),
       "trend has from_round, which belongs"},
      {with("/checks", Json::array({trend({{"of", "seed"}})})), "checks[0].of: trend follows the seed"},
      {with("/checks", Json::array({level({{"quantity", "pruned_speedup"}})})),
       "checks[0].quantity: level is about pruned_speedup: needs record.pruned true"},
      {with("/record/gradient_batches", 1),
       "record.gradient_batches: is 1; it must be an integer from 0 to 1000000, not 1"},
      {with("/checks", {{{"check", "early_inactivation"}, {"from_round", 4}}}),
       "early_inactivation begins at round 4, which {"},
      {with_rows(
           {{{"network.alpha", 0}, {"training.rounds", 1}}, {{"network.alpha", 1}, {"training.rounds", 2}}},
           trend({{"of", "network.alpha"}})),
       "trend follows network.alpha, along which other fields move, too"},
      {with_rows({{{"network.alpha", 0}, {"network.gamma", 1}},
                  {{"network.alpha", 1}, {"network.gamma", 1}},
                  {{"network.alpha", 1}, {"network.gamma", 2}}},
                 trend({{"of", "network.alpha"}})),
       "trend follows network.alpha, along which other fields move, too"},
      {with_rows(
           {{{"network.alpha", 0}, {"network.gamma", 1}}, {{"network.alpha", 0.1}, {"network.gamma", 2}}},
           contrast("rises")),
       "contrast compares trainings that differ in more than network.alpha"},
      {with_rows(
           {{{"network.alpha", 0}, {"training.rounds", 1}}, {{"network.alpha", 1}, {"training.rounds", 2}}},
           {{"check", "pruning"}, {"uniform", bn}, {"collapsed", {{"network.alpha", 1}}}},
           {{"pruned", true}}),
       "pruning compares trainings that differ in more than network.alpha"},
      {with_rows({{{"network.alpha", 0}}}, {{"check", "pruning"}}, {{"pruned", true}}),
       "trainings that both uniform and collapsed select"},
      {with("/checks", Json::array({level({{"select", {{"optimizer.name", "momentum"}}}})})),
       "checks[0].select: level names optimizer.name, which the sweep does not move"},
      {with("/checks", {{{"check", "contrast"},
                         {"quantity", "test_accuracy"},
                         {"baseline", {{"network.alpha", 0}, {"seed", 1}}},
                         {"variant", {{"network.alpha", 0.1}, {"seed", 2}}},
                         {"direction", "rises"}}}),
       "contrast has no seed with trainings of both baseline and variant"},
      {with("/checks", {{{"check", "early_inactivation"}, {"within", 5}}}),
       "early_inactivation needs the channels at step 16"},
      {with("/checks", {{{"check", "inactive_decay"}}}),
       "inactive_decay needs sgd or momentum with weight decay"},
      {with_rows({{{"network.alpha", 0}, {"training.shuffle_weights_after", 1}}},
                 {{"check", "inactive_decay"}}),
       "and weights that are not shuffled"},
      {with("/checks", {{{"check", "contrast"},
                         {"quantity", "test_accuracy"},
                         {"baseline", {{"network.alpha", 3}}},
                         {"variant", bn},
                         {"direction", "rises"}}}),
       "selects {\"network.alpha\":3.0}, which is no point of the sweep"}};
  for (const auto& entry : bad) {
    const std::string message = input_error(entry.first);
    CAPTURE(message);
    CAPTURE(entry.second);
    CHECK(contains(message, entry.second));
  }
}

TEST_CASE("a contrast is the mean difference of the same seeds, by Student's one-sided t") {
  // Differences -0.1, -0.2, -0.3: mean -0.2, standard error 0.1/sqrt(3); t(2) at 5 % is 2.919986 (printed
  // tables).
  const auto shares = [](double alpha, int seed, double) { return alpha > 0 ? 0.5 - 0.1 * seed : 0.5; };
  const Verdict falls = MadeRun(contrast("falls")).set("inactive_share", shares).verdict();
  CHECK(relative_error(falls.measured, -0.2) <= 1e-14);
  CHECK(relative_error(falls.standard_error, 0.1 / std::sqrt(3)) <= 1e-14);
  CHECK(relative_error(falls.tolerance, 2.919986 * 0.1 / std::sqrt(3)) <= 1e-6);
  CHECK(falls.outcome == Outcome::pass);
  CHECK(MadeRun(contrast("rises")).set("inactive_share", shares).verdict().outcome == Outcome::fail);
  Json lenient = contrast("rises");
  lenient["if_opposite"] = "inconclusive";
  CHECK(MadeRun(lenient).set("inactive_share", shares).verdict().outcome == Outcome::inconclusive);
  const auto noisy = [](double alpha, int seed, double) { return alpha > 0 ? 0.1 * seed - 0.2 : 0.05; };
  CHECK(MadeRun(contrast("falls")).set("inactive_share", noisy).verdict().outcome == Outcome::inconclusive);
}

TEST_CASE("fewer than three seeds, or no numbers, are inconclusive and say so") {
  MadeRun made(contrast("falls"));
  made.set("inactive_share",
           [](double alpha, int seed, double) { return alpha > 0 ? 0.1 : 0.5 + 0.01 * seed; });
  std::erase_if(made.run.trainings,
                [](const StoredTraining& training) { return training.parameters.at("seed") == 3; });
  const Verdict two = made.verdict();
  CHECK(two.outcome == Outcome::inconclusive);
  CHECK(contains(two.note, "2 seeds"));
  const Verdict none = MadeRun(contrast("falls")).verdict();
  CHECK(none.outcome == Outcome::inconclusive);
  CHECK(contains(none.note, "no training"));
}

TEST_CASE("a trend is the mean slope over the seeds, of the selected trainings and rounds") {
  const Json trend = {{"check", "trend"},
                      {"quantity", "small_gamma_share"},
                      {"of", "round"},
                      {"direction", "rises"},
                      {"select", bn}};
  // BN: slope 0.1 seed a round; psBN falls and must not count.
  const auto shares = [](double alpha, int seed, double round) {
    return alpha > 0 ? 1 - round : 0.1 * seed * round;
  };
  const Verdict verdict = MadeRun(trend).set("small_gamma_share", shares).verdict();
  CHECK(relative_error(verdict.measured, 0.2) <= 1e-14);
  CHECK(verdict.outcome == Outcome::pass);
  Json late = trend;
  late["from_round"] = 2;
  const auto kinked = [](double, int seed, double round) { return round == 1 ? 100.0 : 0.1 * seed * round; };
  CHECK(relative_error(MadeRun(late).set("small_gamma_share", kinked).verdict().measured, 0.2) <= 1e-14);
  const Json along = {{"check", "trend"},
                      {"quantity", "small_gamma_share"},
                      {"of", "network.alpha"},
                      {"direction", "falls"},
                      {"round", 1}};
  const auto by_alpha = [](double alpha, int seed, double round) {
    return round == 1 ? seed - 10 * alpha : 7.0;
  };
  CHECK(relative_error(MadeRun(along).set("small_gamma_share", by_alpha).verdict().measured, -1) <= 1e-14);
}

TEST_CASE("a trend over rounds is no difference between trainings that have more rounds and fewer") {
  MadeRun made(
      {{"check", "trend"}, {"quantity", "small_gamma_share"}, {"of", "round"}, {"direction", "rises"}});
  made.set("small_gamma_share", [](double alpha, int, double) { return alpha > 0 ? 1.0 : 0.0; });
  for (StoredTraining& training : made.run.trainings) {
    if (training.parameters.at("network.alpha") == 0) training.rounds = 2;
  }
  CHECK(made.verdict().measured == 0);
  CHECK(made.verdict().outcome == Outcome::inconclusive);
}

TEST_CASE("a level is compared with its bound at its round") {
  const Json below = {{"check", "level"},     {"quantity", "inactive_share"},
                      {"direction", "below"}, {"bound", 0.3},
                      {"round", 2},           {"select", bn}};
  const auto shares = [](double alpha, int seed, double round) {
    return alpha > 0 || round != 2 ? 9.0 : 0.1 + 0.01 * seed;
  };
  const Verdict verdict = MadeRun(below).set("inactive_share", shares).verdict();
  CHECK(relative_error(verdict.measured, 0.12) <= 1e-14);
  CHECK(verdict.outcome == Outcome::pass);
}

TEST_CASE("a level holds where every kind of training lies there, and not where their mean does") {
  const Json below = level({{"quantity", "inactive_share"}, {"direction", "below"}});
  // The mean over both kinds is 0.2.
  const auto mixed = [](double alpha, int seed, double) { return (alpha > 0 ? 0.35 : 0.05) + 1e-3 * seed; };
  const Verdict fails = MadeRun(below).set("inactive_share", mixed).verdict();
  CHECK(fails.outcome == Outcome::fail);
  CHECK(relative_error(fails.measured, 0.352) <= 1e-14);
  CHECK(contains(fails.note, "the least of 2 kinds of trainings: {\"network.alpha\":0.1"));
  const auto both = [](double alpha, int seed, double) { return (alpha > 0 ? 0.25 : 0.05) + 1e-3 * seed; };
  const Verdict holds = MadeRun(below).set("inactive_share", both).verdict();
  CHECK(holds.outcome == Outcome::pass);
  CHECK(relative_error(holds.measured, 0.252) <= 1e-14);
  // t(2) at 0.025 is 4.302653 (printed tables): each of two kinds has half of the level.
  CHECK(relative_error(holds.tolerance, 4.302653 * 1e-3 / std::sqrt(3)) <= 1e-6);
}

TEST_CASE("rounding decides nothing where all values are equal") {
  const auto equal = [](double, int, double) { return 0.1; };
  for (const char* direction : {"rises", "falls"}) {
    const Json compared = {{"check", "contrast"},
                           {"quantity", "test_accuracy"},
                           {"baseline", bn},
                           {"variant", {{"network.alpha", 0.1}}},
                           {"direction", direction}};
    CHECK(MadeRun(compared).set("test_accuracy", equal).verdict().outcome == Outcome::inconclusive);
    const Json followed = {
        {"check", "trend"}, {"quantity", "test_accuracy"}, {"of", "round"}, {"direction", direction}};
    CHECK(MadeRun(followed).set("test_accuracy", equal).verdict().outcome == Outcome::inconclusive);
  }
  for (const char* direction : {"above", "below"}) {
    const Json bounded = {{"check", "level"},
                          {"quantity", "test_accuracy"},
                          {"direction", direction},
                          {"bound", 0.1},
                          {"select", bn}};
    CHECK(MadeRun(bounded).set("test_accuracy", equal).verdict().outcome == Outcome::inconclusive);
  }
}

TEST_CASE("a mean over some of the selected trainings alone is inconclusive, and says so") {
  const Json below =
      level({{"quantity", "inactive_share"}, {"direction", "below"}, {"select", {{"network.alpha", 0.1}}}});
  const auto shares = [](double, int, double) { return 0.1; };
  Json over_rounds = trend({{"of", "round"}});
  over_rounds["quantity"] = "inactive_share";
  for (const Json& check : {below, over_rounds, contrast("falls")}) {
    CAPTURE(check.dump());
    MadeRun made(check);
    made.set("inactive_share", shares);
    made.run.trainings.back().values.clear();  // of psBN and seed 3
    const Verdict verdict = made.verdict();
    CHECK(verdict.outcome == Outcome::inconclusive);
    CHECK(contains(verdict.note, "1 of the "));
  }
}

TEST_CASE(
    "early inactivation: of the filters that become inactive in a round, those inactive soon after its start") {
  MadeRun made({{"check", "early_inactivation"}, {"within", 4}, {"select", bn}});
  const auto channels = [](std::initializer_list<double> maxima) {
    std::vector<StoredChannel> result;
    for (const double maximum : maxima)
      result.push_back({0, static_cast<std::int64_t>(result.size()), 1, maximum});
    return result;
  };
  for (StoredTraining& training : made.run.trainings) {
    // Channel 0 was inactive before round 2, 1 and 2 become inactive early in it, 3 late, 4 stays active; none becomes inactive in round 3.
    training.channels_at_step[10] = channels({0, 1, 1, 1, 1});
    training.channels_at_step[14] = channels({0, 0, 0, 1, 1});
    training.channels_of_round[2] = channels({0, 0, 0, 0, 1});
    training.channels_at_step[20] = training.channels_at_step[24] = training.channels_of_round[3] =
        training.channels_of_round[2];
  }
  const Verdict verdict = made.verdict();
  CHECK(relative_error(verdict.measured, 2.0 / 3) <= 1e-14);
  CHECK(verdict.outcome == Outcome::pass);
}

TEST_CASE(
    "inactive decay: the factor of a round is that of the momentum recurrence, near exp(-sum eta "
    "lambda/(1-mu))") {
  Json check = {{"check", "inactive_decay"}, {"select", bn}};
  MadeRun made(check);
  // Rounds of 10 steps of a cosine at 0.1, momentum 0.9, lambda 5e-4, by hand from the first step on.
  double w = 0.01, v = 0, sum = 0;
  std::map<std::int64_t, double> scales;
  for (std::int64_t round = 1; round <= 3; ++round) {
    for (int step = 0; step < 10; ++step) {
      const double rate = 0.1 * (1 + std::cos(3.14159265358979323846 * step / 10)) / 2;
      v = 0.9 * v + 5e-4 * w;
      w -= rate * v;
      if (round == 3) sum += rate * 5e-4 / 0.1;
    }
    scales[round] = w;
  }
  CHECK(relative_error(std::log(scales[3] / scales[2]) / -sum, 0.9) <= 0.03);  // v grows to its limit
  for (StoredTraining& training : made.run.trainings) {
    for (const auto& [round, gamma] : scales)
      training.channels_of_round[round] = {{0, 0, gamma, 0}, {0, 1, -gamma, -1}, {0, 2, 5.0, 2.0}};
  }
  const Verdict verdict = made.verdict();
  CHECK(relative_error(verdict.measured, 1) <= 1e-12);
  CHECK(verdict.outcome == Outcome::pass);
  for (StoredTraining& training : made.run.trainings) {
    for (auto& [round, channels] : training.channels_of_round)
      channels[0].gamma = channels[1].gamma = 0.01 / static_cast<double>(round * round);
  }
  CHECK(made.verdict().outcome == Outcome::fail);
}

TEST_CASE("pruning: the collapsed network against uniform ones at its multiplications") {
  Json check = {
      {"check", "pruning"}, {"uniform", bn}, {"collapsed", {{"network.alpha", 0.1}}}, {"margin", 0.02}};
  Json spec = network_spec();
  spec["record"] = {{"pruned", true}};
  spec["sweep"]["axes"] = {{{"rows",
                             {{{"network.width", 8}, {"network.alpha", 0}},
                              {{"network.width", 4}, {"network.alpha", 0}},
                              {{"network.width", 8}, {"network.alpha", 0.1}}}}},
                           {{"field", "seed"}, {"values", {1, 2, 3, 4}}}};
  spec["checks"] = Json::array({check});
  const Spec parsed = parse(spec);
  StoredNetworkRun run{parsed.resolved, {}};
  for (const TrainingPoint& point : parsed.trainings) {
    StoredTraining training;
    training.index = point.index;
    training.parameters = point.parameters;
    training.rounds = 3;
    const bool narrow = point.training.network.width == 4, collapsed = point.training.network.alpha > 0;
    // Half way between 100 and 400 multiplications on a logarithmic scale stands 0.6 on the uniform curve.
    training.pruned[3] = collapsed ? StoredPruning{200, 0.6 - 0.01 * static_cast<double>(point.training.seed)}
                         : narrow  ? StoredPruning{100, 0.4}
                                   : StoredPruning{400, 0.7};
    run.trainings.push_back(training);
    if (!narrow || collapsed) continue;
    // As many multiplications twice count as their mean, 0.5.
    training.pruned[3].accuracy = 0.6;
    run.trainings.push_back(training);
  }
  const Verdict verdict = judge(run).at(0);
  CHECK(relative_error(verdict.measured, -0.025) <= 1e-14);
  CHECK(verdict.outcome == Outcome::pass);
  // One that no uniform network is small enough for may be better: what is left no longer passes.
  for (StoredTraining& training : run.trainings) {
    if (training.parameters.at("network.alpha") != 0 && training.parameters.at("seed") == 1)
      training.pruned[3] = {50, 0.9};
  }
  const Verdict partial = judge(run).at(0);
  CHECK(partial.outcome == Outcome::inconclusive);
  CHECK(contains(partial.note, "1 of the 4 collapsed networks have fewer"));
}

TEST_CASE("a probe of the neuron's own gradients finds Theorem 1's drift, sigma and the first-order part") {
  const theory::Neuron neuron{.gamma = 1.5, .beta = -0.3};
  const double rate = 0.02, sigma = 1.0, mean = 0.05;
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal;
  nets::GradientSamples samples;
  constexpr int count = 400000;
  for (int i = 0; i < count; ++i) {
    const double x = normal(generator), g = mean + sigma * normal(generator);
    const double active = neuron.gamma * x + neuron.beta > 0 ? 1 : 0;
    samples.gamma.push_back(g * active * x);
    samples.beta.push_back(g * active);
  }
  const auto step = one_step(neuron, samples, rate);
  REQUIRE(step);
  CHECK(step->batches == count);
  // Var(g s) = sigma^2 P + mean^2 P (1 - P), with a sampling error of about 1/sqrt(count).
  CHECK(relative_error(step->noise, sigma) <= 0.01);
  const double noise_part = step->drift_measured - step->drift_signal;
  CHECK(std::abs(noise_part - step->drift_theorem1) <
        4 * step->standard_error + 0.05 * std::abs(step->drift_theorem1));
  CHECK(step->drift_theorem1 < 0);
  CHECK(step->standard_error < 0.05 * std::abs(step->drift_theorem1));
  // -eta mu p(u) (E[s] + u E[s x]) / gamma at u = 0.2 (docs/THEORY.md section 2): p = 0.3910427, Q =
  // 0.4207403.
  CHECK(relative_error(step->drift_signal, -rate * mean * 0.3910427 * (0.4207403 + 0.2 * 0.3910427) / 1.5) <=
        0.1);
}

TEST_CASE("a probe has nothing to say of a channel without gradients") {
  CHECK_FALSE(one_step({.gamma = 1, .beta = -9}, {{0, 0, 0}, {0, 0, 0}}, 0.1));
  CHECK_FALSE(one_step({.gamma = 0, .beta = -9}, {{0, 1, 0}, {0, 1, 0}}, 0.1));
}

TEST_CASE("a point begins only where the rows before it are, and on images of the same folder") {
  const TemporaryFolder folder;
  const Spec spec = parse(network_spec());
  const std::vector<TrainingPoint> points = spec.trainings;
  const nets::TrainAndTest data = nets::synthetic_dataset(100, 10, 1);
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse);
  CHECK_THROWS_WITH_AS(store.begin(points[0], one_channel, points[0].epoch_steps(), "an engine", data),
                       doctest::Contains("point 0: its checkpoint stands after epoch 1, but the store has 0"),
                       InputError);
  CHECK(store.read().trainings.empty());
  nets::TrainAndTest chosen = data, others = data;
  chosen.folder_fingerprint = 1;
  others.folder_fingerprint = 2;
  store.begin(points[0], one_channel, 0, "an engine", chosen);
  CHECK_THROWS_WITH_AS(store.begin(points[1], one_channel, 0, "an engine", others),
                       doctest::Contains("point 1: this folder's images"), InputError);
  store.begin(points[1], one_channel, 0, "another engine", chosen);
  store.begin(points[2], one_channel, 0, "an engine", data);  // made here, which is no folder's
  CHECK_THROWS_WITH_AS(store.require_same_folder(points[1], others),
                       doctest::Contains("point 1: this folder's images"), InputError);
  CHECK_THROWS_AS(store.begin(points[0], one_channel, 0, "an engine", others), InputError);  // of point 1
  store.begin(points[0], one_channel, 0, "an engine", chosen);
  CHECK(store.read().trainings.size() == 3);
}

TEST_CASE("a run's only point, trained anew, may take another folder") {
  const TemporaryFolder folder;
  Json one = network_spec();
  one.erase("sweep");
  const Spec spec = parse(one);
  const TrainingPoint point = spec.trainings.at(0);
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse);
  nets::TrainAndTest data = nets::synthetic_dataset(100, 10, 1);
  data.folder_fingerprint = 1;
  store.begin(point, {}, 0, "an engine", data);
  data.folder_fingerprint = 2;
  CHECK_THROWS_AS(store.require_same_folder(point, data), InputError);  // from a checkpoint on
  CHECK_NOTHROW(store.begin(point, {}, 0, "an engine", data));
}

TEST_CASE("a store that another process keeps busy is not waited for any longer once the run is to stop") {
  const TemporaryFolder folder;
  const Spec spec = parse(network_spec());
  std::atomic<bool> stop = false;
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse, &stop);
  SQLite::Database other(folder.path() / store_file_name, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  stop = true;
  CHECK_THROWS_AS(store.write(std::vector<Verdict>{}), sim::Interrupted);
}

TEST_CASE("a probe is of the channels that were stored at the round's end") {
  const TemporaryFolder folder;
  const Spec spec = parse(network_spec());
  const TrainingPoint point = spec.trainings.at(0);
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse);
  store.begin(point, one_channel, 0, "an engine", nets::synthetic_dataset(100, 10, 1));
  EpochRows rows;
  rows.epoch.round = 1;
  rows.epoch.epoch = 2;
  rows.epoch.step = point.round_steps();
  rows.round = end_of_round(1, rows.epoch.step,
                            {{.layer = "conv1", .channels = {{.gamma = 0.5, .beta = -0.25, .maximum = 1}}}});
  store.write(point, one_channel, rows);
  ProbedChannel channel{.layer = 0, .channel = 0, .neuron = {.gamma = 0.5, .beta = -0.25}, .step = {}};
  CHECK_NOTHROW(store.write(point, 1, 0.1, {channel}));
  CHECK_THROWS_WITH_AS(store.write(point, 2, 0.1, {channel}), doctest::Contains("of the end of round 2"),
                       InputError);
  channel.neuron.beta = -0.2500001;
  CHECK_THROWS_WITH_AS(store.write(point, 1, 0.1, {channel}), doctest::Contains("belongs to the store"),
                       InputError);
}

TEST_CASE("what pruning changes is read back as the quantities pruned_accuracy_change and pruned_speedup") {
  const TemporaryFolder folder;
  Json json = network_spec();
  json["record"] = {{"pruned", true}};
  const Spec spec = parse(json);
  const TrainingPoint point = spec.trainings.at(0);
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse);
  store.begin(point, one_channel, 0, "an engine", nets::synthetic_dataset(100, 10, 1));
  EpochRows rows;
  rows.epoch.round = 1;
  rows.epoch.epoch = 2;
  rows.epoch.step = point.round_steps();
  rows.round = end_of_round(1, rows.epoch.step, {});
  const nets::PruningResult small_gamma{.accuracy_before = 0.75,
                                        .accuracy_after = 0.625,
                                        .multiplications_before = 1000,
                                        .multiplications_after = 400,
                                        .images_per_second_before = 200,
                                        .images_per_second_after = 500};
  const nets::PruningResult other{.accuracy_before = 0.75,
                                  .accuracy_after = 0.125,
                                  .multiplications_before = 1000,
                                  .multiplications_after = 10,
                                  .images_per_second_before = 200,
                                  .images_per_second_after = 9000};
  rows.round->pruned = {{"small_gamma_1e2", other}, {"small_gamma", small_gamma}, {"inactive", other}};
  store.write(point, one_channel, rows);
  const StoredTraining training = store.read().trainings.at(0);
  CHECK(training.values.at(pruned_accuracy_change).at(1) == -0.125);
  CHECK(training.values.at("pruned_speedup").at(1) == 2.5);
  CHECK(training.pruned.at(1).multiplications == 400);
  CHECK(training.pruned.at(1).accuracy == 0.625);
}

TEST_CASE("an epoch that is stored when the run is to stop leaves no row") {
  const TemporaryFolder folder;
  const Spec spec = parse(network_spec());
  const TrainingPoint point = spec.trainings.at(0);
  std::atomic<bool> stop = false;
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse, &stop);
  store.begin(point, one_channel, 0, "an engine", nets::synthetic_dataset(100, 10, 1));
  EpochRows rows;
  rows.epoch.round = rows.epoch.epoch = 1;
  rows.epoch.step = 8;
  constexpr std::int64_t many = 20'000;
  const nets::LayerRecord record{.layer = "conv1", .channels = {{.gamma = 0.5, .maximum = 1}}};
  for (std::int64_t step = 0; step < many; ++step) rows.records.push_back({step, {record}});
  stop = true;
  CHECK_THROWS_AS(store.write(point, one_channel, rows), sim::Interrupted);
  stop = false;
  CHECK(store.read().trainings.at(0).channels_at_step.empty());
  store.write(point, one_channel, rows);
  CHECK(store.read().trainings.at(0).channels_at_step.size() == many);
}

TEST_CASE("the network store forgets what came after a checkpoint, and keeps the rest") {
  const TemporaryFolder folder;
  const Spec spec = parse(network_spec());
  const TrainingPoint point = spec.trainings.at(4);
  NetworkStore store(folder.path(), spec, {}, Store::Existing::refuse);
  const nets::TrainAndTest data = nets::synthetic_dataset(100, 10, 1);
  store.begin(point, one_channel, 0, "an engine", data);
  const std::vector<nets::LayerRecord> records{
      {.layer = "conv1", .channels = {{.gamma = 0.5, .maximum = 1}}}};
  for (std::int64_t epoch = 1; epoch <= 4; ++epoch) {
    const std::int64_t step = 8 * epoch;
    EpochRows rows;
    rows.epoch.round = (epoch + 1) / 2;
    rows.epoch.epoch = (epoch + 1) % 2 + 1;
    rows.epoch.step = step;
    rows.records = {{step - 8, records}};
    if (epoch % 2 == 0) {
      rows.round = end_of_round(epoch / 2, step, records);
      rows.round->result.test_accuracy = 0.1 * static_cast<double>(epoch);
    }
    store.write(point, one_channel, rows);
  }
  store.finish(point);
  CHECK(store.finished_points() == std::set<std::int64_t>{4});
  {
    const StoredTraining training = store.read().trainings.at(0);
    CHECK(training.values.at("test_accuracy").size() == 2);
    CHECK(training.channels_at_step.size() == 4);
  }
  NetworkStore member(folder.path(), spec);
  store.write(std::vector<Verdict>(1));
  member.begin(point, one_channel, 16, "an engine", data);
  CHECK(StoredTables(folder.path()).read("verdict").row_count() == 0);  // they were of what came after
  const StoredTraining training = read_stored_network_run(folder.path()).trainings.at(0);
  CHECK(training.index == 4);
  CHECK(training.parameters.at("seed") == 2);
  CHECK(training.values.at("test_accuracy") == std::map<std::int64_t, double>{{1, 0.2}});
  CHECK(training.channels_at_step.size() == 2);  // steps 0 and 8; 16 comes again with the next epoch
  CHECK(training.channels_of_round.size() == 1);
  CHECK_THROWS_WITH(NetworkStore(folder.path(), spec, {}, Store::Existing::refuse),
                    doctest::Contains("another run is writing here"));
}

TEST_CASE("a check finds the values of a range by their spelling") {
  Json spec = network_spec();
  const Json log_axis = {{"field", "optimizer.learning_rate"},
                         {"log", {{"from", 0.001}, {"to", 10}, {"count", 5}}}};
  const Json linear_axis = {{"field", "network.alpha"},
                            {"linear", {{"from", -0.2}, {"to", 0.4}, {"count", 7}}}};
  spec["sweep"] = {{"axes", {log_axis, linear_axis}}};
  for (const double rate : {0.001, 0.01, 0.1, 1.0, 10.0}) {
    for (const double alpha : {-0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4}) {
      CAPTURE(rate);
      CAPTURE(alpha);
      spec["checks"] = {{{"check", "trend"},
                         {"quantity", "inactive_share"},
                         {"of", "round"},
                         {"direction", "rises"},
                         {"select", {{"optimizer.learning_rate", rate}, {"network.alpha", alpha}}}}};
      CHECK_NOTHROW(parse(spec));
    }
  }
}
