#include "spec/auto_bins.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "bncollapse/study/point.hpp"
#include "bncollapse/theory/optimizer_rule.hpp"

namespace bncollapse::study {
namespace {

using Interval = ExpectedRanges::Interval;
constexpr double deviations = 5;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

Interval around(double mean, double std) { return {mean - deviations * std, mean + deviations * std}; }

Interval ends(const std::vector<double>& values) {
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  return {*lowest, *highest};
}

struct InitialRanges {
  Interval gamma, beta;
};

InitialRanges initial_ranges(const sim::Initial& initial) {
  return std::visit(
      Overloaded{[](const sim::InitialPoint& law) -> InitialRanges {
                   return {around(law.gamma, 0), around(law.beta, 0)};
                 },
                 [](const sim::InitialNormal& law) -> InitialRanges {
                   return {around(law.gamma_mean, law.gamma_std), around(law.beta_mean, law.beta_std)};
                 },
                 [](const sim::InitialUniform& law) -> InitialRanges {
                   return {{law.gamma_lower, law.gamma_upper}, {law.beta_lower, law.beta_upper}};
                 },
                 [](const sim::InitialEvenRatio& law) -> InitialRanges {
                   return {around(law.gamma, 0), around(0, std::abs(law.gamma) * law.ratio_std)};
                 },
                 [](const sim::InitialTable& law) -> InitialRanges {
                   return {ends(law.gamma), ends(law.beta)};
                 }},
      initial);
}

/// Five standard deviations of the noise part of T steps, and the mean part.
double expected_spread(const sim::Experiment& experiment) {
  const theory::Optimizer& optimizer = experiment.optimizer;
  const theory::Noise& noise = experiment.model.noise;
  const double steps = static_cast<double>(experiment.steps);
  if (!theory::is_linear(optimizer)) return deviations * optimizer.learning_rate * std::sqrt(steps);
  const double gain = optimizer.name == theory::OptimizerName::sgd ? 1 : 1 / (1 - optimizer.momentum);
  const double batch = static_cast<double>(experiment.model.batch);
  return optimizer.learning_rate * gain *
         (deviations * noise.std * std::sqrt(steps / batch) + std::abs(noise.mean) * steps);
}

Interval widened(Interval interval, double spread, bool decays) {
  if (decays) interval = {std::min(interval.lower, 0.0), std::max(interval.upper, 0.0)};
  interval = {interval.lower - spread, interval.upper + spread};
  if (interval.upper > interval.lower) return interval;
  const double half_width = std::max(1e-3, 0.01 * std::abs(interval.lower));
  return {interval.lower - half_width, interval.upper + half_width};
}

}  // namespace

ExpectedRanges expected_ranges(const sim::Experiment& experiment) {
  constexpr double u_end = 10, u_margin = 2;
  const auto [gamma, beta] = initial_ranges(experiment.initial);
  const double spread = expected_spread(experiment);
  const bool decays = experiment.optimizer.weight_decay > 0;
  const double u = theory::threshold(mean_initial_neuron(experiment));
  const double u_farthest = std::isfinite(u) ? std::max(u_end, std::abs(u) + u_margin) : u_end;
  return {widened(gamma, spread, decays), widened(beta, spread, decays), {-u_farthest, u_farthest}};
}

}  // namespace bncollapse::study
