#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/nets/schedule.hpp"
#include "bncollapse/study/stored_network_run.hpp"
#include "checks/common.hpp"
#include "checks/statistics.hpp"
#include "network_check_kind.hpp"

namespace bncollapse::study {
namespace {

constexpr double default_level = 0.05;
constexpr std::size_t fewest_seeds = 3;
constexpr double silent = 1e-12;

/// The fields of every check of networks, before its own.
std::vector<Field> network_check_fields(std::vector<Field> own) {
  std::vector<Field> fields{
      {"claim", text("what is claimed, for people; empty: the check's own words").defaults_to("")},
      {"level",
       number("level of the one-sided test over the seeds", {.lower = 0, .upper = 0.5, .lower_open = true})
           .defaults_to(default_level)},
      {"contrary", text("what a significant result in the other direction means; inconclusive: the setting "
                        "is too small to "
                        "show the claim",
                        {"fail", "inconclusive"})
                       .defaults_to("fail")}};
  fields.insert(fields.end(), own.begin(), own.end());
  return fields;
}

Field quantity_field() {
  return {"quantity", text("quantity at a round's end", names_of_network_quantities())};
}

Field round_field() {
  return {"round", integer("the round; null: the last", from_to(1, 1000)).or_null().defaults_to(nullptr)};
}

Field selection(const char* name, const char* help) {
  return {name, mapping(help, either("value", {number(""), text("")})).defaults_to(Json::object())};
}

/// Values of a range carry a rounding error that their spelling does not.
bool same(const Json& one, const Json& other) {
  constexpr double rounding = 1e-12;
  if (!one.is_number() || !other.is_number()) return one == other;
  const double a = one.get<double>(), b = other.get<double>();
  return std::abs(a - b) <= rounding * std::max(std::abs(a), std::abs(b));
}

bool selects(const Json& selection, const Json& parameters) {
  return std::all_of(selection.items().begin(), selection.items().end(), [&](const auto& item) {
    return parameters.contains(item.key()) && same(item.value(), parameters.at(item.key()));
  });
}

std::int64_t seed_of(const Json& parameters) {
  return parameters.contains("seed") ? parameters.at("seed").template get<std::int64_t>() : 0;
}

/// The quantity at a round's end, of the last round where none is given.
std::optional<double> value_of(const StoredTraining& training, const std::string& quantity,
                               const Json& round) {
  const auto values = training.values.find(quantity);
  if (values == training.values.end()) return {};
  const auto at = values->second.find(round.is_null() ? training.rounds : round.get<std::int64_t>());
  if (at == values->second.end()) return {};
  return at->second;
}

/// Why a mean over the selected trainings would be one over some of them alone; empty where it is not.
std::string lack_of_values(const std::string& quantity, const Json& round, const Json& selection,
                           const StoredNetworkRun& run) {
  std::size_t selected = 0, lacking = 0;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(selection, training.parameters)) continue;
    ++selected;
    if (!value_of(training, quantity, round)) ++lacking;
  }
  if (lacking == 0 || lacking == selected) return {};
  return fmt::format("{} of the {} trainings of {} have no {}", lacking, selected,
                     selection.empty() ? "the run" : shown(selection), quantity);
}

/// One number a seed: the mean over what the seed's trainings give.
class SeedMeans {
 public:
  void add(std::int64_t seed, double value) {
    auto& [sum, count] = sums_[seed];
    sum += value;
    ++count;
  }
  std::map<std::int64_t, double> means() const {
    std::map<std::int64_t, double> result;
    for (const auto& [seed, entry] : sums_) result[seed] = entry.first / entry.second;
    return result;
  }

 private:
  std::map<std::int64_t, std::pair<double, int>> sums_;
};

/// Seed -> (x -> mean), from x -> (seed -> mean).
std::map<std::int64_t, std::map<double, double>> curves_of_seeds(
    const std::map<double, SeedMeans>& at_value) {
  std::map<std::int64_t, std::map<double, double>> curves;
  for (const auto& [x, means] : at_value) {
    for (const auto& [seed, mean] : means.means()) curves[seed][x] = mean;
  }
  return curves;
}

