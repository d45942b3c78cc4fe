#include "bncollapse/theory/optimizer_decay.hpp"

#include <algorithm>
#include <cmath>

#include "bncollapse/theory/fields.hpp"
#include "bncollapse/theory/optimizer_rule.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

// Rounded after each operation: a fused multiply-add is a slow call on processors without one.
double fma(double a, double b, double c) { return a * b + c; }
double fnma(double a, double b, double c) { return c - a * b; }
using std::sqrt;
#define BNC_HD inline
#include "bncollapse/theory/optimizer_rules.inc.hpp"
#undef BNC_HD

/// A parameter under decay alone, by its optimizer's rule.
class InactiveParameter {
 public:
  InactiveParameter(double start, const Optimizer& optimizer)
      : optimizer_(optimizer),
        constants_(rule_constants<double>(optimizer)),
        parameter_{start, rule_start(optimizer).first, rule_start(optimizer).second},
        unseen1_(std::pow(optimizer.beta1, optimizer.steps_taken)),
        unseen2_(std::pow(optimizer.beta2, optimizer.steps_taken)) {}

  double weight() const { return parameter_.value; }

  void step() {
    if (!is_steady_) update_rates();
    with_rule(constants_.rule,
              [&](auto rule) { rule.update(parameter_, 0.0, rates_, constants_.l2, constants_); });
  }

 private:
  void update_rates() {
    unseen1_ *= optimizer_.beta1;
    unseen2_ *= optimizer_.beta2;
    const RuleRates rates = rule_rates(optimizer_, optimizer_.learning_rate, unseen1_, unseen2_);
    rates_ = {rates.rate, rates.shrink, rates.root};
    is_steady_ = !has_bias_correction(optimizer_) || (1 - unseen1_ == 1 && 1 - unseen2_ == 1);
  }

  const Optimizer& optimizer_;
  RuleConstants<double> constants_;
  Parameter<double> parameter_;
  double unseen1_;  ///< beta1^t
  double unseen2_;  ///< beta2^t
  StepRates<double> rates_{};
  bool is_steady_ = false;  ///< the rates change no more
};

/// Momentum's two modes, w_n / w_0 = a (1 - d1)^n + (1 - a) (1 - d2)^n, where both are real and decay without
/// a turn of sign: w then falls steadily. With q = eta lambda, d1 < d2 solve d^2 - (1 - mu + q (1 + c mu)) d
/// + q = 0, c = 1 for Nesterov's step and 0 else, and w_1 = (1 - q (1 + c mu)) w_0.
class HeavyBall {
 public:
  static std::optional<HeavyBall> of(const Optimizer& optimizer) {
    const bool nesterov = optimizer.name == OptimizerName::nesterov;
    if (!nesterov && optimizer.name != OptimizerName::momentum) return std::nullopt;
    const double q = optimizer.learning_rate * optimizer.weight_decay;
    const double first = nesterov ? q * (1 + optimizer.momentum) : q;
    const double sum = 1 - optimizer.momentum + first;
    const double root = std::sqrt(std::max(0.0, sum * sum - 4 * q));
    HeavyBall modes;
    modes.fast_ = (sum + root) / 2;
    modes.slow_ = q / modes.fast_;
    // Close to each other the modes' shares cancel; the recursion is short there.
    if (!(q > 0 && modes.fast_ <= 1 && root > 1e-3 * sum)) return std::nullopt;
    modes.share_ = (modes.fast_ - first) / (modes.fast_ - modes.slow_);
    return modes;
  }

  /// The first n with w_n / w_0 below `ratio`, up to `horizon`.
  std::optional<std::int64_t> steps_to(double ratio, std::int64_t horizon) const {
    if (!(remaining(horizon) < ratio)) return std::nullopt;
    std::int64_t above = 0;
    std::int64_t reached = horizon;
    while (reached - above > 1) {
      const std::int64_t middle = above + (reached - above) / 2;
      (remaining(middle) < ratio ? reached : above) = middle;
    }
    return reached;
  }

  /// w_n / w_0.
  double remaining(std::int64_t steps) const {
    const double n = static_cast<double>(steps);
    return share_ * std::exp(n * std::log1p(-slow_)) + (1 - share_) * std::pow(1 - fast_, n);
  }

 private:
  double slow_ = 0, fast_ = 0, share_ = 1;
};

bool is_geometric(const Optimizer& optimizer) {
  return optimizer.name == OptimizerName::sgd ||
         (optimizer.name == OptimizerName::adamw && optimizer.first_moment == 0);
}

