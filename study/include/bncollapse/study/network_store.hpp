#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bncollapse/nets/trainer.hpp"
#include "bncollapse/study/probe.hpp"
#include "bncollapse/study/store.hpp"
#include "bncollapse/study/stored_network_run.hpp"
#include "bncollapse/study/training_point.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::study {

/// A network without some of its filters.
struct PrunedNetwork {
  std::string criterion;  ///< "small_gamma", "small_gamma_1e2", "inactive"
  nets::PruningResult result;
};

/// What is written of a round's end.
struct RoundRows {
  nets::RoundResult result;
  double train_loss = 0, train_accuracy = 0;  ///< over the last epoch's mini-batches
  double ensemble_accuracy = 0;               ///< of the last snapshots
  std::vector<nets::FilterNorms> norms;
  std::vector<PrunedNetwork> pruned;
};

/// What is written of an epoch, in one transaction.
struct EpochRows {
  nets::EpochResult epoch;
  std::vector<nets::StepRecord> records;
  std::optional<RoundRows> round;
};

/// A layer's position among the shapes, which the store's tables call `layer`.
std::int64_t layer_position(const std::vector<nets::LayerShape>& shapes, const std::string& layer);

/// A channel that was probed, of a layer by its position.
struct ProbedChannel {
  std::int64_t layer = 0, channel = 0;
  theory::Neuron neuron;
  OneStep step;
};

/// The checkpoint of a point: where it stands, or with a round (from 1) the one kept at that round's end.
std::filesystem::path checkpoint_path(const std::filesystem::path& folder, std::int64_t point,
                                      std::int64_t round = 0);

/// The store of a run of trainings, written by the process that started the run and beside it by those that
/// train its points.
class NetworkStore : public Store {
 public:
  NetworkStore(const std::filesystem::path& folder, const Spec& spec, const RunEnvironment& environment,
               Existing existing, const std::atomic<bool>* stop = nullptr)
      : Store(network_store_format(), folder, spec, environment, existing, stop) {}
  /// Opens the store of a run that has been started, to write one of its points.
  NetworkStore(const std::filesystem::path& folder, const Spec& spec, const std::atomic<bool>* stop = nullptr)
      : Store(network_store_format(), folder, spec, stop) {}

  /// Throws InputError where the images are chosen from another folder's than those that a point, this one or
  /// another, has been trained on.
  void require_same_folder(const TrainingPoint& point, const nets::TrainAndTest& data) const;

  /// Readies a point for its rows after `step` (a checkpoint's, or 0): enters it and its layers where they
  /// are not there yet, deletes the rows of later steps. Throws InputError where rows of earlier steps are
  /// not there, and as require_same_folder.
  /// @param engine  what trains it
  void begin(const TrainingPoint& point, const std::vector<nets::LayerShape>& shapes, std::int64_t step,
             const std::string& engine, const nets::TrainAndTest& data);
  /// Throws sim::Interrupted, having written nothing, where the caller wants to stop.
  void write(const TrainingPoint& point, const std::vector<nets::LayerShape>& shapes, const EpochRows& rows);
  void finish(const TrainingPoint& point);

  /// In place of an earlier probe of the point at this round's end. Throws InputError where gamma and beta of
  /// a channel are not those that were stored at that round's end.
  void write(const TrainingPoint& point, std::int64_t round, double learning_rate,
             const std::vector<ProbedChannel>& channels);

  using Store::write;

  StoredNetworkRun read() const;
};

/// Reads DIR/results.sqlite of a run of trainings. Throws InputError where there is none, or it is no such
/// store, or is damaged.
StoredNetworkRun read_stored_network_run(const std::filesystem::path& folder);

}  // namespace bncollapse::study