double largest(double magnitude, const std::map<std::int64_t, double>& values) {
  for (const auto& [seed, value] : values) magnitude = std::max(magnitude, std::abs(value));
  return magnitude;
}

/// Judges that the mean over the seeds lies above (sign 1) or below (-1) `bound`: Student's one-sided t test.
/// @param magnitude  the largest |value| that went into the means, which scales their rounding
void judge_direction(const Json& check, const std::map<std::int64_t, double>& by_seed, double bound,
                     double sign, double magnitude, Verdict& verdict) {
  constexpr double rounding = 1e-12;
  std::vector<double> values;
  for (const auto& [seed, value] : by_seed) values.push_back(value);
  const auto n = static_cast<double>(values.size());
  if (values.empty()) {
    verdict.note = "no training of this run gives the quantity";
    return;
  }
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  verdict.measured = mean;
  verdict.predicted = bound;
  if (values.size() < fewest_seeds) {
    verdict.note = fmt::format("{} seed{}: the test takes at least {}", values.size(),
                               values.size() == 1 ? "" : "s", fewest_seeds);
    return;
  }
  const double level = check.at("level");
  const double deviations = student_deviations(level, values.size() - 1);
  verdict.standard_error = std::sqrt(squares / (n - 1) / n);
  verdict.deviation = verdict.standard_error > 0 ? (mean - bound) / verdict.standard_error : 0;
  verdict.tolerance = deviations * verdict.standard_error + rounding * magnitude;
  verdict.tolerance_source =
      fmt::format("{:.3g} standard errors (one-sided t test over {} seeds at {:g}) and rounding", deviations,
                  values.size(), level);
  const double distance = sign * (mean - bound);
  if (distance > verdict.tolerance) {
    verdict.outcome = Outcome::pass;
  } else if (distance < -verdict.tolerance) {
    const bool too_small = check.at("contrary") == "inconclusive";
    verdict.outcome = too_small ? Outcome::inconclusive : Outcome::fail;
    verdict.note = too_small ? "significantly the other way, in a setting too small to show the claim"
                             : "significantly the other way";
  } else {
    verdict.note = "the direction cannot be told: more seeds, or a larger setting";
  }
}

/// Which round a check is about, for people.
std::string round_text(const Json& check) {
  return check.at("round").is_null() ? "after the last round" : "after round " + check.at("round").dump();
}

double sign_of(const Json& check) {
  const std::string direction = check.at("direction");
  return direction == "rises" || direction == "above" ? 1 : -1;
}

std::string selection_obstacle(const Json& selection, const std::vector<TrainingPoint>& points) {
  for (const auto& item : selection.items()) {
    if (!points.front().parameters.contains(item.key()))
      return fmt::format("names {}, which the sweep does not move", item.key());
  }
  const bool any = std::any_of(points.begin(), points.end(), [&](const TrainingPoint& point) {
    return selects(selection, point.parameters);
  });
  return any ? "" : fmt::format("selects {}, which is no point of the sweep", shown(selection));
}

/// The first selected training that has fewer rounds, for a message; empty where there is none.
std::string shorter_training(const Json& selection, std::int64_t rounds,
                             const std::vector<TrainingPoint>& points) {
  for (const TrainingPoint& point : points) {
    if (selects(selection, point.parameters) && point.training.rounds < rounds)
      return point.parameters.empty() ? "the training" : shown(point.parameters);
  }
  return {};
}

/// Where a part of the trainings ends before the round, a comparison at it would take the others alone.
std::string round_obstacle(const Json& check, const Json& selection,
                           const std::vector<TrainingPoint>& points) {
  if (check.at("round").is_null()) return {};
  const auto round = check.at("round").get<std::int64_t>();
  const std::string early = shorter_training(selection, round, points);
  return early.empty() ? "" : fmt::format("is about round {}, which {} does not reach", round, early);
}

/// What of a training's swept fields is neither the seed nor one of `fields`.
Json other_fields(const Json& parameters, const std::set<std::string>& fields = {}) {
  Json others = parameters;
  for (const std::string& field : fields) others.erase(field);
  others.erase("seed");
  return others;
}

