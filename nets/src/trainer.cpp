#include "bncollapse/nets/trainer.hpp"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "batch_norm.hpp"
#include "bncollapse/nets/errors.hpp"
#include "captured_step.hpp"
#include "counter_random.hpp"
#include "flat_parameters.hpp"
#include "identity.hpp"
#include "image_batches.hpp"
#include "optimizer.hpp"
#include "permutation.hpp"
#include "pruning.hpp"
#include "recording.hpp"
#include "require.hpp"
#include "tensor_file.hpp"

#ifdef BNCOLLAPSE_TORCH_CUDA
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAException.h>
#include <cuda_runtime_api.h>
#endif

namespace bncollapse::nets {
namespace {

constexpr const char* checkpoint_format = "bncollapse training checkpoint 1";
constexpr CollapseCriterion scale_1e2{.measure = CollapseCriterion::Measure::scale, .threshold = 1e-2};
constexpr CollapseCriterion scale_1e3{.measure = CollapseCriterion::Measure::scale, .threshold = 1e-3};
constexpr CollapseCriterion silent{.measure = CollapseCriterion::Measure::activation, .threshold = 1e-12};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Every step allocates and frees the same large blocks; by default the C library hands each back to the
/// system, and the page faults to get them again take longer than much of the arithmetic.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_ARENA_MAX, 1);
#endif
}

/// The same bits from the same spec, as far as CUDA's libraries can give them.
void make_cuda_reproducible() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", 0);  // what CuBLAS needs for it, read when it starts
  at::Context& context = at::globalContext();
  context.setDeterministicAlgorithms(true, false);
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  leave_new_memory_as_it_is(context);
}

#ifdef BNCOLLAPSE_TORCH_CUDA
bool device_has_tf32() { return at::cuda::getCurrentDeviceProperties()->major >= 8; }

double used_device_memory() {
  std::size_t left = 0, all = 0;
  C10_CUDA_CHECK(cudaMemGetInfo(&left, &all));
  return 1 - static_cast<double>(left) / static_cast<double>(all);
}
#else
bool device_has_tf32() { return false; }
double used_device_memory() { return 0; }
#endif

at::Device make_device(const Training& training) {
  validate_device(training);
  if (training.device == Device::cpu) {
    return at::kCPU;
  }
  if (!at::hasCUDA()) {
    throw theory::InvalidArgument("device",
                                  "is cuda; this LibTorch finds no CUDA device, cpu is there always");
  }
  const bool tf32 = training.precision == Precision::tf32;
  if (tf32 && !device_has_tf32()) {
    throw theory::InvalidArgument(
        "precision",
        "is tf32, which this CUDA device lacks (compute capability below 8); it must be float32 or bfloat16");
  }
  make_cuda_reproducible();
  allow_tf32(at::globalContext(), tf32);
  return at::kCUDA;
}

Network make_network_on(const Training& training, at::Device device) {
  Network network = make_network(training.network, training.seed);
  for (const Parameter& buffer : network.buffers()) {
    *buffer.value = buffer.value->to(device);
  }
  return network;
}

struct Evaluation {
  at::Tensor probabilities;  ///< images x classes
  double accuracy = 0;
  double loss = 0;
};

double accuracy_of(const at::Tensor& probabilities, const at::Tensor& labels) {
  return probabilities.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

Evaluation evaluate(const Network& network, const ImageBatches& data, at::ScalarType type) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> logarithms, labels;
  for (std::int64_t first = 0; first < data.size(); first += evaluation_batch) {
    const Batch batch = data.in_order(first, std::min(evaluation_batch, data.size() - first));
    logarithms.push_back(at::log_softmax(network.forward(batch.images, Pass::evaluate, type), 1));
    labels.push_back(batch.labels);
  }
  const at::Tensor all = at::cat(logarithms);
  const at::Tensor truth = at::cat(labels);
  return {.probabilities = all.exp().cpu(),
          .accuracy = accuracy_of(all, truth),
          .loss = -all.gather(1, truth.unsqueeze(1)).to(at::kDouble).mean().item<double>()};
}

}  // namespace

