#include "bncollapse/theory/decay.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "bncollapse/theory/fields.hpp"
#include "infinity.hpp"
#include "quadrature.hpp"
#include "require.hpp"
#include "smooth_sum.hpp"

namespace bncollapse::theory {

namespace {

/// -ln k, 0 or more.
double decay_rate(const WeightDecay& decay) { return -std::log1p(-decay.learning_rate * decay.weight_decay); }

}  // namespace

Neuron decayed_neuron(const Neuron& start, const WeightDecay& decay, double t) {
  fields::validate(start);
  fields::validate(decay);
  require_non_negative("t", t);
  const double kept = std::exp(-decay_rate(decay) * t);
  Neuron neuron = start;
  neuron.gamma *= kept;
  neuron.beta *= kept;
  return neuron;
}

std::optional<double> half_activation_time(const Law& law, const Neuron& start, const WeightDecay& decay) {
  fields::validate(start);
  fields::validate(decay);
  const double rate = decay_rate(decay);
  const double median = law.is_even() ? 0 : law.quantile(0.5);
  const double middle = start.beta + median * start.gamma;  // of z at alpha = 0
  if (!(start.alpha > 0 && middle < -start.alpha && rate > 0)) return std::nullopt;
  return std::log(-middle / start.alpha) / rate;
}

FirstActivation::FirstActivation(LawPtr law, const Neuron& start, const WeightDecay& decay,
                                 std::int64_t batch)
    : law_(std::move(law)), start_(start), decay_(decay), batch_(batch) {
  if (!law_) throw InvalidArgument("law", "is null");
  fields::validate(start);
  fields::validate(decay);
  require(batch >= 1, "batch", static_cast<double>(batch), "be 1 or more");
  if (is_constant() || start.gamma == 0) return;

  std::vector<double> thresholds = law_->breakpoints();
  for (double probability : {0.5, 1e-1, 1e-2, 1e-4, 1e-8, 1e-16, 1e-32, 1e-64, 1e-128, 1e-256, 1e-307}) {
    thresholds.push_back(law_->quantile(probability));
    thresholds.push_back(law_->upper_quantile(probability));
  }
  for (const double u : thresholds) {
    // u_t = u where k^t = -alpha / (beta_0 + u gamma_0).
    const double t = std::log((start.beta + u * start.gamma) / -start.alpha) / decay_rate(decay);
    if (t > 0 && t < 9e18) splits_.push_back(static_cast<std::int64_t>(std::ceil(t)));
  }
  std::sort(splits_.begin(), splits_.end());
}

bool FirstActivation::is_constant() const { return start_.alpha == 0 || decay_rate(decay_) == 0; }

double FirstActivation::log_inactive(double t) const {
  const Neuron neuron = decayed_neuron(start_, decay_, t);
  const double u = threshold(neuron);
  const bool upright = neuron.gamma >= 0;
  const double active = upright ? law_->survival(u) : law_->cdf(u);
  return active < 0.5 ? std::log1p(-active) : std::log(upright ? law_->cdf(u) : law_->survival(u));
}

double FirstActivation::log_survival(std::int64_t t) const {
  const double samples = static_cast<double>(batch_);
  if (t == 0) return 0;
  if (is_constant()) return samples * static_cast<double>(t) * log_inactive(0);
  if (start_.gamma == 0) {
    // P is 0 or 1, and 1 from the step on at which beta k^t + alpha is positive.
    if (start_.beta + start_.alpha > 0) return -infinity;
    return log_inactive(static_cast<double>(t - 1)) < 0 ? -infinity : 0;
  }
  const auto inactive = [this](double step) { return log_inactive(step); };
  double sum = 0;
  std::int64_t from = 0;
  for (const std::int64_t split : splits_) {
    if (split <= from || split >= t) continue;
    sum += smooth_sum(inactive, from, split, 1e-11);
    from = split;
  }
  return samples * (sum + smooth_sum(inactive, from, t, 1e-11));
}

double FirstActivation::survival(std::int64_t t) const {
  require(t >= 0, "t", static_cast<double>(t), "be 0 or more");
  return std::exp(log_survival(t));
}

std::optional<std::int64_t> FirstActivation::quantile(double probability, std::int64_t horizon) const {
  require(probability > 0 && probability < 1, "probability", probability, "lie strictly between 0 and 1");
  require(horizon >= 1, "horizon", static_cast<double>(horizon), "be 1 or more");
  const double target = std::log1p(-probability);
  std::int64_t above = 0;
  std::int64_t reached = 1;
  while (log_survival(reached) > target) {
    if (reached == horizon) return std::nullopt;
    above = reached;
    reached = reached > horizon / 2 ? horizon : 2 * reached;
  }
  while (reached - above > 1) {
    const std::int64_t middle = above + (reached - above) / 2;
    (log_survival(middle) > target ? above : reached) = middle;
  }
  return reached;
}

double FirstActivation::mean() const {
  if (is_constant()) return -1 / std::expm1(log_survival(1));
  constexpr std::int64_t for_ever = std::int64_t{1} << 62;
  const std::optional<std::int64_t> last = quantile(1 - 1e-16, for_ever);
  if (!last || start_.alpha < 0) return log_inactive(0) == -infinity ? 1 : infinity;

  constexpr std::int64_t direct = 1 << 16;
  if (*last <= direct) {
    double sum = 0;
    double log = 0;
    for (std::int64_t t = 0; t < *last; ++t) {
      sum += std::exp(log);
      log += static_cast<double>(batch_) * log_inactive(static_cast<double>(t));
    }
    return sum;
  }
  // Between the integers ln Pr[T > t] goes on by Newton's forward differences of its terms.
  const auto survival_at = [this](double t) {
    const double whole = std::floor(t);
    const double part = t - whole;
    const double next[] = {log_inactive(whole), log_inactive(whole + 1), log_inactive(whole + 2)};
    const double beyond =
        part * (next[0] +
                (part - 1) / 2 * ((next[1] - next[0]) + (part - 2) / 3 * (next[2] - 2 * next[1] + next[0])));
    return std::exp(log_survival(static_cast<std::int64_t>(whole)) + static_cast<double>(batch_) * beyond);
  };
  std::vector<std::int64_t> splits = splits_;
  for (const double probability : {1e-12, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-12})
    splits.push_back(quantile(probability, *last).value_or(*last));
  std::sort(splits.begin(), splits.end());
  double sum = 0;
  std::int64_t from = 0;
  for (const std::int64_t split : splits) {
    if (split <= from || split >= *last) continue;
    sum += smooth_sum(survival_at, from, split, 1e-9);
    from = split;
  }
  return sum + smooth_sum(survival_at, from, *last, 1e-9);
}

}  // namespace bncollapse::theory