/// Seed -> the other_fields of each selected training.
std::map<std::int64_t, std::multiset<std::string>> kinds_of(const Json& selection,
                                                            const std::set<std::string>& fields,
                                                            const std::vector<TrainingPoint>& points) {
  std::map<std::int64_t, std::multiset<std::string>> kinds;
  for (const TrainingPoint& point : points) {
    if (selects(selection, point.parameters))
      kinds[seed_of(point.parameters)].insert(other_fields(point.parameters, fields).dump());
  }
  return kinds;
}

/// Of a comparison of two sides, seed by seed: they may differ in the fields that they name and in `free`.
std::string sides_obstacle(const Json& check, const char* one, const char* other,
                           const std::vector<TrainingPoint>& points, const std::set<std::string>& free = {}) {
  std::set<std::string> named_fields;
  for (const char* side : {one, other}) {
    if (std::string problem = selection_obstacle(check.at(side), points); !problem.empty()) return problem;
    for (const auto& item : check.at(side).items()) named_fields.insert(item.key());
  }
  const bool overlap = std::any_of(points.begin(), points.end(), [&](const TrainingPoint& point) {
    return selects(check.at(one), point.parameters) && selects(check.at(other), point.parameters);
  });
  if (overlap)
    return fmt::format("has trainings that both {} and {} select; name what tells them apart", one, other);
  std::set<std::string> fields = named_fields;
  fields.insert(free.begin(), free.end());
  const auto of_one = kinds_of(check.at(one), fields, points),
             of_other = kinds_of(check.at(other), fields, points);
  bool share_a_seed = false;
  for (const auto& [seed, kinds] : of_other) {
    const auto partner = of_one.find(seed);
    if (partner == of_one.end()) continue;
    share_a_seed = true;
    const bool same = free.empty()
                          ? kinds == partner->second
                          : std::set<std::string>(kinds.begin(), kinds.end()) ==
                                std::set<std::string>(partner->second.begin(), partner->second.end());
    if (!same) {
      return fmt::format(
          "compares trainings that differ in more than {}; name in both {} and {} every field in which they "
          "differ",
          fmt::join(named_fields, ", "), one, other);
    }
  }
  return share_a_seed ? "" : fmt::format("has no seed with trainings of both {} and {}", one, other);
}

std::string contrast_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = sides_obstacle(check, "baseline", "variant", points); !problem.empty())
    return problem;
  for (const char* side : {"baseline", "variant"}) {
    if (std::string problem = round_obstacle(check, check.at(side), points); !problem.empty()) return problem;
  }
  return {};
}

Verdict judge_contrast(const Json& check, const StoredNetworkRun& run) {
  const std::string quantity = check.at("quantity"), direction = check.at("direction");
  Verdict verdict =
      start_verdict(check, fmt::format("{} {} from {} to {}", quantity, direction,
                                       shown(check.at("baseline")), shown(check.at("variant"))));
  verdict.field = fmt::format("difference of {} {}, paired by seed", quantity, round_text(check));
  for (const char* side : {"baseline", "variant"}) {
    verdict.note = lack_of_values(quantity, check.at("round"), check.at(side), run);
    if (!verdict.note.empty()) return verdict;
  }
  SeedMeans baseline, variant;
  for (const StoredTraining& training : run.trainings) {
    const auto value = value_of(training, quantity, check.at("round"));
    if (!value) continue;
    const std::int64_t seed = seed_of(training.parameters);
    if (selects(check.at("baseline"), training.parameters)) baseline.add(seed, *value);
    if (selects(check.at("variant"), training.parameters)) variant.add(seed, *value);
  }
  std::map<std::int64_t, double> differences;
  const auto before = baseline.means(), after = variant.means();
  for (const auto& [seed, value] : after) {
    if (before.contains(seed)) differences[seed] = value - before.at(seed);
  }
  judge_direction(check, differences, 0, sign_of(check), largest(largest(0, before), after), verdict);
  return verdict;
}

/// Of a trend over the rounds.
std::string rounds_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (!check.at("round").is_null()) return "follows the rounds, so that it has no round of its own";
  const auto from = check.at("from_round").get<std::int64_t>();
  const std::string early = shorter_training(check.at("where"), from + 1, points);
  return early.empty() ? "" : fmt::format("begins at round {}, after which {} has no other", from, early);
}

