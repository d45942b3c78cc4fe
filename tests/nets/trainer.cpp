#include "bncollapse/nets/trainer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "message.hpp"
#include "no_cuda_device.hpp"
#include "relative_error.hpp"
#include "skip.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse::nets;
using bncollapse::relative_error;
using bncollapse::TemporaryFolder;

namespace {

Training small_training() {
  return {.network = {.architecture = Architecture::plain, .depth = 3, .width = 8},
          .schedule = {.learning_rate = 0.1},
          .rounds = 2,
          .epochs = 2,
          .batch = 20,
          .seed = 4};
}

TrainAndTest small_data() { return synthetic_dataset(400, 200, 12); }

bool same(const std::vector<LayerRecord>& left, const std::vector<LayerRecord>& right) {
  if (left.size() != right.size()) {
    return false;
  }
  for (std::size_t layer = 0; layer < left.size(); ++layer) {
    for (std::size_t channel = 0; channel < left[layer].channels.size(); ++channel) {
      const ChannelRecord &a = left[layer].channels[channel], &b = right[layer].channels[channel];
      if (a.gamma != b.gamma || a.beta != b.beta || a.filter_norm != b.filter_norm ||
          a.maximum != b.maximum || a.activation_probability != b.activation_probability) {
        return false;
      }
    }
  }
  return true;
}

void check_resumption_of(const Training& training) {
  const TrainAndTest data = small_data();
  Trainer whole(training, data);
  std::vector<double> losses;
  Listener listener;
  listener.epoch = [&](const EpochResult& epoch) {
    losses.insert(losses.end(), epoch.losses.begin(), epoch.losses.end());
  };
  whole.run(listener);
  const auto expected = whole.record(400);

  for (int epochs = 0; epochs <= 4; ++epochs) {
    const TemporaryFolder folder;
    const auto checkpoint = folder.path() / "checkpoint.safetensors";
    std::vector<double> pieces;
    Listener collect;
    collect.epoch = [&](const EpochResult& epoch) {
      pieces.insert(pieces.end(), epoch.losses.begin(), epoch.losses.end());
    };
    {
      Trainer first(training, data);
      for (int epoch = 0; epoch < epochs; ++epoch) {
        if (first.round_ended()) {
          first.finish_round();
        }
        collect.epoch(first.run_epoch());
      }
      first.checkpoint().write(checkpoint);  // at a round's end: before it is finished
    }
    Trainer second(training, data);
    second.load(checkpoint);
    second.run(collect);
    CHECK(pieces == losses);
    CHECK(same(second.record(400), expected));
    CHECK(second.ensemble_accuracy(2) == whole.ensemble_accuracy(2));
  }
}

void check_resumption(Device device) {
  for (const OptimizerName name : {OptimizerName::nesterov, OptimizerName::amsgrad}) {
    Training training = small_training();
    training.device = device;
    training.optimizer.name = name;
    training.schedule.learning_rate = 0.01;
    check_resumption_of(training);
  }
}

/// Of the first epoch.
std::vector<double> losses_of(Device device, Precision precision) {
  Training training = small_training();
  training.device = device;
  training.precision = precision;
  return Trainer(training, small_data()).run_epoch().losses;
}

void check_steps_of_cpu(Precision on_device, Precision on_cpu, double tolerance) {
  const std::vector<double> losses = losses_of(Device::cuda, on_device);
  const std::vector<double> expected = losses_of(Device::cpu, on_cpu);
  REQUIRE(losses.size() == expected.size());
  for (std::size_t step = 0; step < losses.size(); ++step) {
    CAPTURE(step);
    CHECK(std::fabs(losses[step] - expected[step]) < tolerance);
  }
}

}  // namespace

TEST_CASE("a small network learns the synthetic set") {
  Trainer trainer(small_training(), small_data());
  std::vector<double> losses;
  std::vector<RoundResult> rounds;
  Listener listener;
  listener.epoch = [&](const EpochResult& epoch) { losses.push_back(epoch.loss); };
  listener.round = [&](const RoundResult& round) { rounds.push_back(round); };
  trainer.run(listener);
  REQUIRE(losses.size() == 4);
  CHECK(losses.back() < losses.front());
  REQUIRE(rounds.size() == 2);
  CHECK(rounds[1].step == 80);
  // Guessing is right for 20 +- 4.2 of 200 images; learning must beat it by far.
  CHECK(rounds[1].test_accuracy > 0.6);
  CHECK(trainer.ensemble_accuracy(1) == rounds[1].test_accuracy);
  CHECK(trainer.ensemble_accuracy(2) > 0.6);
  CHECK_THROWS_AS(trainer.ensemble_accuracy(3), bncollapse::theory::InvalidArgument);
  CHECK(rounds[1].records.size() == 3);
}

