#include "bncollapse/study/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/nets/fields.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/run.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "run/run_folder.hpp"
#include "store/file_lock.hpp"
#include "store/run_files.hpp"

namespace bncollapse::study {
namespace {

/// Snapshots whose mean prediction is the ensemble's, where there are as many (table 1 of arXiv 2001.11216).
constexpr std::int64_t ensemble_snapshots = 3;

std::string engine_of(nets::Device device, int threads) {
  return fmt::format("LibTorch {} ({}, {} thread{} per training)", nets::torch_version(),
                     fields::name_of(device), threads, threads == 1 ? "" : "s");
}

std::vector<PrunedNetwork> pruned_networks(const nets::Trainer& trainer, const nets::RoundResult& round) {
  struct Named {
    const char* name;
    nets::CollapseCriterion criterion;
    nets::Removed removed;
  };
  const Named criteria[] = {
      {"small_gamma", nets::criterion::small_gamma, nets::Removed::at_zero_gamma},
      {"small_gamma_1e2", nets::criterion::small_gamma_1e2, nets::Removed::at_zero_gamma},
      {"inactive", nets::criterion::inactive, nets::Removed::inactive}};
  std::vector<PrunedNetwork> result;
  for (const auto& [name, criterion, removed] : criteria) {
    result.push_back({name, trainer.prune(nets::collapsed_filters(round.records, criterion), removed)});
  }
  return result;
}

/// `attempt()`, again and again until its result counts as true, up to a minute; after a second it says that
/// another process is waited for. The last result.
template <class Attempt>
auto wait_for_others(const Attempt& attempt, const TrainWatch& watch, const std::string& what_they_do) {
  constexpr int look_ms = 100, told_after = 10, patience = 600;  // in looks
  auto result = attempt();
  for (int look = 1; !result && look < patience; ++look) {
    stop_if_told(watch.stop);
    if (look == told_after && watch.on_message)
      watch.on_message(fmt::format("another process {}; waiting for it", what_they_do));
    std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
    result = attempt();
  }
  return result;
}

/// One point's training, between its checkpoint and the store.
class PointTraining {
 public:
  PointTraining(const Spec& spec, const TrainingPoint& point, const nets::TrainAndTest& data,
                const std::filesystem::path& folder, const TrainWatch& watch, double checkpoint_interval)
      : point_(point),
        data_(data),
        folder_(folder),
        watch_(watch),
        checkpoint_interval_(checkpoint_interval),
        store_(folder, spec, watch.stop),
        trainer_(point.training, data) {}

  void run() {
    trainer_.before_batches([this] { stop_if_told(watch_.stop); });
    const std::filesystem::path checkpoint = checkpoint_path(folder_, point_.index);
    create_folder(checkpoint.parent_path());
    if (watch_.on_begun) watch_.on_begun();
    const FileLock lock =
        point_lock(checkpoint.parent_path() / fmt::format(".{}.lock", checkpoint.stem().string()));
    if (is_there(checkpoint)) {
      store_.require_same_folder(point_, data_);
      load(checkpoint);
    }
    store_.begin(point_, trainer_.shapes(), trainer_.steps_taken(),
                 engine_of(point_.training.device, point_.training.threads), data_);
    nets::CheckpointFile file(checkpoint, checkpoint_interval_);
    try {
      while (!trainer_.finished()) {
        const bool round_ended = run_epoch();
        file.take(trainer_, round_ended);
      }
    } catch (...) {
      file.flush();
      throw;
    }
    store_.finish(point_);
  }

 private:
  void load(const std::filesystem::path& checkpoint) {
    try {
      trainer_.load(checkpoint);
    } catch (const nets::UnreadableFile&) {
      throw;
    } catch (const nets::FileError& error) {
      throw InputError(
          fmt::format("{}; go on with the options that it was trained with (--data, --device, --threads), "
                      "delete it to train point {} anew, or take another folder with --out",
                      error.what(), point_.index));
    }
  }

  /// The lock of the point's training.
  FileLock point_lock(const std::filesystem::path& file) const {
    std::optional<FileLock> lock = wait_for_others([&] { return FileLock::take(file); }, watch_,
                                                   fmt::format("trains point {} here", point_.index));
    if (lock) return std::move(*lock);
    throw RunError(
        fmt::format("{}: another process trains point {}; wait for it or stop it, then go on with --resume",
                    folder_.string(), point_.index));
  }

  /// Whether it was a round's last.
  bool run_epoch() {
    EpochRows rows;
    const nets::Listener listener{
        .progress = watch_.on_progress,
        .step = [&](const nets::StepRecord& record) { rows.records.push_back(record); },
        .epoch = {},
        .round = {}};
    rows.epoch = trainer_.run_epoch(listener);
    if (trainer_.round_ended()) rows.round = finish_round(rows.epoch);
    store_.write(point_, trainer_.shapes(), rows);
    return rows.round.has_value();
  }

  RoundRows finish_round(const nets::EpochResult& epoch) {
    RoundRows rows;
    rows.result = trainer_.finish_round();
    rows.train_loss = epoch.loss;
    rows.train_accuracy = epoch.accuracy;
    rows.ensemble_accuracy = trainer_.ensemble_accuracy(std::min(ensemble_snapshots, rows.result.round));
    rows.norms = trainer_.filter_norms();
    if (point_.record_pruned && !rows.result.records.empty())
      rows.pruned = pruned_networks(trainer_, rows.result);
    if (point_.checkpoints == KeptCheckpoints::rounds)
      trainer_.checkpoint().write(checkpoint_path(folder_, point_.index, rows.result.round));
    if (rows.result.round == point_.shuffle_weights_after) trainer_.shuffle_weights();
    return rows;
  }