/// Whether the trainings of a seed are the same at every value of the field, but for that.
bool balanced(const Json& check, const std::string& field, const std::vector<TrainingPoint>& points) {
  std::map<std::int64_t, std::map<double, std::multiset<std::string>>> kinds;  // by seed, then value
  for (const TrainingPoint& point : points) {
    if (selects(check.at("where"), point.parameters))
      kinds[seed_of(point.parameters)][point.parameters.at(field).get<double>()].insert(
          other_fields(point.parameters, {field}).dump());
  }
  return std::all_of(kinds.begin(), kinds.end(), [](const auto& of_seed) {
    const auto& at_value = of_seed.second;
    return std::all_of(at_value.begin(), at_value.end(),
                       [&](const auto& entry) { return entry.second == at_value.begin()->second; });
  });
}

std::string trend_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("where"), points); !problem.empty()) return problem;
  const std::string field = check.at("of");
  if (field == "round") return rounds_obstacle(check, points);
  if (field == "seed") return "follows the seed, which tells repetitions of a training apart";
  if (check.at("from_round") != 1) return "has from_round, which belongs to \"of\": \"round\"";
  std::set<double> values;
  for (const TrainingPoint& point : points) {
    if (!point.parameters.contains(field))
      return fmt::format("follows {}, which the sweep does not move", field);
    if (!point.parameters.at(field).is_number())
      return fmt::format("follows {}, which must be a number", field);
    if (selects(check.at("where"), point.parameters)) values.insert(point.parameters.at(field).get<double>());
  }
  if (values.size() < 2) return fmt::format("follows {}, which has one value where it looks", field);
  if (!balanced(check, field, points)) {
    return fmt::format(
        "follows {}, along which other fields move, too; choose trainings with where, or name all of these "
        "fields in a contrast",
        field);
  }
  return round_obstacle(check, check.at("where"), points);
}

/// The slope of the least-squares line through (position, value).
double slope(const std::map<double, double>& values) {
  const auto n = static_cast<double>(values.size());
  double position = 0, sum = 0, weighted = 0;
  for (const auto& [x, value] : values) {
    const double centred = position - (n - 1) / 2;
    weighted += centred * value;
    sum += centred * centred;
    ++position;
  }
  return weighted / sum;
}

/// Slopes of curves, by seed, and the largest |value| of a curve.
struct Slopes {
  SeedMeans by_seed;
  double magnitude = 0;

  void add(std::int64_t seed, const std::map<double, double>& curve) {
    if (curve.size() < 2) return;
    for (const auto& [x, value] : curve) magnitude = std::max(magnitude, std::abs(value));
    by_seed.add(seed, slope(curve));
  }
};

/// A curve a training: those of one seed may have different numbers of rounds.
Slopes slopes_over_rounds(const Json& check, const StoredNetworkRun& run) {
  Slopes slopes;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("where"), training.parameters)) continue;
    std::map<double, double> curve;
    for (std::int64_t round = check.at("from_round"); round <= training.rounds; ++round) {
      if (const auto value = value_of(training, check.at("quantity"), round))
        curve[static_cast<double>(round)] = *value;
    }
    slopes.add(seed_of(training.parameters), curve);
  }
  return slopes;
}

/// A curve a seed, of the mean over its trainings at each value of the field.
Slopes slopes_over_sweep(const Json& check, const StoredNetworkRun& run) {
  std::map<double, SeedMeans> at_value;
  for (const StoredTraining& training : run.trainings) {
    const auto value = value_of(training, check.at("quantity"), check.at("round"));
    if (!value || !selects(check.at("where"), training.parameters)) continue;
    at_value[training.parameters.at(check.at("of").get<std::string>()).get<double>()].add(
        seed_of(training.parameters), *value);
  }
  Slopes slopes;
  for (const auto& [seed, curve] : curves_of_seeds(at_value)) slopes.add(seed, curve);
  return slopes;
}

