#include "checkpoint.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/errors.hpp"
#include "tensor_file.hpp"

namespace bncollapse::nets {
namespace {

constexpr const char* checkpoint_format = "bncollapse training checkpoint 1";

std::string snapshot_name(std::size_t index) { return "snapshot." + std::to_string(index + 1); }

/// Parameters, running statistics and the optimizer's memory, by name.
std::vector<std::pair<std::string, at::Tensor*>> tensors_of(TrainingState& state) {
  std::vector<std::pair<std::string, at::Tensor*>> result;
  for (const auto& list : {state.network.parameters(), state.network.buffers()}) {
    for (const Parameter& parameter : list) {
      result.emplace_back(parameter.name, parameter.value);
    }
  }
  for (const auto& [name, tensor] : state.optimizer.state()) {
    result.emplace_back("optimizer." + name, tensor);
  }
  return result;
}

/// A checkpoint's entries; what is missing or wrong is a FileError naming file and entry.
class CheckpointReader {
 public:
  explicit CheckpointReader(const std::filesystem::path& path) : path_(path), file_(read_tensor_file(path)) {}

  [[noreturn]] void fail(const std::string& problem) const {
    throw FileError(path_.string() + ": " + problem);
  }

  const std::string& text(const std::string& key) const {
    const auto entry = file_.metadata.find(key);
    if (entry == file_.metadata.end()) {
      fail("is not a checkpoint of a training: its metadata lack " + key);
    }
    return entry->second;
  }

  std::int64_t number(const std::string& key) const {
    try {
      return std::stoll(text(key));
    } catch (const std::logic_error&) {
      fail("metadata " + key + " is " + text(key) + "; it must be a whole number");
    }
  }

  const at::Tensor& tensor(const std::string& name, const at::Tensor& like) const {
    const auto entry = file_.tensors.find(name);
    if (entry == file_.tensors.end() || entry->second.sizes() != like.sizes() ||
        entry->second.scalar_type() != like.scalar_type()) {
      fail("tensor " + name + " is missing or has another shape or type");
    }
    return entry->second;
  }

 private:
  const std::filesystem::path& path_;
  TensorFile file_;
};

void require_same_training(const CheckpointReader& file, const TrainingState& state) {
  const nlohmann::json there = nlohmann::json::parse(file.text("training"), nullptr, false);
  if (there.is_discarded()) {
    file.fail("metadata training is not JSON");
  }
  const nlohmann::json here = nlohmann::json::parse(state.identity);
  const nlohmann::json differences = nlohmann::json::diff(there, here);
  if (differences.empty()) {
    return;
  }
  const std::string place = differences[0].at("path");
  if (place.starts_with("/train/") || place.starts_with("/test/")) {
    file.fail("belongs to a training on other images");
  }
  file.fail("belongs to another training: " + place + " differs, here it is " +
            here.value(nlohmann::json::json_pointer(place), nlohmann::json()).dump());
}

/// The epochs done.
std::int64_t read_epoch(const CheckpointReader& file, const TrainingState& state) {
  const std::int64_t epoch = file.number("epoch");
  if (epoch < 0 || epoch > state.total_epochs() || file.number("step") != epoch * state.epoch_steps()) {
    file.fail("stands after epoch " + std::to_string(epoch) + " and step " + file.text("step") +
              "; this training has " + std::to_string(state.total_epochs()) + " epochs of " +
              std::to_string(state.epoch_steps()) + " steps");
  }
  return epoch;
}

}  // namespace

Checkpoint take_checkpoint(TrainingState& state) {
  const at::NoGradGuard no_gradients;
  TensorFile file;
  file.metadata = {{"format", checkpoint_format},
                   {"training", state.identity},
                   {"epoch", std::to_string(state.epochs_done)},
                   {"step", std::to_string(state.steps_done)},
                   {"round_ended", state.round_ended ? "true" : "false"},
                   {"optimizer_steps", std::to_string(state.optimizer.steps_taken())},
                   {"snapshots", std::to_string(state.snapshots.size())}};
  for (const auto& [name, tensor] : tensors_of(state)) {
    file.tensors.emplace(name, tensor->detach().clone());
  }
  for (std::size_t index = 0; index < state.snapshots.size(); ++index) {
    file.tensors.emplace(snapshot_name(index), state.snapshots[index]);
  }
  return Checkpoint(std::make_shared<const TensorFile>(std::move(file)));
}

void load_checkpoint(const std::filesystem::path& path, TrainingState& state) {
  const CheckpointReader file(path);
  if (file.text("format") != checkpoint_format) {
    file.fail("format is " + file.text("format") + "; it must be " + checkpoint_format);
  }
  require_same_training(file, state);
  const std::int64_t epoch = read_epoch(file, state);
  std::vector<std::pair<at::Tensor*, at::Tensor>> copies;
  for (const auto& [name, target] : tensors_of(state)) {
    copies.emplace_back(target, file.tensor(name, *target));
  }
  std::vector<at::Tensor> snapshots;
  const at::Tensor like = at::empty({state.test.size(), class_count}, at::kFloat);
  for (std::int64_t index = 0; index < file.number("snapshots"); ++index) {
    snapshots.push_back(file.tensor(snapshot_name(static_cast<std::size_t>(index)), like));
  }
  const std::int64_t optimizer_steps = file.number("optimizer_steps");
  const bool round_ended = file.text("round_ended") == "true";
  const at::NoGradGuard no_gradients;
  for (auto& [target, value] : copies) {
    target->copy_(value);
  }
  state.optimizer.set_steps_taken(optimizer_steps);
  state.epochs_done = epoch;
  state.steps_done = epoch * state.epoch_steps();
  state.round_ended = round_ended;
  state.snapshots = std::move(snapshots);
}

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

}  // namespace bncollapse::nets
