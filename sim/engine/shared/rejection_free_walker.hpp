// Takes a rarely active neuron from one active sample to the next.
#pragma once

#include <cmath>
#include <cstdint>

#include "shared/draw.hpp"
#include "shared/rejection_free_plan.hpp"
#include "shared/step.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// Whether the neuron is, and by weight decay alone stays for lookahead_steps steps, active so rarely that
/// waiting is cheaper than stepping (bench/README.md): at most once in 512 samples.
BNC_HD bool can_wait(const RejectionFreePlan& plan, double gamma, double beta) {
  constexpr double threshold = 2.8856349124267147;  // Q of it is 1/512
  const double alpha = plan.step.alpha;
  const double decay = alpha > 0 ? plan.lookahead_decay : 1;  // with alpha < 0 P falls
  return decay * beta + alpha <= -threshold * (decay * std::fabs(gamma));
}

/// -ln(1 - p) for 0 <= p <= 1: the rate of an exponential wait whose steps end it with probability p each.
BNC_HD double hazard(double p) {
  if (p < 1e-4) return p * (1 + p * (1.0 / 2 + p * (1.0 / 3 + p * (1.0 / 4))));
  if (p >= 1) return infinite;
  return -log(Lane<double>(1 - p)).value();
}

/// The plan for the steps after `first_step`.
inline RejectionFreePlan make_rejection_free_plan(const StepPlan<double>& step, const Experiment& experiment,
                                                  std::int64_t first_step) {
  const theory::Optimizer& optimizer = experiment.optimizer;
  const double rate = learning_rate_at(experiment.schedule, optimizer.learning_rate, first_step + 1);
  const double shrink = rate * optimizer.weight_decay;
  const double log_decay = -hazard(shrink);
  return {step, rate, shrink, log_decay,
          exp_of_negative(Lane<double>(log_decay * static_cast<double>(lookahead_steps))).value()};
}

/// Exact in law for SGD, ReLU, Gaussian x and independent samples (docs/THEORY.md section 6). Between two
/// active samples only weight decay acts: gamma and beta shrink by k = 1 - eta lambda per step, in closed
/// form. Plain BN keeps P meanwhile, so the wait in samples is geometric. Under psBN P_t moves; over a window
/// of steps candidates arrive geometrically at its upper bound there and each is kept with probability P_t /
/// bound (thinning); P stays within a factor of about e, or so low that hardly a candidate comes. The active
/// x is drawn from its exact tail (Marsaglia: Generating a variable from the tail of the normal distribution,
/// Technometrics 6, 1964), g from its law.
///
/// The cost goes with the number of active samples, under psBN with that of windows, too. All arithmetic is
/// that of the scalar lane, in double, so every engine gives the same bits.
///
/// @tparam V  Lane<double>, one number
template <class V>
class RejectionFreeWalker {
 public:
  BNC_HD RejectionFreeWalker(const RejectionFreePlan& plan, WaitingNeuron& neuron, std::uint64_t trajectory)
      : plan_(plan),
        neuron_(neuron),
        stream_(plan.step.key, RandomPurpose::waiting, trajectory, neuron.draws) {}

  /// Takes the neuron through `waits` waits, or as many as bring it to neuron.until, or to the first
  /// multiple of resort_interval after it can wait no longer, which neuron.until then says. Several calls
  /// give what one call with the sum of their waits gives.
  BNC_HD void run(std::int64_t waits) {
    for (; waits > 0 && neuron_.is_waiting(); --waits) {
      wait();
      if (!can_wait(plan_, neuron_.gamma, neuron_.beta)) {
        const std::int64_t next = (neuron_.step + resort_interval - 1) / resort_interval * resort_interval;
        if (next < neuron_.until) neuron_.until = next;
      }
    }
  }

 private:
  /// To the next active sample's step or through a window of P without one.
  BNC_HD void wait() {
    const std::int64_t batch = plan_.step.batch;
    const auto [window, bound] = window_to(neuron_.until - neuron_.step);
    Words<V> words = draw();
    const double inactive = inactive_samples(words, bound);
    if (inactive >= static_cast<double>(window) * static_cast<double>(batch)) {
      shrink(window);
      return;
    }
    // The candidate falls into the step after these.
    const auto samples = static_cast<std::int64_t>(inactive);
    shrink(samples / batch);
    take_step(bound, words, samples % batch);
  }