TEST_CASE("a resumed training is the uninterrupted one, bit for bit, wherever it was interrupted") {
  check_resumption(Device::cpu);
}

TEST_CASE("CUDA: a resumed training is the uninterrupted one, bit for bit, wherever it was interrupted") {
  SKIP_IF(no_cuda_device());
  check_resumption(Device::cuda);
}

// Sums of another order: as far as two implementations of the same step are allowed to differ.
TEST_CASE("CUDA: a device takes the CPU's steps in float32") {
  SKIP_IF(no_cuda_device());
  check_steps_of_cpu(Precision::float32, Precision::float32, 1e-4);
}

// 11 bits of a product's factors, 8 of a bfloat16's numbers.
TEST_CASE(
    "CUDA: in TF32 and bfloat16 a device takes the CPU's steps to their rounding, and other ones than in "
    "float32") {
  SKIP_IF(no_cuda_device());
  check_steps_of_cpu(Precision::tf32, Precision::float32, 1e-2);
  check_steps_of_cpu(Precision::bfloat16, Precision::bfloat16, 5e-2);
  CHECK(losses_of(Device::cuda, Precision::tf32) != losses_of(Device::cuda, Precision::float32));
}

TEST_CASE("TF32 is refused where it is not") {
  Training training = small_training();
  training.precision = Precision::tf32;
  CHECK(
      contains(message_of([&] { Trainer(training, small_data()); }),
               "precision is tf32, which only CUDA devices have; on the CPU it must be float32 or bfloat16"));
}

TEST_CASE("a file of checkpoints is written after its interval, at once where asked, and on leaving") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "checkpoint.safetensors";
  const TrainAndTest data = small_data();
  Training training = small_training();
  training.epochs = 4;
  Trainer trainer(training, data);
  const auto steps_on_file = [&] {
    Trainer reader(training, data);
    reader.load(path);
    return reader.steps_taken();
  };
  constexpr double hour = 3600;
  CheckpointFile file(path, hour);
  trainer.run_epoch();
  file.take(trainer, false);
  CHECK_FALSE(std::filesystem::exists(path));
  trainer.run_epoch();
  file.take(trainer, true);
  CHECK(steps_on_file() == 40);
  trainer.run_epoch();
  file.take(trainer, false);
  const auto expected = trainer.record(400);
  trainer.run_epoch();  // of which nothing is kept
  CHECK(steps_on_file() == 40);
  file.flush();
  CHECK(steps_on_file() == 60);
  Trainer reader(training, data);
  reader.load(path);
  CHECK(same(reader.record(400), expected));

  const auto often = folder.path() / "often.safetensors";
  CheckpointFile(often, 0).take(trainer, false);
  CHECK(std::filesystem::exists(often));
}

TEST_CASE("a checkpoint of another training, or none at all, is refused") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "checkpoint.safetensors";
  const TrainAndTest data = small_data();
  Training training = small_training();
  Trainer trainer(training, data);
  trainer.run_epoch();
  trainer.checkpoint().write(path);

  training.rounds = 7;
  CHECK_NOTHROW(Trainer(training, data).load(path));
  training.optimizer.weight_decay = 1e-3;
  CHECK_THROWS_AS(Trainer(training, data).load(path), FileError);
  CHECK(contains(message_of([&] { Trainer(training, data).load(path); }),
                 "belongs to another training: /optimizer/weight_decay differs, here it is 0.001"));
  CHECK(contains(message_of([&] { Trainer(small_training(), synthetic_dataset(400, 200, 13)).load(path); }),
                 "belongs to a training on other images"));
  std::ofstream(path) << "nothing of the kind";
  CHECK_THROWS_AS(Trainer(small_training(), data).load(path), FileError);
}

TEST_CASE("whatever takes long can be ended before its next mini-batch") {
  Training training = small_training();
  training.recording.gradient_batches = 3;
  Trainer trainer(training, small_data());
  while (!trainer.round_ended()) {
    trainer.run_epoch();
  }
  struct Told : std::exception {};
  std::int64_t left = 0;
  trainer.before_batches([&] {
    if (left-- == 0) {
      throw Told();
    }
  });
  const FilterMarks none{std::vector<bool>(8), std::vector<bool>(16), std::vector<bool>(16)};
  // The test images, the training images for the channels, the gradients' mini-batches.
  for (const std::int64_t batches : {0, 1, 2, 4}) {
    CAPTURE(batches);
    left = batches;
    CHECK_THROWS_AS(trainer.finish_round(), Told);
  }
  left = 0;
  CHECK_THROWS_AS(trainer.prune(none, Removed::inactive), Told);
  left = 1;
  CHECK_THROWS_AS(trainer.gradient_samples(2), Told);
  left = 100'000;
  trainer.finish_round();
  left = 7;
  CHECK_THROWS_AS(trainer.run_epoch(), Told);
}

