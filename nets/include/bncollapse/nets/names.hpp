#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "bncollapse/nets/training.hpp"

namespace bncollapse::nets {

/// The names of the enumerators, as specs, results and checkpoints write them.
template <class Enum>
struct EnumNames;

template <>
struct EnumNames<Architecture> {
  static constexpr std::array<std::pair<Architecture, std::string_view>, 4> table{
      {{Architecture::resnet, "resnet"},
       {Architecture::vgg, "vgg"},
       {Architecture::basicnet, "basicnet"},
       {Architecture::plain, "plain"}}};
};

template <>
struct EnumNames<Normalisation> {
  static constexpr std::array<std::pair<Normalisation, std::string_view>, 3> table{
      {{Normalisation::none, "none"},
       {Normalisation::batch, "batch"},
       {Normalisation::instance, "instance"}}};
};

template <>
struct EnumNames<OptimizerName> {
  static constexpr std::array<std::pair<OptimizerName, std::string_view>, 7> table{
      {{OptimizerName::sgd, "sgd"},
       {OptimizerName::nesterov, "nesterov"},
       {OptimizerName::adam, "adam"},
       {OptimizerName::amsgrad, "amsgrad"},
       {OptimizerName::adamw, "adamw"},
       {OptimizerName::rmsprop, "rmsprop"},
       {OptimizerName::adagrad, "adagrad"}}};
};

template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::array<std::pair<ScheduleKind, std::string_view>, 3> table{
      {{ScheduleKind::constant, "constant"}, {ScheduleKind::cosine, "cosine"}, {ScheduleKind::step, "step"}}};
};

template <>
struct EnumNames<Precision> {
  static constexpr std::array<std::pair<Precision, std::string_view>, 3> table{
      {{Precision::float32, "float32"}, {Precision::tf32, "tf32"}, {Precision::bfloat16, "bfloat16"}}};
};

template <>
struct EnumNames<Device> {
  static constexpr std::array<std::pair<Device, std::string_view>, 2> table{
      {{Device::cpu, "cpu"}, {Device::cuda, "cuda"}}};
};

template <class Enum>
constexpr std::string_view name_of(Enum value) {
  for (const auto& [enumerator, name] : EnumNames<Enum>::table) {
    if (enumerator == value) {
      return name;
    }
  }
  return {};
}

}  // namespace bncollapse::nets
