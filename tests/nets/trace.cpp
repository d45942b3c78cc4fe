// Trains a small network for 20 steps and writes initial weights, batches and losses to a safetensors file,
// for an independent implementation to follow.
//   nets_trace OPTIMIZER float32|float64 FILE
#include <iostream>
#include <map>
#include <string>

#include "flat_parameters.hpp"
#include "image_batches.hpp"
#include "network.hpp"
#include "optimizer.hpp"
#include "tensor_file.hpp"

using namespace bncollapse::nets;

namespace {

struct Case {
  NetworkSpec network;
  OptimizerSpec optimizer;
  double learning_rate;
};

using enum OptimizerName;

// compare_trace.py builds the same cases from PyTorch's own parts.
const std::map<std::string, Case> cases{
    {"sgd",
     {{.architecture = Architecture::resnet, .depth = 8, .width = 8},
      {.name = sgd, .weight_decay = 5e-3},
      0.05}},
    {"momentum",
     {{.architecture = Architecture::resnet, .depth = 8, .width = 8},
      {.name = momentum, .weight_decay = 5e-3, .momentum = 0.9},
      0.02}},
    {"nesterov",
     {{.architecture = Architecture::resnet, .depth = 14, .width = 8, .alpha = 0.1},
      {.name = nesterov, .weight_decay = 5e-3, .decayed = Decayed::weights, .momentum = 0.9},
      0.02}},
    {"adam",
     {{.architecture = Architecture::plain, .depth = 4, .width = 8, .gamma = 0.5, .beta = 0.1, .leak = 0.1},
      {.name = adam, .weight_decay = 5e-3},
      1e-3}},
    {"amsgrad",
     {{.architecture = Architecture::plain, .depth = 4, .width = 8, .normalisation = Normalisation::instance},
      {.name = amsgrad, .weight_decay = 5e-3},
      1e-3}},
    {"adamw",
     {{.architecture = Architecture::vgg, .depth = 11, .width = 8},
      {.name = adamw, .weight_decay = 0.5},
      1e-3}},
    {"rmsprop",
     {{.architecture = Architecture::basicnet, .depth = 7, .width = 8},
      {.name = rmsprop, .weight_decay = 1e-3, .beta2 = 0.99},
      3e-4}},
    {"adagrad",
     {{.architecture = Architecture::plain, .depth = 4, .width = 8, .normalisation = Normalisation::none},
      {.name = adagrad, .weight_decay = 1e-3, .epsilon = 1e-10},
      1e-2}},
};

}  // namespace

int main(int argument_count, char** arguments) {
  const std::map<std::string, at::ScalarType> types{{"float32", at::kFloat}, {"float64", at::kDouble}};
  if (argument_count != 4 || !cases.contains(arguments[1]) || !types.contains(arguments[2])) {
    std::cerr << "nets_trace OPTIMIZER float32|float64 FILE\n";
    return 2;
  }
  const Case& traced = cases.at(arguments[1]);
  const at::ScalarType type = types.at(arguments[2]);
  constexpr std::int64_t steps = 20;
  constexpr std::int64_t batch_size = 32;
  at::set_num_threads(1);

  const Dataset dataset = synthetic_dataset(steps * batch_size, 1, 6).train;
  ImageBatches batches(dataset, pixel_statistics(dataset), at::kCPU);
  batches.start_epoch(6, 0, true);
  Network network = make_network(traced.network, 6, type);
  FlatParameters parameters(network, at::kCPU);
  TensorFile file;
  for (const Parameter& parameter : network.parameters()) {
    file.tensors.emplace(parameter.name, parameter.value->detach().clone());
  }
  Optimizer optimizer(traced.optimizer, parameters.values(),
                      traced.optimizer.decayed == Decayed::all ? parameters.values().numel()
                                                               : parameters.normalisation_start());
  at::Tensor losses = at::empty({steps}, type);
  for (std::int64_t step = 0; step < steps; ++step) {
    const Batch batch = batches.of_epoch(step * batch_size, batch_size);
    file.tensors.emplace("images." + std::to_string(step), batch.images);
    file.tensors.emplace("labels." + std::to_string(step), batch.labels);
    const at::Tensor loss =
        at::cross_entropy_loss(network.forward(batch.images, Pass::train, type), batch.labels);
    losses[step] = loss.detach();
    optimizer.step(parameters.values(), parameters.gradient(loss),
                   optimizer.rates(traced.learning_rate, step + 1).to(type));
  }
  file.tensors.emplace("losses", losses);
  {
    const at::NoGradGuard no_gradients;
    file.tensors.emplace("scores",
                         network.forward(batches.in_order(0, batch_size).images, Pass::evaluate, type));
    file.tensors.emplace("images.evaluated", batches.in_order(0, batch_size).images);
  }
  write_tensor_file(arguments[3], file);
}