class Trainer::Implementation {
 public:
  Implementation(const Training& training, const TrainAndTest& data)
      : training_(training),
        identity_(identity(training, data)),
        device_(make_device(training)),
        type_(training.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat),
        statistics_(pixel_statistics(data.train)),
        train_(data.train, statistics_, device_),
        test_(data.test, statistics_, device_),
        network_(make_network_on(training, device_)),
        parameters_(network_, device_),
        optimizer_(training.optimizer, parameters_.values(), decayed_count()),
        steps_(at::arange(epoch_steps(), at::TensorOptions(at::kLong).device(device_))),
        position_(at::zeros({1}, steps_.options())),
        rates_(at::zeros({epoch_steps(), Optimizer::rate_count}, parameters_.values().options())),
        losses_(at::zeros({epoch_steps()}, at::TensorOptions(at::kFloat).device(device_))),
        right_(at::zeros({}, steps_.options())),
        train_step_([this] { train_step(); }, device_) {
    require("batch", static_cast<double>(training.batch), training.batch <= train_.size(),
            "at most the number of training images");
    require("images", static_cast<double>(training.recording.images),
            training.recording.steps.empty() || training.recording.images <= train_.size(),
            "at most the number of training images");
    require("gradient_batches", static_cast<double>(training.recording.gradient_batches),
            training.recording.gradient_batches <= epoch_steps(),
            "at most the number of mini-batches in an epoch");
  }

  ~Implementation() {
    if (before_batch_) {
      before_layers({});
    }
  }
  Implementation(const Implementation&) = delete;
  Implementation& operator=(const Implementation&) = delete;

  void before_batches(const std::function<void()>& call) {
    before_batch_ = call;
    before_layers(call);
    train_.before_batches(call);
    test_.before_batches(call);
  }

  bool finished() const { return epoch_ == training_.rounds * training_.epochs && !round_ended_; }
  bool round_ended() const { return round_ended_; }
  std::int64_t steps_taken() const { return step_; }

  EpochResult run_epoch(const Listener& listener) {
    if (finished() || round_ended_) {
      throw std::logic_error("run_epoch: the training or its round has ended");
    }
    const Clock::time_point start = Clock::now();
    train_.start_epoch(training_.seed, static_cast<std::uint32_t>(epoch_),
                       training_.augmentation == Augmentation::crop_flip);
    const std::int64_t first_step = step_;
    const std::vector<double> learning_rates = start_steps();
    std::int64_t checked = 0;
    EpochResult result;
    for (std::int64_t position = 0; position < epoch_steps(); ++position) {
      if (before_batch_) {
        before_batch_();
      }
      record_step(listener);
      train_step_();
      const bool tell = listener.progress && seconds_since(told_) >= 1;
      if (device_.is_cpu() || tell || position + 1 == epoch_steps()) {
        const at::Tensor seen = losses_.slice(0, checked, position + 1).cpu();  // waits for the device
        const float* const loss = seen.data_ptr<float>();
        for (std::int64_t index = 0; index < seen.numel(); ++index, ++checked) {
          if (!std::isfinite(loss[index])) {
            fail_diverged(first_step + checked, loss[index], checked);
          }
        }
      }
      result.learning_rate = learning_rates[static_cast<std::size_t>(position)];
      optimizer_.set_steps_taken(optimizer_.steps_taken() + 1);
      ++step_;
      if (tell) {
        told_ = Clock::now();
        const double rate = static_cast<double>(position + 1) / seconds_since(start);
        listener.progress(
            {.round = epoch_ / training_.epochs + 1,
             .epoch = epoch_ % training_.epochs + 1,
             .step = step_,
             .total_steps = total_steps(),
             .loss = losses_.narrow(0, 0, position + 1).mean().item<double>(),
             .accuracy = right_.item<double>() / static_cast<double>((position + 1) * training_.batch),
             .small_scale_share = small_scale_share(),
             .steps_per_second = rate,
             .seconds_left = static_cast<double>(total_steps() - step_) / rate,
             .device_memory = device_.is_cpu() ? 0 : used_device_memory()});
      }
    }
    const at::Tensor all = losses_.cpu();
    result.losses.assign(all.data_ptr<float>(), all.data_ptr<float>() + all.numel());
    result.round = epoch_ / training_.epochs + 1;
    result.epoch = epoch_ % training_.epochs + 1;
    result.step = step_;
    result.loss = all.to(at::kDouble).mean().item<double>();
    result.accuracy = right_.item<double>() / static_cast<double>(epoch_steps() * training_.batch);
    result.seconds = seconds_since(start);
    ++epoch_;
    round_ended_ = epoch_ % training_.epochs == 0;
    if (step_ == total_steps()) {
      record_step(listener);
    }
    return result;
  }