TEST_CASE("a step can be ended between two layers, forward and back") {
  struct Told : std::exception {};
  const auto calls_of_an_epoch = [](std::int64_t most) {
    Training training = small_training();
    training.batch = small_data().train.size();  // one mini-batch
    Trainer trainer(training, small_data());
    std::int64_t calls = 0;
    trainer.before_batches([&] {
      if (calls == most) {
        throw Told();
      }
      ++calls;
    });
    trainer.run_epoch();
    return calls;
  };
  const std::int64_t calls = calls_of_an_epoch(-1);
  constexpr std::int64_t layers = 3;
  CHECK(calls >= 1 + 2 * layers);
  for (std::int64_t most = 0; most < calls; ++most) {
    CAPTURE(most);
    CHECK_THROWS_AS(calls_of_an_epoch(most), Told);
  }
}

TEST_CASE("divergence stops with step and layer") {
  Training training = small_training();
  training.network.normalisation = Normalisation::none;
  training.schedule.learning_rate = 1e12;
  Trainer trainer(training, small_data());
  const std::string message = message_of([&] { trainer.run(); });
  CHECK(contains(message, "training diverged: the loss is"));
  CHECK(contains(message, "in step "));
  CHECK(contains(message, "(round 1, epoch 1), first seen in "));
  Trainer again(training, small_data());
  CHECK_THROWS_AS(again.run(), TrainingError);
}

TEST_CASE("channels are recorded at the chosen steps, gamma starts where the spec says") {
  Training training = small_training();
  training.network.gamma = 0.3;
  training.network.beta = -0.1;
  training.recording = {.steps = {0, 7, 20, 80}, .images = 100};
  Trainer trainer(training, small_data());
  std::vector<StepRecord> records;
  Listener listener;
  listener.step = [&](const StepRecord& record) { records.push_back(record); };
  trainer.run(listener);
  REQUIRE(records.size() == 4);
  CHECK(records[1].step == 7);
  CHECK(records[3].step == 80);
  for (const LayerRecord& layer : records[0].records) {
    for (const ChannelRecord& channel : layer.channels) {
      CHECK(relative_error(channel.gamma, 0.3) <= 0x1p-24);
      CHECK(relative_error(channel.beta, -0.1) <= 0x1p-24);
      CHECK(relative_error(channel.gaussian_probability, 0.36944) <= 1e-4);  // Q(1/3), R 4.2: pnorm(-1/3)
      CHECK(channel.maximum >= 0);
    }
  }
  CHECK(same(records[3].records, trainer.record(100)));
  CHECK_FALSE(same(records[0].records, records[1].records));
}

// With gamma = 0 each z is beta before the shortcut, so that the residual grows by beta per block.
TEST_CASE("the activity of a residual block is counted after the shortcut") {
  Training training = small_training();
  training.network = {
      .architecture = Architecture::resnet, .depth = 14, .width = 4, .gamma = 0, .beta = 0.25};
  const std::vector<LayerRecord> records = Trainer(training, small_data()).record(100);
  REQUIRE(records.size() == 13);  // the first layer, six blocks of two
  for (std::size_t layer = 0; layer < records.size(); ++layer) {
    CAPTURE(layer);
    const ChannelRecord& channel = records[layer].channels[0];
    CHECK(channel.activation_probability == 1);
    const bool ends_a_block = layer > 0 && layer % 2 == 0;
    CHECK(channel.maximum == (ends_a_block ? 0.25 + 0.25 * static_cast<double>(layer / 2) : 0.25));
  }
}

TEST_CASE("a leaky rectifier's filter is never inactive while it varies, whatever its sign") {
  Training training = small_training();
  training.network = {.architecture = Architecture::plain, .depth = 2, .width = 4, .beta = -30, .leak = 0.5};
  const std::vector<LayerRecord> records = Trainer(training, small_data()).record(100);
  for (const std::vector<bool>& layer : collapsed_filters(records, criterion::inactive)) {
    CHECK(std::count(layer.begin(), layer.end(), true) == 0);
  }
  for (const ChannelRecord& channel : records[0].channels) {
    CHECK(channel.activation_probability == 0);
    CHECK(channel.maximum > 15);  // half of 30 and more
  }
  training.network.leak = 0;
  const std::vector<LayerRecord> rectified = Trainer(training, small_data()).record(100);
  CHECK(collapsed_filters(rectified, criterion::inactive)[0] == std::vector<bool>(4, true));
}

