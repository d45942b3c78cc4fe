#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bncollapse/nets/schedule.hpp"
#include "bncollapse/theory/optimizer_decay.hpp"
#include "checks/common.hpp"
#include "checks/networks/common.hpp"
#include "checks/networks/inactive_channels.hpp"
#include "checks/statistics.hpp"
#include "spec/sweep_points.hpp"

namespace bncollapse::study {
namespace {

/// The coefficient of the momentum; nothing where weight decay is no recursion of that alone.
std::optional<double> momentum_of(const nets::OptimizerSpec& optimizer) {
  if (optimizer.name == nets::OptimizerName::sgd) return 0;
  if (optimizer.name == nets::OptimizerName::momentum) return optimizer.momentum;
  return {};
}

/// ln of the predicted ratio of gamma over the round; 0 where there is no prediction.
double predicted_decay(const TrainingPoint& point, std::int64_t round) {
  const nets::Training& training = point.training;
  const std::int64_t round_steps = point.round_steps();
  const auto ratio = theory::momentum_decay(
      [&](std::int64_t step) { return nets::learning_rate(training.schedule, step, round_steps); },
      training.optimizer.weight_decay, momentum_of(training.optimizer).value(), (round - 1) * round_steps,
      round * round_steps);
  return ratio ? std::log(*ratio) : 0;
}

/// The median over the filters that are inactive at the end of a round and of the next: weight decay alone
/// has moved their gamma in between. Nothing where there is none.
std::optional<double> median_decay(const std::vector<StoredChannel>& before,
                                   const std::vector<StoredChannel>& after, double predicted) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const StoredChannel &from = before[i], &to = after.at(i);
    if (is_inactive(from) && is_inactive(to) && from.gamma != 0 && to.gamma / from.gamma > 0)
      ratios.push_back(std::log(to.gamma / from.gamma) / predicted);
  }
  if (ratios.empty()) return {};
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return *middle;
}

struct InactiveDecay final : NetworkCheck, CheckOptions {
  static constexpr std::string_view name = "inactive_decay";
  static constexpr std::string_view help = "weight decay alone moves the gamma of inactive filters";
  double level = 0.05, tolerance = 0.02;
  Selection select;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    if (Obstacle obstacle = selection_obstacle({"select", select}, points)) return obstacle;
    for (const TrainingPoint& point : points) {
      if (!selects(select, point.parameters)) continue;
      const nets::Training& training = point.training;
      if (!momentum_of(training.optimizer) || training.optimizer.weight_decay == 0 ||
          training.optimizer.decayed != nets::Decayed::all || training.network.alpha != 0 ||
          training.network.leak != 0 || training.network.normalisation != nets::Normalisation::batch ||
          training.rounds < 2 || point.shuffle_weights_after > 0) {
        return "needs sgd or momentum with weight decay on all parameters, BN (alpha 0) with ReLU, two rounds, and weights "
               "that are not shuffled";
      }
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredNetworkRun& run) const override { return {verdict_of(run)}; }

 private:
  Verdict verdict_of(const StoredNetworkRun& run) const {
    constexpr double largest_error = 0.25;
    Verdict verdict = start_verdict(*this,
                                    "the gamma of an inactive filter shrinks by exp(-sum of learning rate * "
                                    "weight decay / (1 - momentum))");
    verdict.field =
        "ln of gamma's ratio over a round, median over inactive filters, relative to the predicted one";
    const auto by_seed = measured_decays(run).means();
    if (by_seed.size() < fewest_seeds) {
      verdict.note =
          fmt::format("filters are inactive over a whole round in {} seeds: the comparison takes at least {}",
                      by_seed.size(), fewest_seeds);
      return verdict;
    }
    const auto [mean, standard_error] = mean_over(by_seed);
    verdict.measured = mean;
    verdict.predicted = 1;
    verdict.standard_error = standard_error;
    verdict.deviation = standard_error > 0 ? (mean - 1) / standard_error : 0;
    const double deviations = student_deviations(level / 2, by_seed.size() - 1);
    verdict.tolerance = deviations * standard_error + tolerance;
    verdict.tolerance_source =
        fmt::format("{:.3g} standard errors (two-sided t test over {} seeds at {:g}) and {:g}", deviations,
                    by_seed.size(), level, tolerance);
    verdict.outcome = std::abs(mean - 1) <= verdict.tolerance ? Outcome::pass : Outcome::fail;
    if (verdict.outcome == Outcome::pass && standard_error > largest_error) {
      verdict.outcome = Outcome::inconclusive;
      verdict.note = "the seeds scatter too much to tell";
    }
    return verdict;
  }

  SeedMeans measured_decays(const StoredNetworkRun& run) const {
    const std::vector<TrainingPoint> points = training_points("the store's spec", run.spec, run.spec);
    SeedMeans means;
    for (const StoredTraining& training : run.trainings) {
      if (!selects(select, training.parameters)) continue;
      for (std::int64_t round = 2; round <= training.rounds; ++round) {
        const auto before = training.channels_of_round.find(round - 1),
                   after = training.channels_of_round.find(round);
        if (before == training.channels_of_round.end() || after == training.channels_of_round.end()) continue;
        const double predicted = predicted_decay(points.at(static_cast<std::size_t>(training.index)), round);
        if (predicted == 0) continue;
        if (const auto median = median_decay(before->second, after->second, predicted))
          means.add(seed_of(training.parameters), *median);
      }
    }
    return means;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::InactiveDecay> {
  using Struct = study::InactiveDecay;
  static constexpr auto all = std::tuple_cat(
      Fields<study::CheckOptions>::all,
      std::tuple{
          field("level", &Struct::level, "level of the two-sided test over the seeds", above_to(0, 0.5)),
          field("tolerance", &Struct::tolerance,
                "allowed beside the standard errors: filters that are active now and then, rounding",
                from_to(0, 1)),
          field("select", &Struct::select, "swept field -> value of the trainings to look at")});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind inactive_decay_check() { return check_kind<InactiveDecay>(); }

}  // namespace bncollapse::study
