#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bncollapse/study/stored_network_run.hpp"
#include "spec/network_check_kind.hpp"

namespace bncollapse::study {

/// Below so many seeds no test is made.
inline constexpr std::size_t fewest_seeds = 3;

/// The fields of every check of networks, before its own: `claim`, `level`, `if_opposite`.
std::vector<Field> network_check_fields(std::vector<Field> own);

Field quantity_field();
Field direction_field();
Field round_field();
/// A mapping from swept fields to values, which selects the trainings that have these values.
Field selection_field(const char* name, const char* help);

/// A check of one verdict, for a CheckKind.
template <Verdict (*judge)(const Json& check, const StoredNetworkRun& run)>
std::vector<Verdict> one_verdict(const Json& check, const StoredNetworkRun& run) {
  return {judge(check, run)};
}

bool selects(const Json& selection, const Json& parameters);
/// The swept seed, 0 where the sweep has none.
std::int64_t seed_of(const Json& parameters);
/// A training's swept values but for the seed and `fields`.
Json other_fields(const Json& parameters, const std::set<std::string>& fields = {});

/// The quantity at the end of a round, or of the last where `round` is null. Nothing where it is not stored.
std::optional<double> value_of(const StoredTraining& training, const std::string& quantity,
                               const Json& round);

/// Why a mean over the selected trainings would leave some of them out; empty where it would not.
std::string missing_values(const std::string& quantity, const Json& round, const Json& selection,
                           const StoredNetworkRun& run);

/// A number per seed: the mean of what the seed's trainings give.
class SeedMeans {
 public:
  void add(std::int64_t seed, double value);
  std::map<std::int64_t, double> means() const;

 private:
  std::map<std::int64_t, std::pair<double, int>> sums_;
};

/// Seed -> (x -> mean), from x -> (seed -> mean).
std::map<std::int64_t, std::map<double, double>> curves_of_seeds(const std::map<double, SeedMeans>& at_value);

/// The largest of `magnitude` and the values' magnitudes.
double largest(double magnitude, const std::map<std::int64_t, double>& values);

/// A mean over seeds with its standard error. Needs two seeds.
struct MeanOverSeeds {
  double mean = 0, standard_error = 0;
};
MeanOverSeeds mean_over(const std::map<std::int64_t, double>& by_seed);

/// 1 where the check's direction is upwards, else -1.
double sign_of(const Json& check);

/// Judges that the mean over the seeds lies above (sign 1) or below (-1) `bound`: Student's one-sided t test.
/// @param magnitude  the largest |value| that went into the means, which scales their rounding
void judge_direction(const Json& check, const std::map<std::int64_t, double>& by_seed, double bound,
                     double sign, double magnitude, Verdict& verdict);

/// "after round 3" or "after the last round".
std::string round_text(const Json& check);

// Obstacles (NetworkCheckKind::obstacle).
std::string selection_obstacle(const Json& selection, const std::vector<TrainingPoint>& points);

/// The first selected training that has fewer rounds, for a message; empty where there is none.
std::string shorter_training(const Json& selection, std::int64_t rounds,
                             const std::vector<TrainingPoint>& points);

/// Where some of the trainings end before the check's round.
std::string round_obstacle(const Json& check, const Json& selection,
                           const std::vector<TrainingPoint>& points);

/// Of a comparison of two sides by seed. They must have the same trainings, but for the fields that they name
/// and those in `free`; where some are free, a side may have several trainings for one of the other.
std::string sides_obstacle(const Json& check, const char* one, const char* other,
                           const std::vector<TrainingPoint>& points, const std::set<std::string>& free = {});

/// A comparison's trainings: group -> seed -> the other fields of each training.
class ComparedTrainings {
 public:
  /// @param fields  in which the groups may differ
  explicit ComparedTrainings(std::set<std::string> fields) : fields_(std::move(fields)) {}

  void add(double group, const Json& parameters);
  /// Whether each seed has the same trainings in every group that has any of it.
  /// @param count_repeats  false: however many there are of the same
  bool are_balanced(bool count_repeats = true) const;
  /// Whether any seed is in several groups.
  bool share_a_seed() const;

 private:
  using Group = std::multiset<std::string>;

  std::set<std::string> fields_;
  std::map<std::int64_t, std::map<double, Group>> seeds_;
};

}  // namespace bncollapse::study
