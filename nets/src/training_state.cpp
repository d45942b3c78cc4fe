#include "training_state.hpp"

#include "identity.hpp"
#include "require.hpp"
#include "training_device.hpp"

namespace bncollapse::nets {
namespace {

Network make_network_on(const Training& training, at::Device device) {
  Network network = make_network(training.network, training.seed);
  for (const Parameter& buffer : network.buffers()) {
    *buffer.value = buffer.value->to(device);
  }
  return network;
}

std::int64_t decayed_values(const OptimizerSpec& spec, const FlatParameters& parameters) {
  return spec.decayed == Decayed::all ? parameters.values().numel() : parameters.normalisation_start();
}

}  // namespace

TrainingState::TrainingState(const Training& spec, const TrainAndTest& data)
    : training(spec),
      identity(nets::identity(spec, data).dump()),
      device(prepare_device(spec)),
      type(spec.precision == Precision::bfloat16 ? at::kBFloat16 : at::kFloat),
      statistics(pixel_statistics(data.train)),
      train(data.train, statistics, device),
      test(data.test, statistics, device),
      network(make_network_on(spec, device)),
      parameters(network, device),
      optimizer(spec.optimizer, parameters.values(), decayed_values(spec.optimizer, parameters)) {
  const Recording& recording = training.recording;
  require("batch", static_cast<double>(training.batch), training.batch <= train.size(),
          "at most the number of training images");
  require("images", static_cast<double>(recording.images),
          recording.steps.empty() || recording.images <= train.size(),
          "at most the number of training images");
  require("gradient_batches", static_cast<double>(recording.gradient_batches),
          recording.gradient_batches <= epoch_steps(), "at most the number of mini-batches in an epoch");
}

}  // namespace bncollapse::nets
