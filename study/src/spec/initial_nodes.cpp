#include "spec/initial_nodes.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numbers>
#include <utility>
#include <variant>

#include "bncollapse/study/point.hpp"

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

/// Above this standard deviation of beta/gamma even nodes would be many, nearly all of them where the drift
/// has gone.
constexpr double widest_even = 16;

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

/// A wide law: Simpson's rule over y with beta/gamma = centre + sinh(y), whose nodes lie dense where the
/// threshold is near 0, `centre`, and then ever farther apart. Their number goes as the logarithm of the
/// width.
template <class Density>
std::vector<RatioNode> graded_nodes(double ratio_std, double centre, double farthest,
                                    const Density& density) {
  constexpr double spacing = 1.0 / 16;
  constexpr int largest_count = 1025;  // wider than 10^12 they stand farther apart
  const double reach = std::min(farthest * ratio_std, 1e300);
  const double from = std::asinh(-reach - centre);
  const double to = std::asinh(reach - centre);
  const double wanted = 4 * std::ceil((to - from) / spacing / 4) + 1;
  const int count = wanted < largest_count ? static_cast<int>(wanted) : largest_count;
  const int coarse_count = (count + 1) / 2;
  std::vector<RatioNode> nodes;
  for (int i = 0; i < count; ++i) {
    const double y = from + (to - from) * i / (count - 1);
    const double ratio = std::clamp(centre / ratio_std + std::sinh(y) / ratio_std, -farthest, farthest);
    const double weight = density(ratio) * std::cosh(y) / ratio_std;
    nodes.push_back(
        {ratio, weight * simpson(i, count), i % 2 == 0 ? weight * simpson(i / 2, coarse_count) : 0});
  }
  normalize(nodes);
  return nodes;
}

/// beta/gamma at which the threshold meets a break of the law of x, and the width of the layer around it in
/// which one step does.
struct Layer {
  double centre, width;
};

/// The drift turns within a step's length of a break, and there its size is that of the whole: Gauss-Kronrod
/// panels (7, 15), from a layer on four times as wide each.
template <class Density>
std::vector<RatioNode> panel_nodes(double ratio_std, const std::vector<Layer>& layers, double centre,
                                   double farthest, const Density& density) {
  constexpr double widest = 0.5, growth = 4;
  constexpr std::size_t most_borders = 1000;
  std::vector<double> borders{-farthest, farthest};
  const auto add = [&](double ratio) {
    if (std::abs(ratio) < farthest) borders.push_back(ratio);
  };
  for (const Layer& layer : layers) add(layer.centre / ratio_std);
  for (const Layer& layer : layers) {
    for (double width = layer.width; width < widest && borders.size() < most_borders; width *= growth) {
      add((layer.centre - width) / ratio_std);
      add((layer.centre + width) / ratio_std);
    }
  }
  std::sort(borders.begin(), borders.end());
  using Rule = boost::math::quadrature::gauss_kronrod<double, 15>;
  const auto& gauss = boost::math::quadrature::gauss<double, 7>::weights();
  std::vector<RatioNode> nodes;
  const auto add_panel = [&](double from, double to) {
    const double half = 0.5 * (to - from), middle = from + half;
    for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
      const double coarse = i % 2 == 0 ? gauss[i / 2] : 0;
      for (const double side : {-1.0, 1.0}) {
        if (i == 0 && side > 0) continue;
        const double ratio = middle + side * half * Rule::abscissa()[i];
        const double weight = half * density(ratio);
        nodes.push_back({ratio, weight * Rule::weights()[i], weight * coarse});
      }
    }
  };
  // Panels of the scale of the law of beta/gamma and, in beta/gamma, of that of x or of their distance.
  for (std::size_t i = 1; i < borders.size(); ++i) {
    std::vector<std::pair<double, double>> open{{borders[i - 1], borders[i]}};
    while (!open.empty()) {
      const auto [from, to] = open.back();
      open.pop_back();
      const double middle = from + 0.5 * (to - from);
      const double distance = std::abs(middle * ratio_std - centre);
      if (!(from < middle && middle < to)) continue;
      if (to - from > 1 || (to - from) * ratio_std > std::max(2 * widest, distance / 2)) {
        open.emplace_back(middle, to);
        open.emplace_back(from, middle);
      } else {
        add_panel(from, to);
      }
    }
  }
  normalize(nodes);
  return nodes;
}

/// Where the threshold on x meets a break of its law.
std::vector<Layer> layers_of(const sim::Experiment& experiment, const sim::InitialEvenRatio& initial) {
  const theory::Noise& noise = experiment.model.noise;
  const theory::SgdStep step = first_step(experiment);
  const double batch = std::sqrt(static_cast<double>(step.batch));
  const double reach =
      step.learning_rate * std::hypot(noise.std / batch, noise.mean) / std::abs(initial.gamma);
  std::vector<Layer> layers;
  for (const double b : experiment.model.x_law->breakpoints()) {
    const double width = reach * (1 + b * b);
    layers.push_back({-b - experiment.model.alpha / initial.gamma, std::max(width, 1e-12)});
  }
  return layers;
}

/// @param centre  beta/gamma at which the threshold is 0
std::vector<RatioNode> ratio_nodes(const sim::Experiment& experiment, const sim::InitialEvenRatio& initial,
                                   double centre) {
  const bool wide = initial.ratio_std > widest_even;
  const bool has_breaks = initial.gamma != 0 && !experiment.model.x_law->breakpoints().empty();
  const auto gaussian = [](double ratio) { return std::exp(-ratio * ratio / 2); };
  const auto uniform = [](double) { return 1.0; };
  constexpr double farthest_gaussian = 8;
  if (has_breaks && initial.law != sim::InitialEvenRatio::Law::rademacher) {
    const std::vector<Layer> layers = layers_of(experiment, initial);
    return initial.law == sim::InitialEvenRatio::Law::gaussian
               ? panel_nodes(initial.ratio_std, layers, centre, farthest_gaussian, gaussian)
               : panel_nodes(initial.ratio_std, layers, centre, std::numbers::sqrt3, uniform);
  }
  switch (initial.law) {
    case sim::InitialEvenRatio::Law::gaussian:
      return wide ? graded_nodes(initial.ratio_std, centre, farthest_gaussian, gaussian)
                  : gaussian_nodes(initial.ratio_std);
    case sim::InitialEvenRatio::Law::uniform:
      return wide ? graded_nodes(initial.ratio_std, centre, std::numbers::sqrt3, uniform)
                  : uniform_nodes(initial.ratio_std);
    case sim::InitialEvenRatio::Law::rademacher:
      break;
  }
  return {{-1, 0.5, 0.5}, {1, 0.5, 0.5}};
}

}  // namespace

std::vector<InitialNode> initial_nodes(const sim::Experiment& experiment) {
  const double alpha = experiment.model.alpha, leak = experiment.model.leak;
  if (const auto* point = std::get_if<sim::InitialPoint>(&experiment.initial)) {
    return {{.neuron = {point->gamma, point->beta, alpha, leak}}};
  }
  const auto* even = std::get_if<sim::InitialEvenRatio>(&experiment.initial);
  if (even == nullptr) return {};
  std::vector<InitialNode> nodes;
  const double centre = even->gamma != 0 ? -alpha / even->gamma : 0;
  for (const RatioNode& node : ratio_nodes(experiment, *even, centre)) {
    const double beta = node.ratio * even->ratio_std * even->gamma;
    nodes.push_back({{even->gamma, beta, alpha, leak}, node.weight, node.coarse_weight});
  }
  return nodes;
}

}  // namespace bncollapse::study