Verdict judge_trend(const Json& check, const StoredNetworkRun& run) {
  const std::string quantity = check.at("quantity"), field = check.at("of"),
                    direction = check.at("direction");
  Verdict verdict = start_verdict(check, fmt::format("{} {} with {}", quantity, direction, field));
  verdict.field =
      fmt::format("slope of {} over the values of {} in order, a value, by seed", quantity, field);
  verdict.note = lack_of_values(quantity, check.at("round"), check.at("where"), run);
  if (!verdict.note.empty()) return verdict;
  const Slopes slopes = field == "round" ? slopes_over_rounds(check, run) : slopes_over_sweep(check, run);
  judge_direction(check, slopes.by_seed.means(), 0, sign_of(check), slopes.magnitude, verdict);
  return verdict;
}

std::string level_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("where"), points); !problem.empty()) return problem;
  return round_obstacle(check, check.at("where"), points);
}

/// Of one kind of training.
Verdict judge_level_of(const Json& check, const SeedMeans& means) {
  const std::string quantity = check.at("quantity"), direction = check.at("direction");
  const double bound = check.at("bound");
  Verdict verdict = start_verdict(check, fmt::format("{} {} {:g}", quantity, direction, bound));
  verdict.field = fmt::format("{} {}", quantity, round_text(check));
  const auto by_seed = means.means();
  judge_direction(check, by_seed, bound, sign_of(check), largest(std::abs(bound), by_seed), verdict);
  return verdict;
}

/// Every kind of training must lie there: the verdict is that of the one that does so least, each judged at
/// its share of the level (Bonferroni).
Verdict judge_level(const Json& check, const StoredNetworkRun& run) {
  const std::string lacking = lack_of_values(check.at("quantity"), check.at("round"), check.at("where"), run);
  std::map<Json, SeedMeans> kinds;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("where"), training.parameters)) continue;
    if (const auto value = value_of(training, check.at("quantity"), check.at("round")))
      kinds[other_fields(training.parameters)].add(seed_of(training.parameters), *value);
  }
  if (kinds.empty() || !lacking.empty()) {
    Verdict verdict = judge_level_of(check, {});
    if (!lacking.empty()) verdict.note = lacking;
    return verdict;
  }
  const auto count = static_cast<double>(kinds.size());
  Json one = check;
  one["level"] = check.at("level").get<double>() / count;
  std::optional<Verdict> least;
  const auto rank = [&](const Verdict& verdict) {
    const int outcome = verdict.outcome == Outcome::fail ? 0 : verdict.outcome == Outcome::pass ? 2 : 1;
    return std::pair{outcome, sign_of(check) * (verdict.measured - check.at("bound").get<double>())};
  };
  for (const auto& [kind, means] : kinds) {
    Verdict verdict = judge_level_of(one, means);
    if (kinds.size() > 1) {
      verdict.note += fmt::format("{}the least of {} kinds of trainings: {}",
                                  verdict.note.empty() ? "" : "; ", kinds.size(), shown(kind));
    }
    if (!least || rank(verdict) < rank(*least)) least = std::move(verdict);
  }
  return *least;
}

std::string deaths_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("where"), points); !problem.empty()) return problem;
  const auto within = check.at("within").get<std::int64_t>(),
             from = check.at("from_round").get<std::int64_t>();
  if (const std::string early = shorter_training(check.at("where"), from, points); !early.empty())
    return fmt::format("begins at round {}, which {} does not reach", from, early);
  for (const TrainingPoint& point : points) {
    const auto& steps = point.training.recording.steps;
    for (std::int64_t round = from; round <= point.training.rounds; ++round) {
      for (const std::int64_t offset : {std::int64_t{0}, within}) {
        const std::int64_t step = (round - 1) * point.round_steps() + offset;
        if (!std::binary_search(steps.begin(), steps.end(), step)) {
          return fmt::format("needs the channels at step {}: record.steps {{\"in_round\": [0, {}, ...]}}",
                             step, within);
        }
      }
    }
  }
  return {};
}

std::set<std::pair<std::int64_t, std::int64_t>> silent_channels(const std::vector<StoredChannel>& channels) {
  std::set<std::pair<std::int64_t, std::int64_t>> result;
  for (const StoredChannel& channel : channels) {
    if (channel.maximum < silent) result.insert({channel.layer, channel.channel});
  }
  return result;
}