  RoundResult finish_round() {
    if (!round_ended_) {
      throw std::logic_error("finish_round: no round has ended");
    }
    const Evaluation evaluation = evaluate(network_, test_, type_);
    RoundResult result;
    result.round = epoch_ / training_.epochs;
    result.step = step_;
    result.test_accuracy = evaluation.accuracy;
    result.test_loss = evaluation.loss;
    result.records = record(train_.size());
    if (training_.recording.gradient_batches > 0) {
      result.gradients = gradient_moments(training_.recording.gradient_batches);
    }
    result.scale_1e2 = collapse(network_.shapes, collapsed_filters(result.records, scale_1e2));
    result.scale_1e3 = collapse(network_.shapes, collapsed_filters(result.records, scale_1e3));
    result.activation = collapse(network_.shapes, collapsed_filters(result.records, silent));
    snapshots_.push_back(evaluation.probabilities);
    round_ended_ = false;
    return result;
  }

  double ensemble_accuracy(std::int64_t snapshots) const {
    const auto available = static_cast<std::int64_t>(snapshots_.size());
    require("snapshots", static_cast<double>(snapshots), snapshots >= 1 && snapshots <= available,
            "from 1 to the number of finished rounds");
    at::Tensor sum = at::zeros_like(snapshots_.back());
    for (std::int64_t back = 1; back <= snapshots; ++back) {
      sum += snapshots_[static_cast<std::size_t>(available - back)];
    }
    return accuracy_of(sum, test_.in_order(0, test_.size()).labels.cpu());
  }

  std::vector<LayerShape> shapes() const { return network_.shapes; }

  std::vector<LayerRecord> record(std::int64_t images) const {
    require("images", static_cast<double>(images), images >= 1 && images <= train_.size(),
            "from 1 to the number of training images");
    return record_channels(network_, train_, images, type_);
  }

  std::vector<FilterNorms> filter_norms() const { return norms_of_filters(network_); }

  std::vector<std::vector<GradientRecord>> gradient_moments(std::int64_t batches) {
    return gradient_records(network_, gradients_of_normalisation(batches));
  }

  std::vector<std::vector<GradientSamples>> gradient_samples(std::int64_t batches) {
    return samples_of_gradients(network_, gradients_of_normalisation(batches));
  }

  PruningResult prune(const FilterMarks& marks, Removed removed) const {
    const Network smaller = pruned(network_, marks, removed);
    PruningResult result;
    result.multiplications_before = multiplications(network_.shapes);
    result.multiplications_after = multiplications(smaller.shapes);
    result.accuracy_before = evaluate(network_, test_, type_).accuracy;
    result.accuracy_after = evaluate(smaller, test_, type_).accuracy;
    result.images_per_second_before = evaluation_speed(network_);
    result.images_per_second_after = evaluation_speed(smaller);
    return result;
  }

  void shuffle_weights() {
    const at::NoGradGuard no_gradients;
    std::uint32_t stream = 0;
    for (const Parameter& parameter : network_.parameters()) {
      const CounterRandom random(training_.seed, Purpose::weight_shuffle, stream++);
      const at::Tensor order =
          at::tensor(permutation(parameter.value->numel(), random), at::kLong).to(device_);
      parameter.value->copy_(
          parameter.value->reshape(-1).index_select(0, order).view(parameter.value->sizes()));
    }
    optimizer_.forget();
  }

  Checkpoint checkpoint() const {
    const at::NoGradGuard no_gradients;
    TensorFile file;
    file.metadata = {{"format", checkpoint_format},
                     {"training", identity_.dump()},
                     {"epoch", std::to_string(epoch_)},
                     {"step", std::to_string(step_)},
                     {"round_ended", round_ended_ ? "true" : "false"},
                     {"optimizer_steps", std::to_string(optimizer_.steps_taken())},
                     {"snapshots", std::to_string(snapshots_.size())}};
    for (const auto& [name, tensor] : const_cast<Implementation*>(this)->state()) {
      file.tensors.emplace(name, tensor->detach().clone());
    }
    for (std::size_t index = 0; index < snapshots_.size(); ++index) {
      file.tensors.emplace(snapshot_name(index), snapshots_[index]);
    }
    return Checkpoint(std::make_shared<const TensorFile>(std::move(file)));
  }

