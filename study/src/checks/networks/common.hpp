#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bncollapse/study/stored_network_run.hpp"
#include "checks/options.hpp"

namespace bncollapse::study {

/// Below so many seeds no test is made.
inline constexpr std::size_t fewest_seeds = 3;

/// What a significant result in the other direction means.
enum class IfOpposite { fail, inconclusive };

/// What a check of a direction is told.
struct NetworkCheckOptions : CheckOptions {
  double level = 0.05;
  IfOpposite if_opposite = IfOpposite::fail;
};

/// What a check of a quantity at a round's end is told.
struct QuantityCheckOptions : NetworkCheckOptions {
  std::string quantity;
  std::optional<std::int64_t> round;  ///< nothing: the last
};

/// Values of swept fields, which select the trainings that have them all.
struct Selection {
  Json values = Json::object();

  static FieldSchema schema(std::string help);
  void read_json(const Json& json) { values = json; }
  template <class>
  Json to_json() const {
    return values;
  }
};

bool selects(const Selection& selection, const Json& parameters);
/// The swept seed, 0 where the sweep has none.
std::int64_t seed_of(const Json& parameters);
/// A training's swept values but for the seed and `fields`.
Json other_fields(const Json& parameters, const std::set<std::string>& fields = {});

/// The quantity at the end of a round, or of the last. Nothing where it is not stored.
std::optional<double> value_of(const StoredTraining& training, const std::string& quantity,
                               std::optional<std::int64_t> round);

/// Why a mean over the selected trainings would leave some of them out; empty where it would not.
std::string missing_values(const std::string& quantity, std::optional<std::int64_t> round,
                           const Selection& selection, const StoredNetworkRun& run);

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

double sign_of(Direction direction);

/// Judges that the mean over the seeds lies above (sign 1) or below (-1) `bound`: Student's one-sided t test.
/// @param magnitude  the largest |value| that went into the means, which scales their rounding
void judge_direction(const NetworkCheckOptions& options, const std::map<std::int64_t, double>& by_seed,
                     double bound, double sign, double magnitude, Verdict& verdict);

/// "after round 3" or "after the last round".
std::string round_text(std::optional<std::int64_t> round);

// Obstacles (NetworkCheck::obstacle).
/// A selection, and the field that gives it.
struct NamedSelection {
  const char* field;
  const Selection& selection;
};

Obstacle selection_obstacle(const NamedSelection& named, const std::vector<TrainingPoint>& points);

/// Of a quantity that the trainings do not record.
Obstacle quantity_obstacle(const std::string& quantity, const std::vector<TrainingPoint>& points);

/// The first selected training that has fewer rounds, for a message; empty where there is none.
std::string shorter_training(const Selection& selection, std::int64_t rounds,
                             const std::vector<TrainingPoint>& points);

/// Where some of the trainings end before the check's round.
Obstacle round_obstacle(std::optional<std::int64_t> round, const Selection& selection,
                        const std::vector<TrainingPoint>& points);

/// Of a comparison of two sides by seed. They must have the same trainings, but for the fields that they name
/// and those in `free`; where some are free, a side may have several trainings for one of the other.
Obstacle sides_obstacle(const NamedSelection& one, const NamedSelection& other,
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

namespace bncollapse::fields {

template <>
struct Enumeration<study::IfOpposite> {
  using enum study::IfOpposite;
  static constexpr std::array all{Enumerator{fail, "fail"}, Enumerator{inconclusive, "inconclusive"}};
};

template <>
struct Fields<study::NetworkCheckOptions> {
  using Struct = study::NetworkCheckOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::CheckOptions>::all,
      std::tuple{
          field("level", &Struct::level, "level of the one-sided test over the seeds", above_to(0, 0.5)),
          field("if_opposite", &Struct::if_opposite,
                "what a significant result in the other direction means; inconclusive: the setting is "
                "too small to show the claim")});
};

template <>
struct Fields<study::QuantityCheckOptions> {
  using Struct = study::QuantityCheckOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NetworkCheckOptions>::all,
      std::tuple{field("quantity", &Struct::quantity, "quantity at a round's end",
                       Choices{study::names_of_network_quantities}, Required{}),
                 field("round", &Struct::round, "the round; null: the last", from_to(1, 1000))});
};

}  // namespace bncollapse::fields