/// Of the filters that a round silenced, the share that was silent `within` steps after its start. Pooled
/// over the rounds from `from_round` on.
Verdict judge_deaths(const Json& check, const StoredNetworkRun& run) {
  const auto within = check.at("within").get<std::int64_t>();
  const double share = check.at("share");
  Verdict verdict = start_verdict(
      check, fmt::format("of the filters that a round silences, more than {:g} are silent {} steps "
                         "after its learning rate jumps up",
                         share, within));
  verdict.field = fmt::format("share silent after {} steps, of those that the round silences", within);
  SeedMeans means;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("where"), training.parameters)) continue;
    double early = 0, all = 0;
    const std::int64_t round_steps = training.epochs * training.epoch_steps;
    for (std::int64_t round = check.at("from_round"); round <= training.rounds; ++round) {
      const std::int64_t start = (round - 1) * round_steps;
      const auto first = training.channels_at_step.find(start),
                 soon = training.channels_at_step.find(start + within);
      const auto last = training.channels_of_round.find(round);
      if (first == training.channels_at_step.end() || soon == training.channels_at_step.end() ||
          last == training.channels_of_round.end()) {
        continue;
      }
      const auto before = silent_channels(first->second), after = silent_channels(soon->second);
      for (const auto& channel : silent_channels(last->second)) {
        if (before.contains(channel)) continue;
        ++all;
        if (after.contains(channel)) ++early;
      }
    }
    if (all > 0) means.add(seed_of(training.parameters), early / all);
  }
  judge_direction(check, means.means(), share, 1, 1, verdict);
  return verdict;
}

std::string decay_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("where"), points); !problem.empty()) return problem;
  for (const TrainingPoint& point : points) {
    if (!selects(check.at("where"), point.parameters)) continue;
    const nets::Training& training = point.training;
    if (training.optimizer.name != nets::OptimizerName::sgd || training.optimizer.weight_decay == 0 ||
        training.optimizer.decayed != nets::Decayed::all || training.network.alpha != 0 ||
        training.network.slope != 0 || training.network.normalisation != nets::Normalisation::batch ||
        training.rounds < 2 || point.shuffle_weights_after > 0) {
      return "needs sgd with weight decay on all parameters, BN (alpha 0) with ReLU, two rounds, and weights "
             "that are not shuffled";
    }
  }
  return {};
}

/// ln of what weight decay alone multiplies a parameter by in the round: v <- momentum v + lambda w,
/// w <- w - eta v, v = 0 at the training's first step. 0 where w passes through 0, of which no filter's scale
/// tells.
double decay_of_round(const TrainingPoint& point, std::int64_t round) {
  const nets::Training& training = point.training;
  const double decay = training.optimizer.weight_decay, momentum = training.optimizer.momentum;
  const std::int64_t begin = (round - 1) * point.round_steps(), end = round * point.round_steps();
  double w = 1, v = 0, at_begin = 1;
  for (std::int64_t step = 0; step < end && w > 0; ++step) {
    if (step == begin) at_begin = w;
    v = momentum * v + decay * w;
    w -= nets::learning_rate(training.schedule, step, point.round_steps()) * v;
  }
  return w > 0 ? std::log(w / at_begin) : 0;
}