/// The first n with |1 - eta lambda|^n below `ratio`, up to `horizon`.
std::optional<std::int64_t> geometric_steps_to(double ratio, const Optimizer& optimizer,
                                               std::int64_t horizon) {
  const double keep = std::abs(1 - optimizer.learning_rate * optimizer.weight_decay);
  if (keep >= 1) return std::nullopt;
  if (keep == 0) return horizon >= 1 ? std::optional<std::int64_t>(1) : std::nullopt;
  const double steps = std::log(ratio) / std::log1p(keep - 1);
  if (steps >= static_cast<double>(horizon)) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(steps)) + 1;
}

/// Steps of a recursion that still end in seconds.
constexpr std::int64_t longest_recursion = 1'000'000'000;

void look(std::int64_t steps, std::int64_t of, const WorkWatch& watch) {
  constexpr std::int64_t between_looks = 1 << 20;
  if (steps % between_looks == 0 && watch) watch(static_cast<double>(steps) / static_cast<double>(of));
}

}  // namespace

std::vector<std::int64_t> inactive_steps_to(const std::vector<double>& falling_thresholds, double start,
                                            const Optimizer& optimizer, std::int64_t horizon,
                                            const WorkWatch& watch) {
  fields::validate(optimizer);
  for (const double threshold : falling_thresholds)
    require(std::isfinite(threshold) && threshold > 0, "threshold", threshold, "be finite and above 0");
  require(std::is_sorted(falling_thresholds.rbegin(), falling_thresholds.rend()), "threshold",
          falling_thresholds.empty() ? 0 : falling_thresholds.front(), "stand before the lower ones");
  require_finite("start", start);
  require(horizon >= 0, "horizon", static_cast<double>(horizon), "be 0 or more");

  std::vector<std::int64_t> reached;
  const auto next = [&] { return falling_thresholds[reached.size()]; };
  const auto is_done = [&] { return reached.size() == falling_thresholds.size(); };
  while (!is_done() && std::abs(start) < next()) reached.push_back(0);

  const bool moves = optimizer.weight_decay > 0 || optimizer.first_moment != 0;
  const bool geometric = is_geometric(optimizer);
  const auto modes = HeavyBall::of(optimizer);
  if (geometric || modes) {
    while (!is_done()) {
      const auto steps = geometric ? geometric_steps_to(next() / std::abs(start), optimizer, horizon)
                                   : modes->steps_to(next() / std::abs(start), horizon);
      if (!steps) break;
      reached.push_back(*steps);
    }
    return reached;
  }

  InactiveParameter parameter(start, optimizer);
  const std::int64_t longest = std::min(horizon, longest_recursion);
  for (std::int64_t steps = 1; moves && !is_done() && steps <= longest; ++steps) {
    look(steps, longest, watch);
    parameter.step();
    while (!is_done() && std::abs(parameter.weight()) < next()) reached.push_back(steps);
    if (!std::isfinite(parameter.weight())) break;
  }
  return reached;
}

std::optional<std::int64_t> inactive_steps_to(double threshold, double start, const Optimizer& optimizer,
                                              std::int64_t horizon, const WorkWatch& watch) {
  const auto reached = inactive_steps_to(std::vector{threshold}, start, optimizer, horizon, watch);
  return reached.empty() ? std::nullopt : std::optional(reached.front());
}

std::optional<double> inactive_value(double start, std::int64_t steps, const Optimizer& optimizer,
                                     const WorkWatch& watch) {
  fields::validate(optimizer);
  require_finite("start", start);
  require(steps >= 0, "steps", static_cast<double>(steps), "be 0 or more");
  if (is_geometric(optimizer))
    return start * std::pow(1 - optimizer.learning_rate * optimizer.weight_decay, static_cast<double>(steps));
  if (const auto modes = HeavyBall::of(optimizer)) return start * modes->remaining(steps);
  if (steps > longest_recursion) return std::nullopt;
  InactiveParameter parameter(start, optimizer);
  for (std::int64_t step = 1; step <= steps; ++step) {
    look(step, steps, watch);
    parameter.step();
  }
  return parameter.weight();
}

std::optional<double> momentum_decay(const std::function<double(std::int64_t t)>& learning_rate,
                                     double weight_decay, double momentum, std::int64_t begin,
                                     std::int64_t end) {
  require_non_negative("weight_decay", weight_decay);
  require(momentum >= 0 && momentum < 1, "momentum", momentum, "lie in [0, 1)");
  require(begin >= 0, "begin", static_cast<double>(begin), "be 0 or more");
  require(end >= begin, "end", static_cast<double>(end), "be the beginning or later");
  double weight = 1, velocity = 0, at_begin = 1;
  for (std::int64_t t = 0; t < end; ++t) {
    if (t == begin) at_begin = weight;
    const double rate = learning_rate(t);
    require_non_negative("learning_rate", rate);
    velocity = momentum * velocity + weight_decay * weight;
    weight -= rate * velocity;
    if (!(weight > 0)) return std::nullopt;
  }
  return begin == end ? 1 : weight / at_begin;
}

}  // namespace bncollapse::theory