// docs/THEORY.md section 3, with momentum m: a filter without gradient shrinks per round by exp(-sum eta
// lambda/(1-m)).
TEST_CASE("an inactive filter decays as predicted") {
  Training training = small_training();
  training.network = {.architecture = Architecture::plain, .depth = 2, .width = 4, .gamma = 0.5, .beta = -30};
  training.optimizer = {.weight_decay = 5e-3, .momentum = 0.9};
  training.schedule = {.kind = ScheduleKind::constant, .learning_rate = 0.05};
  training.epochs = 10;
  training.rounds = 1;
  Trainer trainer(training, small_data());
  trainer.run();
  const auto channel = trainer.record(400).back().channels[0];
  CHECK(channel.maximum == 0);
  CHECK(channel.activation_probability == 0);
  // 200 steps of v' = m v + lambda w, w' = w - eta v', iterated here.
  double gamma = 0.5, velocity = 0;
  for (int step = 0; step < 200; ++step) {
    velocity = 0.9 * velocity + 5e-3 * gamma;
    gamma -= 0.05 * velocity;
  }
  CHECK(relative_error(channel.gamma, gamma) <= 1e-4);
  CHECK(relative_error(gamma, 0.5 * std::exp(-200 * 0.05 * 5e-3 / 0.1)) <= 0.05);
}

TEST_CASE("weight decay spares the normalisation's parameters where the spec says so") {
  Training training = small_training();
  training.network = {.architecture = Architecture::plain, .depth = 2, .width = 4, .gamma = 0.5, .beta = -30};
  training.optimizer = {.weight_decay = 5e-3, .decayed = Decayed::weights};
  Trainer trainer(training, small_data());
  trainer.run();
  CHECK(trainer.record(400).back().channels[0].gamma == 0.5);
  CHECK(trainer.record(400).back().channels[0].beta == -30);
}

TEST_CASE("gradient moments are those of the mini-batches and leave the training alone") {
  Training training = small_training();
  training.rounds = 1;
  training.recording.gradient_batches = 10;
  Trainer probed(training, small_data());
  Trainer plain(small_training(), small_data());
  const auto before = probed.gradient_moments(20);
  CHECK(probed.run_epoch().losses == plain.run_epoch().losses);
  REQUIRE(before.size() == 3);
  REQUIRE(before[2].size() == 16);
  for (const auto& layer : before) {
    for (const GradientRecord& channel : layer) {
      CHECK(channel.gamma_variance > 0);
      CHECK(channel.beta_variance > 0);
      CHECK(channel.covariance * channel.covariance <=
            channel.gamma_variance * channel.beta_variance * (1 + 1e-9));
    }
  }
  probed.run_epoch();
  CHECK(probed.finish_round().gradients.size() == 3);
  CHECK_THROWS_AS(probed.gradient_moments(1), bncollapse::theory::InvalidArgument);
}

TEST_CASE("collapsed filters can be taken out, shuffled weights forget what was learned") {
  Training training = small_training();
  Trainer trainer(training, small_data());
  std::vector<RoundResult> rounds;
  Listener listener;
  listener.round = [&](const RoundResult& round) { rounds.push_back(round); };
  trainer.run(listener);
  const auto& records = rounds.back().records;
  const PruningResult none = trainer.prune(
      collapsed_filters(records, {.magnitude = CollapseCriterion::Magnitude::gamma, .threshold = 0}),
      Removed::at_zero_gamma);
  CHECK(none.accuracy_before == rounds.back().test_accuracy);
  CHECK(none.accuracy_after == none.accuracy_before);
  CHECK(none.multiplications_after == none.multiplications_before);
  const PruningResult most = trainer.prune(
      collapsed_filters(records, {.magnitude = CollapseCriterion::Magnitude::gamma, .threshold = 100}),
      Removed::at_zero_gamma);
  CHECK(most.multiplications_after < most.multiplications_before / 8);
  CHECK(most.accuracy_after < most.accuracy_before);
  CHECK(most.images_per_second_after > most.images_per_second_before);
  const auto before = trainer.record(400);
  trainer.shuffle_weights();
  CHECK_FALSE(same(before, trainer.record(400)));
  CHECK(trainer
            .prune(FilterMarks{std::vector<bool>(8, false), std::vector<bool>(16, false),
                               std::vector<bool>(16, false)},
                   Removed::at_zero_gamma)
            .accuracy_before < 0.5);
}

TEST_CASE("a training outside its domain is refused by name") {
  const auto message = [](const Training& training) {
    return message_of([&] { Trainer(training, small_data()); });
  };
  Training training = small_training();
  training.batch = 401;
  CHECK(contains(message(training), "batch is 401; it must be at most the number of training images"));
  training = small_training();
  training.rounds = 0;
  CHECK(contains(message(training), "rounds is 0"));
  training = small_training();
  training.optimizer.momentum = 1;
  CHECK(contains(message(training), "momentum is 1"));
  training = small_training();
  training.recording.steps = {3, 3};
  CHECK(contains(message(training), "record.steps[1] is 3 after 3; the steps must ascend"));
}