  void load(const std::filesystem::path& path) {
    const TensorFile file = read_tensor_file(path);
    const auto text = [&](const std::string& key) {
      const auto entry = file.metadata.find(key);
      if (entry == file.metadata.end()) {
        throw FileError(path.string() + ": is no checkpoint of a training: its metadata lack " + key);
      }
      return entry->second;
    };
    const auto number = [&](const std::string& key) {
      try {
        return std::stoll(text(key));
      } catch (const std::logic_error&) {
        throw FileError(path.string() + ": metadata " + key + " is " + text(key) +
                        "; it must be a whole number");
      }
    };
    const auto tensor = [&](const std::string& name, const at::Tensor& like) {
      const auto entry = file.tensors.find(name);
      if (entry == file.tensors.end() || entry->second.sizes() != like.sizes() ||
          entry->second.scalar_type() != like.scalar_type()) {
        throw FileError(path.string() + ": tensor " + name + " is missing or has another shape or type");
      }
      return entry->second;
    };
    if (text("format") != checkpoint_format) {
      throw FileError(path.string() + ": format is " + text("format") + "; it must be " + checkpoint_format);
    }
    require_same_training(path, text("training"));
    const std::int64_t epoch = number("epoch");
    if (epoch < 0 || epoch > training_.rounds * training_.epochs || number("step") != epoch * epoch_steps()) {
      throw FileError(path.string() + ": stands after epoch " + std::to_string(epoch) + " and step " +
                      text("step") + "; this training has " +
                      std::to_string(training_.rounds * training_.epochs) + " epochs of " +
                      std::to_string(epoch_steps()) + " steps");
    }
    std::vector<std::pair<at::Tensor*, at::Tensor>> copies;
    for (const auto& [name, target] : state()) {
      copies.emplace_back(target, tensor(name, *target));
    }
    std::vector<at::Tensor> snapshots;
    const at::Tensor like = at::empty({test_.size(), class_count}, at::kFloat);
    for (long long index = 0; index < number("snapshots"); ++index) {
      snapshots.push_back(tensor(snapshot_name(static_cast<std::size_t>(index)), like));
    }
    const at::NoGradGuard no_gradients;
    for (auto& [target, value] : copies) {
      target->copy_(value);
    }
    optimizer_.set_steps_taken(number("optimizer_steps"));
    epoch_ = epoch;
    step_ = epoch * epoch_steps();
    round_ended_ = text("round_ended") == "true";
    snapshots_ = std::move(snapshots);
  }

 private:
  /// A step of the epoch: where it stands, it reads from tensors.
  void train_step() {
    const Batch batch = train_.of_epoch(position_ * training_.batch, training_.batch);
    const at::Tensor scores = network_.forward(batch.images, Pass::train, type_);
    const at::Tensor loss = at::cross_entropy_loss(scores, batch.labels);
    const at::Tensor gradient = parameters_.gradient(loss);
    losses_.copy_(at::where(steps_.eq(position_), loss.detach(), losses_));
    right_.add_(scores.detach().argmax(1).eq(batch.labels).sum());
    const at::Tensor before = parameters_.values().clone();
    optimizer_.step(parameters_.values(), gradient, rates_.index_select(0, position_).squeeze(0));
    // Where the loss is not finite the values stay, and show in which layer that began.
    parameters_.values().copy_(at::where(loss.detach().isfinite(), parameters_.values(), before));
    position_.add_(1);
  }

  /// Sets an epoch's tensors. Gives the steps' learning rates.
  std::vector<double> start_steps() {
    std::vector<double> learning_rates;
    std::vector<at::Tensor> rates;
    for (std::int64_t position = 0; position < epoch_steps(); ++position) {
      learning_rates.push_back(learning_rate(training_.schedule, step_ + position, round_steps()));
      rates.push_back(optimizer_.rates(learning_rates.back(), optimizer_.steps_taken() + position + 1));
    }
    rates_.copy_(at::stack(rates));
    position_.zero_();
    losses_.zero_();
    right_.zero_();
    return learning_rates;
  }

