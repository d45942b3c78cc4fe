#include "bncollapse/study/training_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bncollapse/fields/invalid_argument.hpp"
#include "bncollapse/fields/json.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "schema/field_schema.hpp"
#include "spec/check_kind.hpp"
#include "spec/network_spec.hpp"
#include "spec/shared_sections.hpp"
#include "spec/sweep.hpp"
#include "spec/sweep_points.hpp"
#include "spec/work_limits.hpp"

namespace bncollapse::study {
namespace {

constexpr std::int64_t synthetic_train = 5'000, synthetic_test = 1'000;

DataChoice chosen_images(const DataSpec& data) {
  const bool is_real = data.dataset == DatasetName::cifar10;
  return {.dataset = data.dataset,
          .train_images = data.train_images.value_or(is_real ? cifar10_train_images : synthetic_train),
          .test_images = data.test_images.value_or(is_real ? cifar10_test_images : synthetic_test),
          .labels = data.labels,
          .seed = data.seed};
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
        if (offset > point.round_steps()) {
          place.key("in_round")
              .fail(fmt::format("has step {}; a round has {}", offset.get<std::int64_t>(),
                                point.round_steps()));
        }
        result.push_back(round * point.round_steps() + offset.get<std::int64_t>());
      }
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
  }
  return result;
}

TrainingPoint make_point(const Json& resolved, const Place& place) {
  NetworkSpec spec;
  fields::from_json(resolved, spec);
  TrainingPoint point;
  point.data = chosen_images(spec.data);
  point.training = std::move(spec.training);
  nets::Recording& recording = point.training.recording;
  recording.images = spec.recorded_images.value_or(std::min(recording.images, point.data.train_images));
  recording.steps = steps_of(spec.recorded_steps.rule, point, place.key("record.steps"));
  point.shuffle_weights_after = spec.shuffle_weights_after;
  point.record_pruned = spec.record_pruned;
  point.checkpoints = spec.checkpoints;
  return point;
}

/// What one field alone cannot show to be wrong.
void require_possible(const TrainingPoint& point, const Place& place) {
  const nets::Training& training = point.training;
  try {
    nets::validate(training);
  } catch (const fields::InvalidArgument& error) {
    place.key(error.argument()).fail(error.problem());
  }
  if (point.shuffle_weights_after > training.rounds) {
    place.key("training.shuffle_weights_after")
        .fail(fmt::format("is {}; the training has {} rounds", point.shuffle_weights_after, training.rounds));
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

std::vector<TrainingPoint> training_points(const std::string& file, const Json& given, const Json& resolved) {
  const Place place{file};
  std::vector<TrainingPoint> points;
  const std::vector<Json> assignments = sweep_assignments(resolved, place);
  const Json common = common_to_points(given);
  WorkLimits limits(place, assignments.size());
  for (const Json& assignment : assignments) {
    const Place point_place = place_of_point(file, assignment);
    TrainingPoint point =
        make_point(resolve(network_schema(), with_assignment(common, assignment), point_place), point_place);
    point.index = static_cast<std::int64_t>(points.size());
    point.parameters = assignment;
    require_possible(point, point_place);
    limits.add(point);
    points.push_back(std::move(point));
  }
  require_possible(read_checks(network_check_kinds(), resolved.at("checks")), points, place.key("checks"));
  return points;
}

nets::TrainAndTest load_data(const DataChoice& choice, const std::filesystem::path& folder,
                             const std::atomic<bool>* stop) {
  const auto look = [stop] { stop_if_told(stop); };
  nets::TrainAndTest data =
      choice.dataset == DatasetName::cifar10
          ? nets::load_cifar10(folder, look)
          : nets::synthetic_dataset(choice.train_images, choice.test_images, choice.seed, look);
  if (choice.train_images < data.train.size())
    data.train = nets::subset(data.train, choice.train_images, choice.seed);
  if (choice.test_images < data.test.size())
    data.test = nets::subset(data.test, choice.test_images, choice.seed);
  if (choice.labels == Labels::random) data.train = nets::with_random_labels(data.train, choice.seed);
  return data;
}

}  // namespace bncollapse::study
