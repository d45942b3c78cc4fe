#include "bncollapse/nets/trainer.hpp"

#include <stdexcept>
#include <utility>

#include "batch_norm.hpp"
#include "checkpoint.hpp"
#include "counter_random.hpp"
#include "epoch_runner.hpp"
#include "evaluation.hpp"
#include "gradient_statistics.hpp"
#include "permutation.hpp"
#include "pruning.hpp"
#include "recording.hpp"
#include "require.hpp"
#include "training_device.hpp"
#include "training_state.hpp"

namespace bncollapse::nets {

struct Trainer::Implementation {
  Implementation(const Training& training, const TrainAndTest& data) : state(training, data), epochs(state) {}
  ~Implementation() {
    if (before_batch) {
      before_layers({});
    }
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  TrainingState state;
  EpochRunner epochs;
  std::function<void()> before_batch;
};

Trainer::Trainer(const Training& training, const TrainAndTest& data) {
  validate(training);
  prepare_process(training);
  implementation_ = std::make_unique<Implementation>(training, data);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

void Trainer::before_batches(std::function<void()> call) {
  before_layers(call);
  implementation_->state.train.before_batches(call);
  implementation_->state.test.before_batches(call);
  implementation_->before_batch = std::move(call);
}

bool Trainer::finished() const {
  const TrainingState& state = implementation_->state;
  return state.epochs_done == state.total_epochs() && !state.round_ended;
}

std::int64_t Trainer::steps_taken() const { return implementation_->state.steps_done; }

EpochResult Trainer::run_epoch(const Listener& listener) {
  if (finished() || round_ended()) {
    throw std::logic_error("run_epoch: the training or its round has ended");
  }
  return implementation_->epochs.run(listener, implementation_->before_batch);
}

bool Trainer::round_ended() const { return implementation_->state.round_ended; }

RoundResult Trainer::finish_round() {
  if (!round_ended()) {
    throw std::logic_error("finish_round: no round has ended");
  }
  TrainingState& state = implementation_->state;
  const Evaluation evaluation = evaluate(state.network, state.test, state.type);
  RoundResult result;
  result.round = state.epochs_done / state.training.epochs;
  result.step = state.steps_done;
  result.test_accuracy = evaluation.accuracy;
  result.test_loss = evaluation.loss;
  result.records = record(state.train.size());
  if (state.training.recording.gradient_batches > 0) {
    result.gradients = gradient_moments(state.training.recording.gradient_batches);
  }
  const auto collapse_by = [&](const CollapseCriterion& by) {
    return collapse(state.network.shapes, collapsed_filters(result.records, by));
  };
  result.small_gamma_1e2 = collapse_by(criterion::small_gamma_1e2);
  result.small_gamma = collapse_by(criterion::small_gamma);
  result.inactive = collapse_by(criterion::inactive);
  state.snapshots.push_back(evaluation.probabilities);
  state.round_ended = false;
  return result;
}

void Trainer::run(const Listener& listener) {
  while (!finished()) {
    if (!round_ended()) {
      const EpochResult epoch = run_epoch(listener);
      if (listener.epoch) {
        listener.epoch(epoch);
      }
    }
    if (round_ended()) {
      const RoundResult round = finish_round();
      if (listener.round) {
        listener.round(round);
      }
    }
  }
}

double Trainer::ensemble_accuracy(std::int64_t snapshots) const {
  const TrainingState& state = implementation_->state;
  const auto available = static_cast<std::int64_t>(state.snapshots.size());
  require("snapshots", static_cast<double>(snapshots), snapshots >= 1 && snapshots <= available,
          "from 1 to the number of finished rounds");
  at::Tensor sum = at::zeros_like(state.snapshots.back());
  for (std::int64_t back = 1; back <= snapshots; ++back) {
    sum += state.snapshots[static_cast<std::size_t>(available - back)];
  }
  return accuracy_of(sum, state.test.in_order(0, state.test.size()).labels.cpu());
}

std::vector<LayerShape> Trainer::shapes() const { return implementation_->state.network.shapes; }

std::vector<LayerRecord> Trainer::record(std::int64_t images) const {
  const TrainingState& state = implementation_->state;
  require("images", static_cast<double>(images), images >= 1 && images <= state.train.size(),
          "from 1 to the number of training images");
  return record_channels(state.network, state.train, images, state.type);
}

std::vector<FilterNorms> Trainer::filter_norms() const {
  return norms_of_filters(implementation_->state.network);
}

std::vector<std::vector<GradientRecord>> Trainer::gradient_moments(std::int64_t batches) {
  return GradientStatistics(implementation_->state, batches).moments();
}

std::vector<std::vector<GradientSamples>> Trainer::gradient_samples(std::int64_t batches) {
  return GradientStatistics(implementation_->state, batches).samples();
}

PruningResult Trainer::prune(const FilterMarks& marks, Removed removed) const {
  const TrainingState& state = implementation_->state;
  const Network& whole = state.network;
  const Network smaller = pruned(whole, marks, removed);
  return {.accuracy_before = evaluate(whole, state.test, state.type).accuracy,
          .accuracy_after = evaluate(smaller, state.test, state.type).accuracy,
          .multiplications_before = multiplications(whole.shapes),
          .multiplications_after = multiplications(smaller.shapes),
          .images_per_second_before = images_per_second(whole, state.test, state.type),
          .images_per_second_after = images_per_second(smaller, state.test, state.type)};
}

void Trainer::shuffle_weights() {
  const at::NoGradGuard no_gradients;
  TrainingState& state = implementation_->state;
  std::uint32_t random_stream = 0;
  for (const Parameter& parameter : state.network.parameters()) {
    at::Tensor& value = *parameter.value;
    const CounterRandom random(state.training.seed, RandomPurpose::weight_shuffle, random_stream++);
    const at::Tensor order = at::tensor(permutation(value.numel(), random), at::kLong).to(state.device);
    value.copy_(value.reshape(-1).index_select(0, order).view(value.sizes()));
  }
  state.optimizer.forget();
}

Checkpoint Trainer::checkpoint() const { return take_checkpoint(implementation_->state); }
void Trainer::load(const std::filesystem::path& path) { load_checkpoint(path, implementation_->state); }

}  // namespace bncollapse::nets