  std::int64_t epoch_steps() const { return train_.size() / training_.batch; }
  std::int64_t round_steps() const { return epoch_steps() * training_.epochs; }
  std::int64_t total_steps() const { return round_steps() * training_.rounds; }
  std::int64_t decayed_count() {
    return training_.optimizer.decayed == Decayed::all ? parameters_.values().numel()
                                                       : parameters_.normalisation_start();
  }

  /// Mini-batches x (gamma and beta of every normalised layer in turn).
  at::Tensor gradients_of_normalisation(std::int64_t batches) {
    require("batches", static_cast<double>(batches), batches >= 2 && batches <= epoch_steps(),
            "from 2 to the number of mini-batches in an epoch");
    constexpr std::uint32_t apart = 0x80000000;  // no epoch of the training has such a number
    train_.start_epoch(training_.seed, apart | static_cast<std::uint32_t>(epoch_),
                       training_.augmentation == Augmentation::crop_flip);
    std::vector<at::Tensor> gradients;
    for (std::int64_t position = 0; position < batches; ++position) {
      const Batch batch = train_.of_epoch(position * training_.batch, training_.batch);
      const at::Tensor scores = network_.forward(batch.images, Pass::probe, type_);
      const at::Tensor gradient = parameters_.gradient(at::cross_entropy_loss(scores, batch.labels));
      gradients.push_back(gradient.slice(0, parameters_.normalisation_start()).to(at::kDouble));
    }
    return at::stack(gradients);
  }

  void record_step(const Listener& listener) const {
    const auto& steps = training_.recording.steps;
    if (listener.step && std::binary_search(steps.begin(), steps.end(), step_)) {
      listener.step({.step = step_, .records = record(training_.recording.images)});
    }
  }

  double small_scale_share() const {
    std::vector<at::Tensor> gammas;
    for (const Layer& layer : network_.layers) {
      if (layer.normalised()) {
        gammas.push_back(layer.gamma.detach());
      }
    }
    return gammas.empty()
               ? 0
               : at::cat(gammas).abs().lt(scale_1e3.threshold).to(at::kDouble).mean().item<double>();
  }

  [[noreturn]] void fail_diverged(std::int64_t step, float loss, std::int64_t position) const {
    const at::NoGradGuard no_gradients;
    std::string layer = "the loss";
    const Batch batch = train_.of_epoch(position * training_.batch, training_.batch);
    bool found = false;
    network_.forward(batch.images, Pass::probe, type_, [&](std::size_t index, const at::Tensor& z) {
      if (!found && !z.isfinite().all().item<bool>()) {
        found = true;
        layer = "the output of layer " + network_.layers[index].name;
      }
    });
    throw TrainingError("training diverged: the loss is " + std::to_string(loss) + " in step " +
                        std::to_string(step + 1) + " (round " +
                        std::to_string(epoch_ / training_.epochs + 1) + ", epoch " +
                        std::to_string(epoch_ % training_.epochs + 1) + "), first seen in " + layer +
                        "; a learning rate below " + std::to_string(training_.schedule.learning_rate) +
                        " or a warm-up may help");
  }

  double evaluation_speed(const Network& network) const {
    const at::NoGradGuard no_gradients;
    const Batch batch = test_.in_order(0, std::min(evaluation_batch, test_.size()));
    double best = 0;
    for (int attempt = 0; attempt < 4; ++attempt) {  // the first warms up
      const Clock::time_point start = Clock::now();
      network.forward(batch.images, Pass::evaluate, type_).sum().item<float>();
      best = std::max(best, static_cast<double>(batch.labels.size(0)) / seconds_since(start));
    }
    return best;
  }

  static std::string snapshot_name(std::size_t index) { return "snapshot." + std::to_string(index + 1); }

  /// What a checkpoint holds, by name.
  std::vector<std::pair<std::string, at::Tensor*>> state() {
    std::vector<std::pair<std::string, at::Tensor*>> result;
    for (const auto& list : {network_.parameters(), network_.buffers()}) {
      for (const Parameter& parameter : list) {
        result.emplace_back(parameter.name, parameter.value);
      }
    }
    for (const auto& [name, tensor] : optimizer_.state()) {
      result.emplace_back("optimizer." + name, tensor);
    }
    return result;
  }

