#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/training.hpp"
#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

enum class DatasetName { cifar10, synthetic };

/// Random labels are drawn once and for all: they can only be learnt by heart.
enum class Labels { dataset, random };

/// The images of a training.
struct DataChoice {
  DatasetName dataset = DatasetName::cifar10;
  std::int64_t train_images = 50'000, test_images = 10'000;
  Labels labels = Labels::dataset;
  std::uint64_t seed = 1;
};

/// Which checkpoints stay: where the training stands, or each round's end as well.
enum class KeptCheckpoints { last, rounds };

/// One network to train: a point of a spec's sweep.
struct TrainingPoint {
  std::int64_t index = 0;
  Json parameters = Json::object();  ///< swept field -> value
  DataChoice data;
  nets::Training training;
  std::int64_t shuffle_weights_after = 0;  ///< a round; 0: never
  bool record_pruned = false;
  KeptCheckpoints checkpoints = KeptCheckpoints::last;

  std::int64_t epoch_steps() const { return data.train_images / training.batch; }
  std::int64_t round_steps() const { return epoch_steps() * training.epochs; }
  std::int64_t total_steps() const { return round_steps() * training.rounds; }
};

/// The images. `folder` holds CIFAR-10's binary files; not looked at for synthetic ones. Throws
/// nets::FileError, and sim::Interrupted soon after `stop` is set.
nets::TrainAndTest load_data(const DataChoice& choice, const std::filesystem::path& folder,
                             const std::atomic<bool>* stop = nullptr);

}  // namespace bncollapse::study
