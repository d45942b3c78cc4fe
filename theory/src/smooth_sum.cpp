#include "smooth_sum.hpp"

#include <Eigen/Eigenvalues>
#include <array>
#include <bit>
#include <cmath>

namespace bncollapse::theory {

namespace {

constexpr int order = 12;
constexpr std::int64_t direct = 32;
constexpr double negligible = 1e-25;  // above the noise of terms that are hardly above the smallest double

/// Nodes (offsets from the first integer) and weights of the Gauss rule for a sum over `count` integers:
/// the eigenvalues of the Jacobi matrix of Gram's polynomials, whose off-diagonal elements are
/// sqrt(n^2 (N^2 - n^2) / (4 (4 n^2 - 1))) (W. Gautschi, Orthogonal Polynomials, 2004, section 1.5.1).
struct Rule {
  std::array<double, order> offset;
  std::array<double, order> weight;
};

Rule make_rule(std::int64_t count) {
  const double size = static_cast<double>(count);
  Eigen::VectorXd diagonal = Eigen::VectorXd::Zero(order);
  Eigen::VectorXd off_diagonal(order - 1);
  for (int i = 1; i < order; ++i) {
    const double n = i;
    off_diagonal(i - 1) = 0.5 * n * std::sqrt((1 - n / size * (n / size)) / (4 * n * n - 1));
  }
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(diagonal, off_diagonal);
  Rule rule;
  for (int i = 0; i < order; ++i) {
    const auto node = static_cast<std::size_t>(i);
    rule.offset[node] = 0.5 * (size - 1) + size * solver.eigenvalues()(i);
    rule.weight[node] = size * solver.eigenvectors()(0, i) * solver.eigenvectors()(0, i);
  }
  return rule;
}

/// The rule for 2^level integers.
const Rule& rule_of(int level) {
  static const std::array<Rule, 63> rules = [] {
    std::array<Rule, 63> made{};
    for (int i = 0; i < 63; ++i) {
      if ((std::int64_t{1} << i) >= direct / 2)
        made[static_cast<std::size_t>(i)] = make_rule(std::int64_t{1} << i);
    }
    return made;
  }();
  return rules[static_cast<std::size_t>(level)];
}

class Sum {
 public:
  Sum(const std::function<double(double)>& f, double tolerance) : f_(f), tolerance_(tolerance) {}

  double total() const { return total_; }

  /// Adds the 2^level terms from `from` on.
  void add(std::int64_t from, int level) {
    if (is_direct(level)) {
      add_directly(from, level);
    } else {
      add_refined(from, level, rule_sum(from, level));
    }
  }

 private:
  static bool is_direct(int level) { return (std::int64_t{1} << level) <= direct; }

  void add_directly(std::int64_t from, int level) {
    for (std::int64_t j = from; j < from + (std::int64_t{1} << level); ++j)
      total_ += f_(static_cast<double>(j));
  }

  double rule_sum(std::int64_t from, int level) const {
    const Rule& rule = rule_of(level);
    double sum = 0;
    for (std::size_t i = 0; i < order; ++i) {
      sum += rule.weight[i] * f_(static_cast<double>(from) + rule.offset[i]);
    }
    return sum;
  }

  void add_refined(std::int64_t from, int level, double whole) {
    if (is_direct(level)) return add_directly(from, level);
    const std::int64_t middle = from + (std::int64_t{1} << (level - 1));
    const double left = rule_sum(from, level - 1);
    const double right = rule_sum(middle, level - 1);
    const double both = left + right;
    if (both == whole || std::abs(both - whole) <= tolerance_ * std::abs(total_ + both) + negligible) {
      total_ += both;
      return;
    }
    add_refined(from, level - 1, left);
    add_refined(middle, level - 1, right);
  }

  const std::function<double(double)>& f_;
  double tolerance_;
  double total_ = 0;
};

}  // namespace

double smooth_sum(const std::function<double(double)>& f, std::int64_t from, std::int64_t to,
                  double tolerance) {
  Sum sum(f, tolerance);
  while (from < to) {
    const int level = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(to - from))) - 1;
    sum.add(from, level);
    from += std::int64_t{1} << level;
  }
  return sum.total();
}

}  // namespace bncollapse::theory
