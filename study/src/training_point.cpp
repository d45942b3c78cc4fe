#include "bncollapse/study/training_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "description.hpp"
#include "enum_names.hpp"
#include "network_check_kind.hpp"
#include "network_description.hpp"
#include "sweep.hpp"
#include "work_limits.hpp"

namespace bncollapse::study {
namespace {

constexpr std::int64_t most_records = 100'000;
constexpr std::int64_t cifar10_train = 50'000, cifar10_test = 10'000;
constexpr std::int64_t synthetic_train = 5'000, synthetic_test = 1'000;

DataChoice data_of(const Json& data) {
  const bool is_real = data.at("dataset") == "cifar10";
  const auto count = [&](const char* key, std::int64_t real, std::int64_t synthetic) {
    return data.at(key).is_null() ? (is_real ? real : synthetic) : data.at(key).get<std::int64_t>();
  };
  return {.source = is_real ? DataChoice::Source::cifar10 : DataChoice::Source::synthetic,
          .train_images = count("train_images", cifar10_train, synthetic_train),
          .test_images = count("test_images", cifar10_test, synthetic_test),
          .random_labels = data.at("labels") == "random",
          .seed = data.at("seed").get<std::uint64_t>()};
}

nets::NetworkSpec network_of(const Json& network) {
  return {.architecture = enum_of<nets::Architecture>(network.at("architecture").get<std::string>()),
          .depth = network.at("depth"),
          .width = network.at("width"),
          .normalisation = enum_of<nets::Normalisation>(network.at("normalisation").get<std::string>()),
          .gamma = network.at("gamma"),
          .beta = network.at("beta"),
          .alpha = network.at("alpha"),
          .slope = network.at("slope")};
}

nets::OptimizerSpec optimizer_of(const Json& optimizer) {
  return {.name = enum_of<nets::OptimizerName>(optimizer.at("name").get<std::string>()),
          .weight_decay = optimizer.at("weight_decay"),
          .decay_normalisation = optimizer.at("decayed") == "all",
          .momentum = optimizer.at("momentum"),
          .beta1 = optimizer.at("beta1"),
          .beta2 = optimizer.at("beta2"),
          .epsilon = optimizer.at("epsilon")};
}

nets::Schedule schedule_of(const Json& optimizer) {
  const Json& schedule = optimizer.at("schedule");
  return {.kind = enum_of<nets::ScheduleKind>(schedule.at("kind").get<std::string>()),
          .learning_rate = optimizer.at("learning_rate"),
          .minimum = schedule.at("minimum"),
          .milestones = schedule.at("milestones").get<std::vector<double>>(),
          .factor = schedule.at("factor"),
          .warmup_steps = schedule.at("warmup_steps")};
}

std::vector<std::int64_t> steps_of(const Json& steps, const TrainingPoint& point, const Place& place) {
  const auto refuse_more = [&](std::int64_t count) {
    if (count > most_records)
      place.fail(fmt::format("asks for {} records in a training; at most {} are allowed: record fewer steps",
                             count, most_records));
  };
  std::vector<std::int64_t> result;
  if (steps.is_array()) {
    result = steps.get<std::vector<std::int64_t>>();
    for (std::size_t i = 1; i < result.size(); ++i) {
      if (result[i] <= result[i - 1])
        place.index(i).fail(fmt::format("is {} after {}; the steps must ascend", result[i], result[i - 1]));
    }
  } else if (steps.contains("every")) {
    const auto stride = steps.at("every").get<std::int64_t>();
    refuse_more(point.total_steps() / stride + 1);
    for (std::int64_t step = 0; step <= point.total_steps(); step += stride) {
      result.push_back(step);
    }
  } else {
    refuse_more(point.training.rounds * static_cast<std::int64_t>(steps.at("in_round").size()));
    for (std::int64_t round = 0; round < point.training.rounds; ++round) {
      for (const Json& offset : steps.at("in_round")) {
        result.push_back(round * point.round_steps() + offset.get<std::int64_t>());
      }
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
  }
  return result;
}

std::int64_t recorded_images(const Json& images, const DataChoice& data) {
  constexpr std::int64_t usual = 512;
  return images.is_null() ? std::min(usual, data.train_images) : images.get<std::int64_t>();
}

TrainingPoint make_point(const Json& spec, const Place& place) {
  const Json &training = spec.at("training"), &record = spec.at("record");
  TrainingPoint point;
  point.data = data_of(spec.at("data"));
  point.training = {.network = network_of(spec.at("network")),
                    .optimizer = optimizer_of(spec.at("optimizer")),
                    .schedule = schedule_of(spec.at("optimizer")),
                    .rounds = training.at("rounds"),
                    .epochs = training.at("epochs"),
                    .batch = training.at("batch"),
                    .augment = spec.at("data").at("augmentation") == "crop_flip",
                    .seed = spec.at("seed").get<std::uint64_t>(),
                    .precision = enum_of<nets::Precision>(training.at("precision").get<std::string>()),
                    .recording = {.images = recorded_images(record.at("images"), point.data),
                                  .gradient_batches = record.at("gradient_batches")}};
  point.training.recording.steps = steps_of(record.at("steps"), point, place.key("record").key("steps"));
  point.shuffle_weights_after = training.at("shuffle_weights_after");
  point.record_pruned = record.at("pruned");
  point.keep_round_checkpoints = record.at("checkpoints") == "rounds";
  return point;
}

/// What one field alone cannot show to be wrong.
void require_possible(const TrainingPoint& point, const Place& place) {
  const nets::Training& training = point.training;
  try {
    nets::validate(training);
  } catch (const theory::InvalidArgument& error) {
    throw InputError(fmt::format("{}: {}", place.file, error.what()));
  }
  if (training.batch > point.data.train_images) {
    place.key("training.batch")
        .fail(fmt::format("is {}; it must be at most the {} training images", training.batch,
                          point.data.train_images));
  }
  if (!training.recording.steps.empty()) {
    if (training.recording.images > point.data.train_images) {
      place.key("record.images")
          .fail(fmt::format("is {}; it must be at most the {} training images", training.recording.images,
                            point.data.train_images));
    }
    if (training.recording.steps.back() > point.total_steps()) {
      place.key("record.steps")
          .fail(fmt::format("reaches step {}; the training has {}", training.recording.steps.back(),
                            point.total_steps()));
    }
  }
  if (training.recording.gradient_batches > point.epoch_steps()) {
    place.key("record.gradient_batches")
        .fail(fmt::format("is {}; it must be at most the {} mini-batches of an epoch",
                          training.recording.gradient_batches, point.epoch_steps()));
  }
}

}  // namespace

std::vector<TrainingPoint> training_points(const Spec& spec) {
  const Place place{spec.file};
  std::vector<TrainingPoint> points;
  const std::vector<Json> assignments = sweep_assignments(spec.resolved, place);
  const Json common = common_to_points(spec.given);
  WorkLimits limits(place, assignments.size());
  for (const Json& assignment : assignments) {
    const Place point_place{assignment.empty() ? spec.file
                                               : fmt::format("{}: at {}", spec.file, shown(assignment))};
    TrainingPoint point = make_point(
        resolve(network_description(), with_assignment(common, assignment), point_place), point_place);
    point.index = static_cast<std::int64_t>(points.size());
    point.parameters = assignment;
    require_possible(point, point_place);
    limits.add(point);
    points.push_back(std::move(point));
  }
  const Json& checks = spec.resolved.at("checks");
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const NetworkCheckKind& kind = network_check_kind(checks.at(i));
    const std::string obstacle = kind.obstacle(checks.at(i), points);
    if (!obstacle.empty()) place.key("checks").index(i).fail(fmt::format("{} {}", kind.name, obstacle));
  }
  return points;
}

nets::TrainAndTest load_data(const DataChoice& choice, const std::filesystem::path& folder,
                             const std::atomic<bool>* stop) {
  const auto look = [stop] { stop_if_told(stop); };
  nets::TrainAndTest data =
      choice.source == DataChoice::Source::cifar10
          ? nets::load_cifar10(folder, look)
          : nets::synthetic_dataset(choice.train_images, choice.test_images, choice.seed, look);
  if (choice.train_images < data.train.size())
    data.train = nets::subset(data.train, choice.train_images, choice.seed);
  if (choice.test_images < data.test.size())
    data.test = nets::subset(data.test, choice.test_images, choice.seed);
  if (choice.random_labels) data.train = nets::with_random_labels(data.train, choice.seed);
  return data;
}

}  // namespace bncollapse::study