/// Filters that are silent at the end of a round and of the next have decayed alone in between.
Verdict judge_decay(const Json& check, const StoredNetworkRun& run) {
  Verdict verdict = start_verdict(
      check,
      "the scale of a silent filter shrinks by exp(-sum of learning rate * weight decay / (1 - momentum))");
  verdict.field =
      "ln of gamma's ratio over a round, median over silent filters, relative to the predicted one";
  const Spec spec{"the store's spec", run.spec, run.spec};
  const std::vector<TrainingPoint> points = training_points(spec);
  SeedMeans means;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("where"), training.parameters)) continue;
    for (std::int64_t round = 2; round <= training.rounds; ++round) {
      const auto before = training.channels_of_round.find(round - 1),
                 after = training.channels_of_round.find(round);
      if (before == training.channels_of_round.end() || after == training.channels_of_round.end()) continue;
      const double predicted = decay_of_round(points.at(static_cast<std::size_t>(training.index)), round);
      if (predicted == 0) continue;
      std::vector<double> ratios;
      for (std::size_t i = 0; i < before->second.size(); ++i) {
        const StoredChannel &from = before->second[i], &to = after->second.at(i);
        if (from.maximum < silent && to.maximum < silent && from.gamma != 0 && to.gamma / from.gamma > 0) {
          ratios.push_back(std::log(to.gamma / from.gamma) / predicted);
        }
      }
      if (ratios.empty()) continue;
      const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
      std::nth_element(ratios.begin(), middle, ratios.end());
      means.add(seed_of(training.parameters), *middle);
    }
  }
  const auto by_seed = means.means();
  if (by_seed.size() < fewest_seeds) {
    verdict.note =
        fmt::format("silent filters over a whole round in {} seeds: the comparison takes at least {}",
                    by_seed.size(), fewest_seeds);
    return verdict;
  }
  double mean = 0, squares = 0;
  const auto n = static_cast<double>(by_seed.size());
  for (const auto& [seed, value] : by_seed) mean += value / n;
  for (const auto& [seed, value] : by_seed) squares += (value - mean) * (value - mean);
  const double level = check.at("level"), slack = check.at("tolerance");
  verdict.measured = mean;
  verdict.predicted = 1;
  verdict.standard_error = std::sqrt(squares / (n - 1) / n);
  verdict.deviation = verdict.standard_error > 0 ? (mean - 1) / verdict.standard_error : 0;
  const double deviations = student_deviations(level / 2, by_seed.size() - 1);
  verdict.tolerance = deviations * verdict.standard_error + slack;
  verdict.tolerance_source =
      fmt::format("{:.3g} standard errors (two-sided t test over {} seeds at {:g}) and {:g}", deviations,
                  by_seed.size(), level, slack);
  verdict.outcome = std::abs(mean - 1) <= verdict.tolerance ? Outcome::pass : Outcome::fail;
  if (verdict.outcome == Outcome::pass && verdict.standard_error > 0.25) {
    verdict.outcome = Outcome::inconclusive;
    verdict.note = "the seeds scatter too much to tell";
  }
  return verdict;
}

std::string pruning_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  const bool all = std::all_of(points.begin(), points.end(),
                               [](const TrainingPoint& point) { return point.record_pruned; });
  if (!all) return "needs record.pruned true";
  return sides_obstacle(check, "uniform", "collapsed", points,
                        {"network.architecture", "network.depth", "network.width"});
}

/// The accuracy at so many multiplications, between two networks of the curve, linear in their logarithm.
std::optional<double> accuracy_at(const std::map<double, double>& curve, double multiplications) {
  const auto above = curve.lower_bound(multiplications);
  if (above == curve.end()) return {};
  if (above->first == multiplications) return above->second;
  if (above == curve.begin()) return {};
  const auto below = std::prev(above);
  const double share = std::log(multiplications / below->first) / std::log(above->first / below->first);
  return std::lerp(below->second, above->second, share);
}

