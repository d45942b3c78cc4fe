#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/training.hpp"

namespace bncollapse::nets {

/// About once a second.
struct Progress {
  std::int64_t round = 0, epoch = 0;       ///< from 1
  std::int64_t step = 0, total_steps = 0;  ///< over all rounds
  double loss = 0;                         ///< mean over the epoch so far
  double accuracy = 0;                     ///< on the epoch's mini-batches so far, from 0 to 1
  double small_gamma_share = 0;            ///< of channels with |gamma| < 1e-3
  double steps_per_second = 0;
  double seconds_left = 0;
  double device_memory = 0;  ///< share of the device's memory that is in use, by whomever; 0 for the CPU
};

struct EpochResult {
  std::int64_t round = 0, epoch = 0, step = 0;
  double loss = 0;             ///< mean over the epoch's mini-batches
  double accuracy = 0;         ///< on them
  double learning_rate = 0;    ///< of the last step
  double seconds = 0;          ///< from the drawing of the images' order to the last loss on the host
  std::vector<double> losses;  ///< of each mini-batch
};

/// Channels after a number of steps.
struct StepRecord {
  std::int64_t step = 0;
  std::vector<LayerRecord> records;
};

/// Mean and covariance of the loss gradients of a channel's gamma and beta over mini-batches. Unit: loss.
struct GradientRecord {
  double gamma_mean = 0, beta_mean = 0;
  double gamma_variance = 0, beta_variance = 0, covariance = 0;
};

/// The loss gradients of a channel's gamma and beta, one per mini-batch. Unit: loss.
struct GradientSamples {
  std::vector<double> gamma, beta;
};

struct RoundResult {
  std::int64_t round = 0, step = 0;
  double test_accuracy = 0;
  double test_loss = 0;
  std::vector<LayerRecord> records;                    ///< over the whole training set
  std::vector<std::vector<GradientRecord>> gradients;  ///< layer, channel; empty unless asked for
  Collapse small_gamma, small_gamma_1e2, inactive;     ///< by the criteria of these names
};

struct PruningResult {
  double accuracy_before = 0, accuracy_after = 0;                      ///< on the test images
  std::int64_t multiplications_before = 0, multiplications_after = 0;  ///< per image
  double images_per_second_before = 0, images_per_second_after = 0;    ///< in evaluation
};

/// What is called while a training goes on. Empty functions are not called.
struct Listener {
  std::function<void(const Progress&)> progress;
  std::function<void(const StepRecord&)> step;
  std::function<void(const EpochResult&)> epoch;
  std::function<void(const RoundResult&)> round;
};

struct TensorFile;

/// The state of a training between two epochs. The training may go on meanwhile.
class Checkpoint {
 public:
  explicit Checkpoint(std::shared_ptr<const TensorFile> file) : file_(std::move(file)) {}
  /// One safetensors file, written atomically. Throws TrainingError.
  void write(const std::filesystem::path& path) const;

 private:
  std::shared_ptr<const TensorFile> file_;
};

/// Trains one network. Sets the process's number of LibTorch threads and, with the GNU C library, keeps freed
/// memory in the process.
class Trainer {
 public:
  /// Throws theory::InvalidArgument naming a member of `training` or the data that do not suit it.
  Trainer(const Training& training, const TrainAndTest& data);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  /// `call` is called before every mini-batch. On the CPU it is called before every convolution and before
  /// the gradient of every fused batch_norm, too, of any network of this thread, as long as the trainer
  /// lives. What it throws ends the epoch or the end of the round, which must then begin again from a
  /// checkpoint.
  void before_batches(std::function<void()> call);

  bool finished() const;
  /// Over all rounds.
  std::int64_t steps_taken() const;

  /// The next epoch. Throws TrainingError, naming step and layer, where the loss is not finite.
  EpochResult run_epoch(const Listener& listener = {});

  /// True after an epoch that ended a round, until finish_round.
  bool round_ended() const;
  /// Evaluates and records, and keeps the snapshot's predictions for ensembles.
  RoundResult finish_round();

  /// The epochs and ends of rounds that are left.
  void run(const Listener& listener = {});

  /// Share of test images that the mean prediction of the last `snapshots` rounds gets right.
  double ensemble_accuracy(std::int64_t snapshots) const;

  std::vector<LayerShape> shapes() const;
  /// Channels as they are now, over the first `images` training images.
  std::vector<LayerRecord> record(std::int64_t images) const;
  /// Of every convolution.
  std::vector<FilterNorms> filter_norms() const;
  /// Moments of the gradients over `batches` mini-batches of an order of their own; training is not
  /// disturbed.
  std::vector<std::vector<GradientRecord>> gradient_moments(std::int64_t batches);
  /// The gradients themselves: layer, channel. The mini-batches are those of gradient_moments.
  std::vector<std::vector<GradientSamples>> gradient_samples(std::int64_t batches);
  /// Compares the network with the one without the marked filters. The output of a removed filter is added to
  /// the shift of the layer that reads it, which is exact except at the image's border if it is not 0. A
  /// layer keeps at least one filter.
  PruningResult prune(const FilterMarks& marks, Removed removed) const;
  /// Shuffles the numbers within every parameter tensor and forgets the optimizer's state (claim A7).
  void shuffle_weights();

  /// Parameters, running statistics, optimizer, position and snapshots; copies, on the training's device.
  Checkpoint checkpoint() const;
  /// Goes on from a checkpoint of the same training (rounds may differ). Throws FileError.
  void load(const std::filesystem::path& path);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// The file of a training's checkpoints. It is not written after every epoch, since epochs can be short.
class CheckpointFile {
 public:
  /// Seconds between two writes.
  static constexpr double usual_interval = 30;

  CheckpointFile(std::filesystem::path path, double interval);

  /// Takes a checkpoint. It is written if `now` is true or if the last write (or the construction of this
  /// object) is at least `interval` ago. Otherwise it is kept.
  void take(const Trainer& trainer, bool now);
  /// Writes the checkpoint that is kept, if there is one.
  void flush();

 private:
  using Clock = std::chrono::steady_clock;

  std::filesystem::path path_;
  std::chrono::duration<double> interval_;
  Clock::time_point written_ = Clock::now();
  std::optional<Checkpoint> kept_;
};

/// Whether this LibTorch finds a CUDA device.
bool has_cuda();
/// Whether it computes there.
bool cuda_works();
/// The version of LibTorch, e.g. "1.13.1".
std::string torch_version();

}  // namespace bncollapse::nets
