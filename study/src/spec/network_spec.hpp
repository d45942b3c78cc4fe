#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "bncollapse/nets/fields.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/training_point.hpp"
#include "schema/field_schema.hpp"
#include "spec/heading.hpp"

namespace bncollapse::study {

inline constexpr std::int64_t cifar10_train_images = 50'000, cifar10_test_images = 10'000;

/// The images of a training, as a spec names them.
struct DataSpec {
  DatasetName dataset = DatasetName::cifar10;
  std::optional<std::int64_t> train_images, test_images;
  Labels labels = Labels::dataset;
  std::uint64_t seed = 1;
};

/// Steps of a training, or a rule for them.
struct RecordedTrainingSteps {
  Json rule = Json::array();

  static FieldSchema schema(std::string help);
  void read_json(const Json& json) { rule = json; }
  template <class>
  Json to_json() const {
    return rule;
  }
};

/// A spec of networks, without its sweep and checks.
struct NetworkSpec {
  Heading heading;
  DataSpec data;
  nets::Training training;  ///< but for the members below, which a spec gives in another form
  std::int64_t shuffle_weights_after = 0;
  RecordedTrainingSteps recorded_steps;
  std::optional<std::int64_t> recorded_images;
  bool record_pruned = false;
  KeptCheckpoints checkpoints = KeptCheckpoints::last;
};

/// The schema of such a spec, with its sweep and checks.
const FieldSchema& network_schema();

}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Enumeration<study::DatasetName> {
  using enum study::DatasetName;
  static constexpr std::array all{
      Enumerator{cifar10, "cifar10", "real images"},
      Enumerator{synthetic, "synthetic", "images of the same shape made here, with learnable classes"}};
};

template <>
struct Enumeration<study::Labels> {
  using enum study::Labels;
  static constexpr std::array all{
      Enumerator{dataset, "true", "classes of the dataset"},
      Enumerator{random, "random", "drawn once and then kept: they can only be memorised"}};
};

template <>
struct Enumeration<study::KeptCheckpoints> {
  using enum study::KeptCheckpoints;
  static constexpr std::array all{Enumerator{last, "last", "only the latest"},
                                  Enumerator{rounds, "rounds", "the latest, and that of each round's end"}};
};

template <>
struct Fields<study::DataSpec> {
  using Struct = study::DataSpec;
  static constexpr auto all = std::tuple{
      field("dataset", &Struct::dataset, "the images"),
      field("train_images", &Struct::train_images,
            "images of the training set, drawn by data.seed; null: all (50000; synthetic 5000)",
            Label{"Training images"}, from_to(2, study::cifar10_train_images)),
      field("test_images", &Struct::test_images, "images of the test set; null: all (10000; synthetic 1000)",
            from_to(1, study::cifar10_test_images)),
      field("labels", &Struct::labels, "classes of the training images"),
      field("seed", &Struct::seed, "seed of the subset, of random labels and of synthetic images",
            from_to(0, 1e15))};
};

template <>
struct Fields<study::NetworkSpec> {
  using Struct = study::NetworkSpec;
  static constexpr auto all = std::tuple{
      embed(&Struct::heading),
      field("data", &Struct::data, "the images"),
      embed(&Struct::training),
      field("training.shuffle_weights_after", &Struct::shuffle_weights_after,
            "round after which the numbers within every parameter tensor are shuffled and the optimizer's "
            "state is cleared; 0: never",
            Label{"Weights shuffled after round"}, from_to(0, 1000)),
      field("record.steps", &Struct::recorded_steps,
            "steps at which the channels are recorded during the training", Unit{"steps"}),
      field(
          "record.images", &Struct::recorded_images,
          "training images over which the channels are taken at these steps; null: 512, or all if there are "
          "fewer",
          fields::recorded_images),
      field("record.pruned", &Struct::record_pruned,
            "at each round's end, record accuracy and speed of the network without its collapsed filters"),
      field("record.checkpoints", &Struct::checkpoints, "which checkpoints are kept")};
};

}  // namespace bncollapse::fields