/// Networks without their collapsed filters beside uniformly narrower ones of as many multiplications.
Verdict judge_pruning(const Json& check, const StoredNetworkRun& run) {
  const double margin = check.at("margin");
  Verdict verdict = start_verdict(
      check,
      fmt::format("without its collapsed filters a network is no more accurate (by {:g}) than a uniformly "
                  "narrower one of as many multiplications",
                  margin));
  verdict.field = "difference of test accuracies after the last round, by seed";
  for (const char* side : {"uniform", "collapsed"}) {
    verdict.note = lack_of_values(pruned_accuracy_change, nullptr, check.at(side), run);
    if (!verdict.note.empty()) return verdict;
  }
  std::map<double, SeedMeans> of_size;  // by multiplications
  for (const StoredTraining& training : run.trainings) {
    const auto last = training.pruned.find(training.rounds);
    if (last == training.pruned.end() || !selects(check.at("uniform"), training.parameters)) continue;
    of_size[last->second.multiplications].add(seed_of(training.parameters), last->second.accuracy);
  }
  auto uniform = curves_of_seeds(of_size);
  SeedMeans differences;
  std::size_t collapsed = 0, outside = 0;
  for (const StoredTraining& training : run.trainings) {
    const auto last = training.pruned.find(training.rounds);
    if (last == training.pruned.end() || !selects(check.at("collapsed"), training.parameters)) continue;
    const std::int64_t seed = seed_of(training.parameters);
    const auto other = accuracy_at(uniform[seed], last->second.multiplications);
    ++collapsed;
    if (other)
      differences.add(seed, last->second.accuracy - *other);
    else
      ++outside;
  }
  judge_direction(check, differences.means(), margin, -1, 1, verdict);
  if (outside > 0) {
    verdict.note = fmt::format(
        "{} of the {} collapsed networks have fewer multiplications than every uniform one of their seed, or "
        "more",
        outside, collapsed);
    if (verdict.outcome == Outcome::pass) verdict.outcome = Outcome::inconclusive;
  }
  return verdict;
}

/// Each kind gives one verdict.
template <Verdict (*judge)(const Json& check, const StoredNetworkRun& run)>
std::vector<Verdict> one_verdict(const Json& check, const StoredNetworkRun& run) {
  return {judge(check, run)};
}

Description direction_rises() { return text("direction", {"rises", "falls"}); }

}  // namespace

const std::vector<NetworkCheckKind>& network_check_kinds() {
  static const std::vector<NetworkCheckKind> kinds{
      {"contrast", "a quantity rises or falls from one kind of training to another, paired by seed",
       network_check_fields({quantity_field(),
                             selection("baseline", "swept field -> value of the trainings to start from"),
                             selection("variant", "swept field -> value of the trainings to compare with"),
                             {"direction", direction_rises()},
                             round_field()}),
       contrast_obstacle, one_verdict<judge_contrast>},
      {"trend", "a quantity rises or falls over the rounds or along a swept field, by seed",
       network_check_fields(
           {quantity_field(),
            {"of", text("round, or the swept field")},
            {"direction", direction_rises()},
            selection("where", "swept field -> value of the trainings to look at"),
            {"from_round", integer("of round: the first that counts", from_to(1, 1000)).defaults_to(1)},
            round_field()}),
       trend_obstacle, one_verdict<judge_trend>},
      {"level", "a quantity lies above or below a bound",
       network_check_fields({quantity_field(),
                             {"direction", text("where it lies", {"above", "below"})},
                             {"bound", number("the bound")},
                             selection("where", "swept field -> value of the trainings to look at"),
                             round_field()}),
       level_obstacle, one_verdict<judge_level>},
      {"early_deaths",
       "most filters that a round silences die soon after the learning rate's jump at its start",
       network_check_fields(
           {{"within", integer("steps after the round's start", from_to(1, 1e9)).defaults_to(300)},
            {"share", number("the share to exceed", from_to(0, 1)).defaults_to(0.5)},
            {"from_round", integer("the first round that counts", from_to(1, 1000)).defaults_to(2)},
            selection("where", "swept field -> value of the trainings to look at")}),
       deaths_obstacle, one_verdict<judge_deaths>},
      {"silent_decay", "weight decay alone moves the scale of silent filters",
       network_check_fields(
           {{"tolerance", number("allowed beside the standard errors: filters that fire now and "
                                 "then, rounding",
                                 from_to(0, 1))
                              .defaults_to(0.02)},
            selection("where", "swept field -> value of the trainings to look at")}),
       decay_obstacle, one_verdict<judge_decay>},
      {"pruning",
       "networks without their collapsed filters are no more accurate than uniformly narrower ones of as "
       "many "
       "multiplications",
       network_check_fields(
           {selection("uniform", "swept field -> value of the networks of several widths"),
            selection("collapsed", "swept field -> value of the networks whose filters collapse"),
            {"margin", number("accuracy by which they may be better", from_to(0, 1)).defaults_to(0.01)}}),
       pruning_obstacle, one_verdict<judge_pruning>}};
  return kinds;
}

}  // namespace bncollapse::study