  /// The step whose sample number `sample` is a candidate: `words` say whether it is taken.
  BNC_HD void take_step(double bound, Words<V> words, std::int64_t sample) {
    const StepPlan<double>& step = plan_.step;
    const double p = probability(neuron_.gamma, neuron_.beta);
    const double u = -activation_margin(V(neuron_.gamma), V(neuron_.beta), V(step.alpha)).value();
    double gamma_gradient = 0, beta_gradient = 0;
    bool active = false;
    for (;;) {
      if (uniform<V>(words.w2, words.w3).value() * bound < p) {
        active = true;
        const double x = std::copysign(1.0, neuron_.gamma) * draw_above(u);
        const Words<V> noise = draw();
        const double g = std::fma(step.noise_std, standard_draw<V>(step.noise, noise.w0, noise.w1).value(),
                                  step.noise_mean);
        gamma_gradient += g * x;
        beta_gradient += g;
      }
      words = draw();
      const double inactive = inactive_samples(words, bound);
      if (inactive >= static_cast<double>(step.batch - sample - 1)) break;
      sample += static_cast<std::int64_t>(inactive) + 1;
    }
    const StepRates<V> rates{V(plan_.rate * step.inverse_batch), V(plan_.shrink), V(0)};
    neuron_.gamma = stepped(neuron_.gamma, gamma_gradient, rates);
    neuron_.beta = stepped(neuron_.beta, beta_gradient, rates);
    ++neuron_.step;
    if (active && neuron_.first_activation == 0) neuron_.first_activation = neuron_.step;
    if (waits_for_collapse() && is_collapsed(neuron_.gamma, neuron_.beta)) {
      neuron_.collapse_time = neuron_.step;
    }
  }
  BNC_HD double stepped(double value, double gradient, const StepRates<V>& rates) const {
    Parameter<V> parameter{V(value), V(0), V(0)};
    SgdRule::update(parameter, V(gradient), rates, V(0), plan_.step.optimizer);
    return parameter.value.value();
  }

  BNC_HD Words<V> draw() { return stream_(neuron_.draws++); }

  /// Samples before the first one of those that come with probability p each: floor(E / -ln(1 - p)), as a
  /// double since it may pass any integer.
  BNC_HD static double inactive_samples(const Words<V>& words, double p) {
    const double scale = hazard(p);
    return scale > 0 ? std::floor(exponential<V>(words.w0, words.w1).value() / scale) : infinite;
  }

  /// x given x > u.
  BNC_HD double draw_above(double u) {
    for (;;) {
      const Words<V> words = draw();
      if (u > 0.5) {
        const double x = std::sqrt(std::fma(u, u, 2 * exponential<V>(words.w0, words.w1).value()));
        if (uniform<V>(words.w2, words.w3).value() * x < u) return x;
      } else {
        const double x = normal_pair<V>(words.w0, words.w1).first.value();
        if (x > u) return x;
      }
    }
  }

  BNC_HD double probability(double gamma, double beta) const {
    return gaussian_activation_probability(V(gamma), V(beta), V(plan_.step.alpha)).value();
  }

  /// k^steps.
  BNC_HD double power(std::int64_t steps) const {
    return exp_of_negative(V(plan_.log_decay * static_cast<double>(steps))).value();
  }

