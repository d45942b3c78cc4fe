#include "divergence.hpp"

#include <string>

#include "bncollapse/nets/errors.hpp"

namespace bncollapse::nets {
namespace {

std::string first_infinite_output(const TrainingState& state, std::int64_t position) {
  const at::NoGradGuard no_gradients;
  const std::int64_t batch_size = state.training.batch;
  const Batch batch = state.train.of_epoch(position * batch_size, batch_size);
  std::string place;
  state.network.forward(batch.images, Pass::probe, state.type, [&](std::size_t layer, const at::Tensor& z) {
    if (place.empty() && !z.isfinite().all().item<bool>()) {
      place = "the output of layer " + state.network.layers[layer].name;
    }
  });
  return place.empty() ? "the loss" : place;
}

}  // namespace

void throw_diverged(const TrainingState& state, std::int64_t position, float loss) {
  const std::int64_t step = state.epochs_done * state.epoch_steps() + position + 1;
  throw TrainingError("training diverged: the loss is " + std::to_string(loss) + " in step " +
                      std::to_string(step) + " (round " + std::to_string(state.round()) + ", epoch " +
                      std::to_string(state.epoch_of_round()) + "), first seen in " +
                      first_infinite_output(state, position) + "; a learning rate below " +
                      std::to_string(state.training.schedule.learning_rate) + " or a warm-up may help");
}

}  // namespace bncollapse::nets
