#include <algorithm>
#include <cmath>

#include "bncollapse/theory/law.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

/// A density that is constant on each bin; moments are summed from the tails inwards.
class EmpiricalLaw final : public Law {
 public:
  EmpiricalLaw(std::vector<double> edges, std::vector<double> densities)
      : edges_(std::move(edges)), densities_(std::move(densities)) {
    const std::size_t bins = densities_.size();
    for (int k = 0; k < 3; ++k) {
      auto& below = below_[static_cast<std::size_t>(k)];
      auto& above = above_[static_cast<std::size_t>(k)];
      below.assign(bins + 1, 0);
      above.assign(bins + 1, 0);
      for (std::size_t i = 0; i < bins; ++i) below[i + 1] = below[i] + part(k, i, edges_[i], edges_[i + 1]);
      for (std::size_t i = bins; i-- > 0;) above[i] = above[i + 1] + part(k, i, edges_[i], edges_[i + 1]);
    }
    is_even_ = true;
    for (std::size_t i = 0; i < bins && is_even_; ++i) {
      is_even_ = edges_[i] == -edges_[bins - i] && densities_[i] == densities_[bins - 1 - i];
    }
  }

  LawName name() const override { return LawName::empirical; }
  double support_lower() const override { return edges_.front(); }
  double support_upper() const override { return edges_.back(); }
  std::vector<double> breakpoints() const override { return edges_; }
  bool is_even() const override { return is_even_; }

  double pdf(double x) const override {
    require_number("x", x);
    const double right = x >= edges_.back() || x < edges_.front() ? 0 : densities_[bin(x)];
    const auto edge = std::lower_bound(edges_.begin(), edges_.end(), x);
    if (edge == edges_.end() || *edge != x) return right;
    const double left =
        edge == edges_.begin() ? 0 : densities_[static_cast<std::size_t>(edge - edges_.begin()) - 1];
    return 0.5 * (left + right);
  }

  double pdf_derivative(double x) const override {
    require_number("x", x);
    return 0;
  }

  double cdf(double x) const override { return lower_moment(0, x); }
  double survival(double x) const override { return upper_moment(0, x); }

  double upper_moment(int k, double u) const override {
    require_moment_order(k);
    require_number("u", u);
    if (k == 1 && u < 0) return -sum_below(1, u);
    return at_most_one(k, sum_above(k, u));
  }

  double lower_moment(int k, double u) const override {
    require_moment_order(k);
    require_number("u", u);
    if (k == 1 && u > 0) return -sum_above(1, u);
    return at_most_one(k, sum_below(k, u));
  }

  double quantile(double probability) const override {
    require_probability(probability);
    if (probability == 0 || probability == 1) return probability == 0 ? edges_.front() : edges_.back();
    const auto& below = below_[0];
    const auto upper = std::lower_bound(below.begin() + 1, below.end() - 1, probability);
    const auto i = static_cast<std::size_t>(upper - below.begin()) - 1;
    return std::min(edges_[i] + (probability - below[i]) / densities_[i], edges_[i + 1]);
  }

  double upper_quantile(double probability) const override {
    require_probability(probability);
    if (probability == 0 || probability == 1) return probability == 0 ? edges_.back() : edges_.front();
    const auto& above = above_[0];
    const auto lower = std::lower_bound(above.rbegin() + 1, above.rend() - 1, probability);
    const auto i = static_cast<std::size_t>(above.rend() - lower) - 1;
    return std::max(edges_[i + 1] - (probability - above[i + 1]) / densities_[i], edges_[i]);
  }

 private:
  /// A sum of probabilities over the bins may end a rounding above 1.
  static double at_most_one(int k, double sum) { return k == 0 ? std::min(sum, 1.0) : sum; }

  /// E[x^k 1(from < x < to)] within bin i.
  double part(int k, std::size_t i, double from, double to) const {
    const double mass = densities_[i] * (to - from);
    if (k == 0) return mass;
    return k == 1 ? mass * (from + to) / 2 : mass * (from * from + from * to + to * to) / 3;
  }

  /// The bin that holds x, edges_.front() <= x < edges_.back().
  std::size_t bin(double x) const {
    return static_cast<std::size_t>(std::upper_bound(edges_.begin(), edges_.end(), x) - edges_.begin()) - 1;
  }

  double sum_above(int k, double u) const {
    const auto& above = above_[static_cast<std::size_t>(k)];
    if (u <= edges_.front()) return above.front();
    if (u >= edges_.back()) return 0;
    const std::size_t i = bin(u);
    return above[i + 1] + part(k, i, u, edges_[i + 1]);
  }

  double sum_below(int k, double u) const {
    const auto& below = below_[static_cast<std::size_t>(k)];
    if (u <= edges_.front()) return 0;
    if (u >= edges_.back()) return below.back();
    const std::size_t i = bin(u);
    return below[i] + part(k, i, edges_[i], u);
  }

  std::vector<double> edges_;
  std::vector<double> densities_;
  std::vector<double> below_[3];  ///< E[x^k 1(x < edge)]
  std::vector<double> above_[3];  ///< E[x^k 1(x > edge)]
  bool is_even_;
};

}  // namespace

LawPtr make_empirical_law(std::vector<double> edges, std::vector<double> weights) {
  if (edges.size() < 2) throw InvalidArgument("edges", "must hold at least 2 values");
  for (std::size_t i = 0; i < edges.size(); ++i) {
    require_finite("edges", edges[i]);
    if (i > 0) require(edges[i] > edges[i - 1], "edges", edges[i], "lie above the edge before it");
  }
  if (weights.size() + 1 != edges.size()) {
    throw InvalidArgument("weights", "holds " + std::to_string(weights.size()) + " values; " +
                                         std::to_string(edges.size()) + " edges need " +
                                         std::to_string(edges.size() - 1));
  }
  double largest = 0;
  for (const double weight : weights) {
    require_non_negative("weights", weight);
    largest = std::max(largest, weight);
  }
  if (largest == 0) throw InvalidArgument("weights", "are all 0; at least one must be positive");

  // In units of the range and of the largest weight, so that nothing overflows.
  const double origin = edges.front() / 2 + edges.back() / 2;
  const double unit = edges.back() / 2 - edges.front() / 2;
  double total = 0;
  for (double& edge : edges) edge = (edge - origin) / unit;
  for (double& weight : weights) total += weight /= largest;
  double mean = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) mean += weights[i] / total * (edges[i] + edges[i + 1]) / 2;
  double variance = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double from = edges[i] - mean;
    const double to = edges[i + 1] - mean;
    variance += weights[i] / total * (from * from + from * to + to * to) / 3;
  }
  const double deviation = std::sqrt(variance);
  for (double& edge : edges) edge = (edge - mean) / deviation;
  std::vector<double> densities(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    require(edges[i + 1] > edges[i], "edges", edges[i], "differ by more than their rounding");
    densities[i] = weights[i] / total / (edges[i + 1] - edges[i]);
  }
  return std::make_shared<EmpiricalLaw>(std::move(edges), std::move(densities));
}

}  // namespace bncollapse::theory
