#include "initial_nodes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

namespace bncollapse::study {
namespace {

/// A node on the ratio beta/gamma in units of its standard deviation.
struct RatioNode {
  double ratio, weight, coarse_weight;
};

void normalize(std::vector<RatioNode>& nodes) {
  double sum = 0, coarse_sum = 0;
  for (const RatioNode& node : nodes) sum += node.weight, coarse_sum += node.coarse_weight;
  for (RatioNode& node : nodes) node.weight /= sum, node.coarse_weight /= coarse_sum;
}

/// The drift as a function of beta/gamma is smooth on this scale for x of variance 1.
constexpr double largest_spacing = 0.5;

std::vector<RatioNode> gaussian_nodes(double ratio_std) {
  constexpr double farthest = 8;
  const double spacing = std::min(largest_spacing, largest_spacing / ratio_std);
  const int half_count = 2 * static_cast<int>(std::ceil(farthest / spacing / 2));
  std::vector<RatioNode> nodes;
  for (int i = -half_count; i <= half_count; ++i) {
    const double ratio = spacing * i;
    const double density = std::exp(-ratio * ratio / 2);
    nodes.push_back({ratio, density, i % 2 == 0 ? density : 0});
  }
  normalize(nodes);
  return nodes;
}

/// Simpson's weight of node i of n (odd): 1 4 2 4 ... 2 4 1.
double simpson(int i, int n) { return i == 0 || i == n - 1 ? 1 : i % 2 == 1 ? 4 : 2; }

std::vector<RatioNode> uniform_nodes(double ratio_std) {
  constexpr int smallest_count = 33;
  constexpr double spacing = largest_spacing / 2;  // Simpson's rule weighs every second node alike
  const int quarters = static_cast<int>(std::ceil(2 * std::numbers::sqrt3 * ratio_std / spacing / 4));
  const int count = std::max(smallest_count, 4 * quarters + 1), coarse_count = (count + 1) / 2;
  std::vector<RatioNode> nodes;
  for (int i = 0; i < count; ++i) {
    const double ratio = std::numbers::sqrt3 * (2.0 * i / (count - 1) - 1);
    nodes.push_back({ratio, simpson(i, count), i % 2 == 0 ? simpson(i / 2, coarse_count) : 0});
  }
  normalize(nodes);
  return nodes;
}

std::vector<RatioNode> ratio_nodes(const sim::InitialEvenRatio& initial) {
  switch (initial.law) {
    case sim::InitialEvenRatio::Law::gaussian:
      return gaussian_nodes(initial.ratio_std);
    case sim::InitialEvenRatio::Law::uniform:
      return uniform_nodes(initial.ratio_std);
    case sim::InitialEvenRatio::Law::two_point:
      break;
  }
  return {{-1, 0.5, 0.5}, {1, 0.5, 0.5}};
}

}  // namespace

std::vector<InitialNode> initial_nodes(const sim::Experiment& experiment) {
  const double alpha = experiment.model.alpha, slope = experiment.model.slope;
  if (const auto* point = std::get_if<sim::InitialPoint>(&experiment.initial)) {
    return {{.neuron = {point->gamma, point->beta, alpha, slope}}};
  }
  const auto* even = std::get_if<sim::InitialEvenRatio>(&experiment.initial);
  if (even == nullptr) return {};
  std::vector<InitialNode> nodes;
  for (const RatioNode& node : ratio_nodes(*even)) {
    const double beta = node.ratio * even->ratio_std * even->gamma;
    nodes.push_back({{even->gamma, beta, alpha, slope}, node.weight, node.coarse_weight});
  }
  return nodes;
}

}  // namespace bncollapse::study
