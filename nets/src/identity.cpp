#include "identity.hpp"

#include <cstring>

namespace bncollapse::nets {

NLOHMANN_JSON_SERIALIZE_ENUM(Architecture, {{Architecture::resnet, "resnet"},
                                            {Architecture::vgg, "vgg"},
                                            {Architecture::basicnet, "basicnet"},
                                            {Architecture::plain, "plain"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Normalisation, {{Normalisation::none, "none"},
                                             {Normalisation::batch, "batch"},
                                             {Normalisation::instance, "instance"}})
NLOHMANN_JSON_SERIALIZE_ENUM(OptimizerName, {{OptimizerName::sgd, "sgd"},
                                             {OptimizerName::nesterov, "nesterov"},
                                             {OptimizerName::adam, "adam"},
                                             {OptimizerName::amsgrad, "amsgrad"},
                                             {OptimizerName::adamw, "adamw"},
                                             {OptimizerName::rmsprop, "rmsprop"},
                                             {OptimizerName::adagrad, "adagrad"}})
NLOHMANN_JSON_SERIALIZE_ENUM(ScheduleKind, {{ScheduleKind::constant, "constant"},
                                            {ScheduleKind::cosine, "cosine"},
                                            {ScheduleKind::step, "step"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Precision, {{Precision::float32, "float32"}, {Precision::bfloat16, "bfloat16"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Device, {{Device::cpu, "cpu"}, {Device::cuda, "cuda"}})

namespace {

/// FNV-1a, 64 bits, over words of 8 bytes and then the bytes left.
std::uint64_t hash(std::uint64_t state, const std::vector<std::uint8_t>& bytes) {
  constexpr std::uint64_t prime = 0x100000001b3;
  std::size_t offset = 0;
  for (; offset + 8 <= bytes.size(); offset += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + offset, 8);
    state = (state ^ word) * prime;
  }
  for (; offset < bytes.size(); ++offset) {
    state = (state ^ bytes[offset]) * prime;
  }
  return state;
}

nlohmann::json describe(const Dataset& dataset) {
  constexpr std::uint64_t start = 0xcbf29ce484222325;
  return {{"name", dataset.name},
          {"images", dataset.size()},
          {"hash", hash(hash(start, dataset.pixels), dataset.labels)}};
}

}  // namespace

nlohmann::json identity(const Training& training, const TrainAndTest& data) {
  const auto& [network, optimizer, schedule, rounds, epochs, batch, augment, seed, precision, device, threads,
               recording] = training;
  return {
      {"network",
       {{"architecture", network.architecture},
        {"depth", network.depth},
        {"width", network.width},
        {"normalisation", network.normalisation},
        {"gamma", network.gamma},
        {"beta", network.beta},
        {"alpha", network.alpha},
        {"slope", network.slope}}},
      {"optimizer",
       {{"name", optimizer.name},
        {"weight_decay", optimizer.weight_decay},
        {"decay_normalisation", optimizer.decay_normalisation},
        {"momentum", optimizer.momentum},
        {"beta1", optimizer.beta1},
        {"beta2", optimizer.beta2},
        {"epsilon", optimizer.epsilon}}},
      {"schedule",
       {{"kind", schedule.kind},
        {"learning_rate", schedule.learning_rate},
        {"minimum", schedule.minimum},
        {"milestones", schedule.milestones},
        {"factor", schedule.factor},
        {"warmup_steps", schedule.warmup_steps}}},
      {"epochs", epochs},
      {"batch", batch},
      {"augment", augment},
      {"seed", seed},
      {"precision", precision},
      {"device", device},
      {"threads", threads},
      {"train", describe(data.train)},
      {"test", describe(data.test)},
  };
}

}  // namespace bncollapse::nets