  /// Steps, and what P does not pass in any of them.
  struct Window {
    std::int64_t steps;
    double bound;
  };
  /// P rises with alpha > 0 and falls with alpha < 0, so it is largest at an end.
  BNC_HD Window window_of(std::int64_t steps) const {
    const double decay = plan_.step.alpha > 0 ? power(steps - 1) : 1;
    return {steps, probability(decay * neuron_.gamma, decay * neuron_.beta)};
  }
  /// The window that is best to wait in, `most` steps at most: as long as P stays near its bound, and longer
  /// where hardly a candidate comes even so; to a place where the neuron can leave.
  BNC_HD Window window_to(std::int64_t most) const {
    Window window = window_of(steady_steps(most));
    while (window.steps < most) {
      const std::int64_t steps = window.steps < resort_interval / 4 ? resort_interval : 4 * window.steps;
      const Window wider = window_of(window.steps < most / 4 && steps < most ? steps : most);
      const double samples = static_cast<double>(wider.steps) * static_cast<double>(plan_.step.batch);
      if (wider.bound * samples > 1) break;
      window = wider;
    }
    const std::int64_t beyond = (neuron_.step + window.steps) % resort_interval;
    if (window.steps < most && beyond < window.steps) window.steps -= beyond;
    return window;
  }
  /// Steps, `most` at most, in which P moves by a factor of about e.
  BNC_HD std::int64_t steady_steps(std::int64_t most) const {
    const double alpha = plan_.step.alpha;
    if (alpha == 0 || plan_.log_decay == 0 || neuron_.gamma == 0) return most;
    // The margin moves by alpha/|gamma| (k^-n - 1); ln P moves by about |margin| times that.
    const double margin = activation_margin(V(neuron_.gamma), V(neuron_.beta), V(alpha)).value();
    const double allowed = std::fabs(neuron_.gamma / alpha) / (std::fabs(margin) + 1);
    const double steps = log_of(1 + allowed) / -plan_.log_decay;
    if (steps >= static_cast<double>(most)) return most;
    return steps >= 1 ? static_cast<std::int64_t>(steps) : 1;
  }

  BNC_HD bool waits_for_collapse() const { return plan_.step.collapse_time && neuron_.collapse_time == 0; }
  BNC_HD bool is_collapsed(double gamma, double beta) const {
    const StepPlan<double>& step = plan_.step;
    return std::fabs(gamma) < step.gamma_threshold &&
           beta + step.alpha <= -step.upper_threshold * std::fabs(gamma);
  }

  /// `steps` steps of weight decay alone.
  BNC_HD void shrink(std::int64_t steps) {
    if (steps == 0) return;
    if (waits_for_collapse()) {
      const double wait = steps_to_collapse();
      if (wait <= static_cast<double>(steps)) {
        const auto n = static_cast<std::int64_t>(wait);
        const double factor = power(n);
        if (is_collapsed(factor * neuron_.gamma, factor * neuron_.beta)) {
          neuron_.collapse_time = neuron_.step + n;
        }
      }
    }
    const double factor = power(steps);
    neuron_.gamma *= factor;
    neuron_.beta *= factor;
    neuron_.step += steps;
  }
  /// The first n >= 1 with |gamma| k^n below its threshold and, where alpha < 0 and so P falls,
  /// (beta + alpha k^-n)/|gamma| low enough.
  BNC_HD double steps_to_collapse() const {
    const StepPlan<double>& step = plan_.step;
    const double radius = std::fabs(neuron_.gamma);
    double wait = 1;
    if (!(radius < step.gamma_threshold)) {
      wait = std::floor(log_of(step.gamma_threshold / radius) / plan_.log_decay) + 1;
    }
    if (step.alpha < 0) {
      const double needed = (-step.upper_threshold * radius - neuron_.beta) / step.alpha;
      const double until_improbable = needed > 1 ? std::ceil(log_of(needed) / -plan_.log_decay) : 0;
      if (wait < until_improbable) wait = until_improbable;
    }
    return wait;
  }

  /// ln x, taken for the nearest positive normal number.
  BNC_HD static double log_of(double x) {
    const double at_least = x < least_normal ? least_normal : x;
    return log(V(greatest_finite < at_least ? greatest_finite : at_least)).value();
  }

  const RejectionFreePlan& plan_;
  WaitingNeuron& neuron_;
  RandomStream<V> stream_;
};

/// RejectionFreeWalker::run as a kernel.
template <class V>
void take_waits(const RejectionFreePlan& plan, WaitingNeuron& neuron, std::uint64_t trajectory,
                std::int64_t waits) {
  RejectionFreeWalker<V>(plan, neuron, trajectory).run(waits);
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();