  void require_same_training(const std::filesystem::path& path, const std::string& text) const {
    const nlohmann::json there = nlohmann::json::parse(text, nullptr, false);
    if (there.is_discarded()) {
      throw FileError(path.string() + ": metadata training is no JSON");
    }
    const nlohmann::json differences = nlohmann::json::diff(there, identity_);
    if (!differences.empty()) {
      const std::string place = differences[0].at("path");
      if (place.starts_with("/train/") || place.starts_with("/test/")) {
        throw FileError(path.string() + ": belongs to a training on other images");
      }
      throw FileError(path.string() + ": belongs to another training: " + place + " differs, here it is " +
                      identity_.value(nlohmann::json::json_pointer(place), nlohmann::json()).dump());
    }
  }

  std::function<void()> before_batch_;
  Training training_;
  nlohmann::json identity_;
  at::Device device_;
  at::ScalarType type_;
  PixelStatistics statistics_;
  ImageBatches train_, test_;
  Network network_;
  FlatParameters parameters_;
  Optimizer optimizer_;
  at::Tensor steps_;     ///< 0 .. epoch_steps() - 1
  at::Tensor position_;  ///< of the next step in the epoch; one number
  at::Tensor rates_;     ///< the epoch's, a row a step
  at::Tensor losses_;    ///< the epoch's, a number a step
  at::Tensor right_;     ///< the epoch's images classified right so far
  CapturedStep train_step_;
  std::int64_t epoch_ = 0;  ///< epochs done, over all rounds
  std::int64_t step_ = 0;
  bool round_ended_ = false;
  Clock::time_point told_ = Clock::now();  ///< of progress
  std::vector<at::Tensor> snapshots_;      ///< class probabilities of the test images after each round
};

Trainer::Trainer(const Training& training, const TrainAndTest& data) {
  validate(training);
  keep_freed_memory();
  at::set_num_threads(training.threads);
  implementation_ = std::make_unique<Implementation>(training, data);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

void Trainer::before_batches(std::function<void()> call) { implementation_->before_batches(std::move(call)); }
bool Trainer::finished() const { return implementation_->finished(); }
std::int64_t Trainer::steps_taken() const { return implementation_->steps_taken(); }
EpochResult Trainer::run_epoch(const Listener& listener) { return implementation_->run_epoch(listener); }
bool Trainer::round_ended() const { return implementation_->round_ended(); }
RoundResult Trainer::finish_round() { return implementation_->finish_round(); }

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
  return implementation_->ensemble_accuracy(snapshots);
}
std::vector<LayerShape> Trainer::shapes() const { return implementation_->shapes(); }
std::vector<LayerRecord> Trainer::record(std::int64_t images) const {
  return implementation_->record(images);
}
std::vector<FilterNorms> Trainer::filter_norms() const { return implementation_->filter_norms(); }
std::vector<std::vector<GradientRecord>> Trainer::gradient_moments(std::int64_t batches) {
  return implementation_->gradient_moments(batches);
}
std::vector<std::vector<GradientSamples>> Trainer::gradient_samples(std::int64_t batches) {
  return implementation_->gradient_samples(batches);
}
PruningResult Trainer::prune(const FilterMarks& marks, Removed removed) const {
  return implementation_->prune(marks, removed);
}
void Trainer::shuffle_weights() { implementation_->shuffle_weights(); }
Checkpoint Trainer::checkpoint() const { return implementation_->checkpoint(); }
void Trainer::load(const std::filesystem::path& path) { implementation_->load(path); }

void Checkpoint::write(const std::filesystem::path& path) const { write_tensor_file(path, *file_); }

CheckpointFile::CheckpointFile(std::filesystem::path path, double interval)
    : path_(std::move(path)), interval_(interval) {}

void CheckpointFile::take(const Trainer& trainer, bool now) {
  kept_ = trainer.checkpoint();
  if (now || Clock::now() - written_ >= interval_) {
    flush();
  }
}

void CheckpointFile::flush() {
  if (kept_) {
    kept_->write(path_);
    kept_.reset();
    written_ = Clock::now();
  }
}

bool has_cuda() { return at::hasCUDA(); }

bool cuda_works() {
  try {
    return has_cuda() && at::ones({2}, at::kCUDA).sum().item<float>() == 2;
  } catch (const c10::Error&) {
    return false;
  }
}

std::string torch_version() { return TORCH_VERSION; }

}  // namespace bncollapse::nets