  const TrainingPoint& point_;
  const nets::TrainAndTest& data_;
  const std::filesystem::path& folder_;
  const TrainWatch& watch_;
  double checkpoint_interval_;
  NetworkStore store_;
  nets::Trainer trainer_;
};

/// A probe belongs to a round's end, as the table `probe` says.
void require_at_end_of_round(const nets::Trainer& trainer, const TrainingPoint& point, std::int64_t round,
                             const std::filesystem::path& checkpoint) {
  const std::int64_t steps = trainer.steps_taken(), rounds_done = steps / point.round_steps();
  if (round > 0 && steps != round * point.round_steps()) {
    throw InputError(fmt::format("{}: stands at step {}, not at the end of round {}, which is step {}",
                                 checkpoint.string(), steps, round, round * point.round_steps()));
  }
  if (steps == 0 || steps % point.round_steps() != 0) {
    throw InputError(fmt::format(
        "{}: stands at step {}, within round {}, and a round's end is probed; finish the training "
        "(`bncollapse train` with --resume --point {}), or name a round whose checkpoint was kept with "
        "--round",
        checkpoint.string(), steps, rounds_done + 1, point.index));
  }
}

}  // namespace

NetworkStore open_network_run(const Spec& spec, const std::filesystem::path& folder, nets::Device device,
                              int threads, Store::Existing existing, const std::atomic<bool>* stop) {
  return open_run<NetworkStore>(spec, folder, engine_of(device, threads), existing, stop);
}

void join_network_run(const Spec& spec, const std::filesystem::path& folder, nets::Device device, int threads,
                      const TrainWatch& watch) {
  const auto open = [&] {
    open_network_run(spec, folder, device, threads, Store::Existing::resume, watch.stop);
  };
  const auto is_there = [&] {
    std::error_code error;
    const auto size = std::filesystem::file_size(folder / store_file_name, error);
    if (!error && size > 0) return true;
    try {
      open();
      return true;
    } catch (const FolderInUse&) {
      return false;
    }
  };
  if (!wait_for_others(is_there, watch, "makes this run's store")) open();  // says who holds it
}

void train_point(const Spec& spec, const TrainingPoint& point, const nets::TrainAndTest& data,
                 const std::filesystem::path& folder, const TrainWatch& watch, double checkpoint_interval) {
  try {
    PointTraining(spec, point, data, folder, watch, checkpoint_interval).run();
  } catch (const theory::InvalidArgument& error) {
    throw InputError(fmt::format("{}: {}", spec.file, error.what()));
  }
}

std::vector<ProbedChannel> probe_point(NetworkStore& store, const TrainingPoint& point,
                                       const nets::TrainAndTest& data, const std::filesystem::path& folder,
                                       const ProbeRequest& request) {
  const std::filesystem::path checkpoint = checkpoint_path(folder, point.index, request.round);
  if (request.round > point.training.rounds) {
    throw InputError(fmt::format("point {}: has {} round{}; --round is {}", point.index,
                                 point.training.rounds, point.training.rounds == 1 ? "" : "s",
                                 request.round));
  }
  if (!is_there(checkpoint)) {
    throw InputError(fmt::format(
        "{}: there is no such checkpoint; train the point{} (`bncollapse train` with --resume --point {})",
        checkpoint.string(),
        request.round > 0 && point.checkpoints != KeptCheckpoints::rounds
            ? " with \"checkpoints\": \"rounds\" in the section record"
            : "",
        point.index));
  }
  if (point.epoch_steps() < 2) {
    throw InputError(fmt::format(
        "point {}: has one mini-batch per epoch; the variance of gradients takes two", point.index));
  }
  const std::int64_t batches =
      request.batches.value_or(std::min(ProbeRequest::usual_batches, point.epoch_steps()));
  if (batches < 2 || batches > point.epoch_steps()) {
    throw InputError(fmt::format("point {}: --batches is {}; it must be from 2 to the {} of an epoch",
                                 point.index, batches, point.epoch_steps()));
  }
  store.require_same_folder(point, data);
  nets::Trainer trainer(point.training, data);
  trainer.load(checkpoint);
  require_at_end_of_round(trainer, point, request.round, checkpoint);
  const double rate =
      request.learning_rate > 0 ? request.learning_rate : point.training.schedule.learning_rate;
  const nets::NetworkSpec& network = point.training.network;
  const auto records = trainer.record(std::min<std::int64_t>(data.train.size(), 1));
  const auto samples = trainer.gradient_samples(batches);
  const std::vector<nets::LayerShape> shapes = trainer.shapes();
  std::vector<ProbedChannel> probed;
  for (std::size_t layer = 0; layer < records.size(); ++layer) {
    for (std::size_t channel = 0; channel < records[layer].channels.size(); ++channel) {
      const nets::ChannelRecord& record = records[layer].channels[channel];
      const theory::Neuron neuron{
          .gamma = record.gamma, .beta = record.beta, .alpha = network.alpha, .leak = network.leak};
      const auto step = one_step(neuron, samples[layer][channel], rate);
      if (step) {
        probed.push_back({layer_position(shapes, records[layer].layer), static_cast<std::int64_t>(channel),
                          neuron, *step});
      }
    }
  }
  store.write(point, trainer.steps_taken() / point.round_steps(), rate, probed);
  return probed;
}

std::vector<Verdict> judge_network_run(NetworkStore& store, const std::filesystem::path& folder,
                                       const TrainWatch& watch) {
  return judge_run(store, folder, [&](double) { stop_if_told(watch.stop); });
}

}  // namespace bncollapse::study
