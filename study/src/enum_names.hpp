#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bncollapse/nets/names.hpp"
#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/theory/optimizer_decay.hpp"

namespace bncollapse::study {

/// The names that a spec uses for enumerators: here those of the simulator.
template <class Enum>
struct EnumNames : nets::EnumNames<Enum> {};

template <>
struct EnumNames<theory::OptimizerName> {
  using Enum = theory::OptimizerName;
  static constexpr std::array<std::pair<Enum, std::string_view>, 5> table{{{Enum::sgd, "sgd"},
                                                                           {Enum::momentum, "momentum"},
                                                                           {Enum::nesterov, "nesterov"},
                                                                           {Enum::adam_l2, "adam_l2"},
                                                                           {Enum::adamw, "adamw"}}};
};

template <>
struct EnumNames<sim::BatchMode> {
  using Enum = sim::BatchMode;
  static constexpr std::array<std::pair<Enum, std::string_view>, 2> table{
      {{Enum::exact, "exact"}, {Enum::gaussian_limit, "gaussian_limit"}}};
};

template <>
struct EnumNames<sim::Schedule::Kind> {
  using Enum = sim::Schedule::Kind;
  static constexpr std::array<std::pair<Enum, std::string_view>, 4> table{
      {{Enum::constant, "constant"},
       {Enum::step, "step"},
       {Enum::cosine, "cosine"},
       {Enum::cosine_restarts, "cosine_restarts"}}};
};

template <>
struct EnumNames<sim::InitialEvenRatio::Law> {
  using Enum = sim::InitialEvenRatio::Law;
  static constexpr std::array<std::pair<Enum, std::string_view>, 3> table{
      {{Enum::gaussian, "gaussian"}, {Enum::uniform, "uniform"}, {Enum::two_point, "two_point"}}};
};

template <>
struct EnumNames<sim::Precision> {
  using Enum = sim::Precision;
  static constexpr std::array<std::pair<Enum, std::string_view>, 2> table{
      {{Enum::float32, "float32"}, {Enum::float64, "float64"}}};
};

template <class Enum>
std::vector<std::string> enum_names() {
  std::vector<std::string> names;
  for (const auto& entry : EnumNames<Enum>::table) names.emplace_back(entry.second);
  return names;
}

/// The enumerator of a name that validation has let through.
template <class Enum>
Enum enum_of(std::string_view name) {
  for (const auto& [value, text] : EnumNames<Enum>::table) {
    if (text == name) return value;
  }
  return EnumNames<Enum>::table.front().first;
}

template <class Enum>
std::string_view enum_name(Enum value) {
  for (const auto& [enumerator, text] : EnumNames<Enum>::table) {
    if (enumerator == value) return text;
  }
  return {};
}

}  // namespace bncollapse::study
