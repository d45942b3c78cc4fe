#include "identity.hpp"

#include "bncollapse/nets/names.hpp"

namespace bncollapse::nets {

namespace {

nlohmann::json describe(const Dataset& dataset) {
  return {{"name", dataset.name}, {"images", dataset.size()}, {"hash", fingerprint(dataset)}};
}

}  // namespace

nlohmann::json identity(const Training& training, const TrainAndTest& data) {
  const auto& [network, optimizer, schedule, rounds, epochs, batch, augment, seed, precision, device, threads,
               recording] = training;
  return {
      {"network",
       {{"architecture", name_of(network.architecture)},
        {"depth", network.depth},
        {"width", network.width},
        {"normalisation", name_of(network.normalisation)},
        {"gamma", network.gamma},
        {"beta", network.beta},
        {"alpha", network.alpha},
        {"slope", network.slope}}},
      {"optimizer",
       {{"name", name_of(optimizer.name)},
        {"weight_decay", optimizer.weight_decay},
        {"decay_normalisation", optimizer.decay_normalisation},
        {"momentum", optimizer.momentum},
        {"beta1", optimizer.beta1},
        {"beta2", optimizer.beta2},
        {"epsilon", optimizer.epsilon}}},
      {"schedule",
       {{"kind", name_of(schedule.kind)},
        {"learning_rate", schedule.learning_rate},
        {"minimum", schedule.minimum},
        {"milestones", schedule.milestones},
        {"factor", schedule.factor},
        {"warmup_steps", schedule.warmup_steps}}},
      {"epochs", epochs},
      {"batch", batch},
      {"augment", augment},
      {"seed", seed},
      {"precision", name_of(precision)},
      {"device", name_of(device)},
      {"threads", threads},
      {"train", describe(data.train)},
      {"test", describe(data.test)},
  };
}

}  // namespace bncollapse::nets
