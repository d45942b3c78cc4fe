// Trains a network on images in memory, epoch after epoch: for each line on standard input one epoch,
// answered by its seconds and the core's clock before it.
// Arguments: architecture depth width batch precision threads images device.

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/nets/fields.hpp"
#include "bncollapse/nets/trainer.hpp"
#include "measure.hpp"

using namespace bncollapse::nets;

namespace {

Precision precision_of(std::string_view wanted) {
  if (const auto precision = bncollapse::fields::enumerator_of<Precision>(wanted)) return *precision;
  throw std::invalid_argument("there is no precision of the name " + std::string(wanted));
}

Training training_of(char** arguments) {
  const auto number = [&](int position) { return std::strtoll(arguments[position], nullptr, 10); };
  const std::string architecture = arguments[1];
  Training training;
  training.network.architecture = architecture == "resnet" ? Architecture::resnet
                                  : architecture == "vgg"  ? Architecture::vgg
                                                           : Architecture::plain;
  training.network.depth = number(2);
  training.network.width = number(3);
  training.schedule.kind = ScheduleKind::constant;
  training.schedule.learning_rate = 0.05;
  training.rounds = 1;
  training.epochs = 1'000'000;
  training.batch = number(4);
  training.precision = precision_of(arguments[5]);
  training.threads = static_cast<int>(number(6));
  training.device = std::string(arguments[8]) == "cuda" ? Device::cuda : Device::cpu;
  return training;
}

void measure(const Training& training, std::int64_t images) {
  Trainer trainer(training, synthetic_dataset(images, 500, 1));
  // Once forward, once for the weights' gradients, once for the inputs' but for the image's.
  const std::vector<LayerShape> shapes = trainer.shapes();
  const std::int64_t multiply_adds = 3 * multiplications(shapes) - multiplications({shapes[0]});
  std::cout << nlohmann::json{{"images", images / training.batch * training.batch},
                              {"multiply_adds_per_image", multiply_adds}}
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const double hertz = bncollapse::bench::core_hertz();
    const EpochResult epoch = trainer.run_epoch();
    std::cout << nlohmann::json{{"seconds", epoch.seconds}, {"loss", epoch.loss}, {"hertz", hertz}}
              << std::endl;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 9) {
    std::cerr << "usage: " << arguments[0]
              << " ARCHITECTURE DEPTH WIDTH BATCH PRECISION THREADS IMAGES DEVICE\n";
    return 2;
  }
  try {
    measure(training_of(arguments), std::strtoll(arguments[7], nullptr, 10));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
