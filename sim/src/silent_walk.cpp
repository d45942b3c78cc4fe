#define BNC_TARGET reference
#include "silent_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "draw.hpp"
#include "step.hpp"

namespace bncollapse::sim {
namespace {

using reference::Words;
using V = reference::Lane<double>;

/// The random words of one neuron, one block after another.
class Draws {
 public:
  Draws(PhiloxKey key, std::uint64_t trajectory, std::uint64_t& used)
      : stream_(key, Purpose::silent, trajectory, used), used_(used) {}

  Words<V> next() { return stream_(used_++); }

 private:
  reference::BlockStream<V> stream_;
  std::uint64_t& used_;
};

double uniform_of(reference::ScalarBits w0, reference::ScalarBits w1) {
  return reference::uniform<V>(w0, w1).value();
}
double exponential_of(reference::ScalarBits w0, reference::ScalarBits w1) {
  return reference::exponential<V>(w0, w1).value();
}
double survival(double x) { return reference::normal_survival(V(x)).value(); }

/// -ln(1 - p) for 0 <= p <= 1.
double log_odds_of_silence(double p) {
  if (p < 1e-4) return p * (1 + p * (1.0 / 2 + p * (1.0 / 3 + p * (1.0 / 4))));
  if (p >= 1) return std::numeric_limits<double>::infinity();
  return -reference::log(V(1 - p)).value();
}

/// Samples before the first one of those that come with probability p each: floor(E / -ln(1 - p)), as a
/// double since it may pass any integer.
double silent_samples(double exponential, double p) {
  const double scale = log_odds_of_silence(p);
  return scale > 0 ? std::floor(exponential / scale) : std::numeric_limits<double>::infinity();
}

/// x given x > u.
double draw_above(double u, Draws& draws) {
  for (;;) {
    const Words<V> words = draws.next();
    if (u > 0.5) {
      const double x = std::sqrt(std::fma(u, u, 2 * exponential_of(words.w0, words.w1)));
      if (uniform_of(words.w2, words.w3) * x < u) return x;
    } else {
      const double x = reference::normal_pair<V>(words.w0, words.w1).first.value();
      if (x > u) return x;
    }
  }
}

/// k^steps from ln k.
double power(double log_decay, std::int64_t steps) {
  return reference::exp_of_negative(V(log_decay * static_cast<double>(steps))).value();
}

double margin_of(double gamma, double beta, double alpha) {
  return reference::activation_margin(V(gamma), V(beta), V(alpha)).value();
}

}  // namespace

SilentWalk::SilentWalk(const Experiment& experiment) : experiment_(experiment), planned_(experiment) {}

double SilentWalk::probability(double gamma, double beta) const {
  return survival(-margin_of(gamma, beta, planned_.plan().alpha));
}

SilentWalk::Decay SilentWalk::decay_after(std::int64_t step) const {
  const Schedule& schedule = experiment_.schedule;
  const double rate = learning_rate_at(schedule, experiment_.optimizer.learning_rate, step + 1);
  const std::int64_t end = schedule.kind == Schedule::Kind::step
                               ? (step / schedule.period + 1) * schedule.period
                               : experiment_.steps;
  return {rate, -log_odds_of_silence(rate * experiment_.optimizer.weight_decay), end};
}

std::int64_t SilentWalk::window_of(const SilentNeuron& neuron, const Decay& decay, std::int64_t steps) const {
  const double alpha = planned_.plan().alpha;
  if (alpha == 0 || decay.log_decay == 0 || neuron.gamma == 0) return steps;
  // The margin moves by alpha/|gamma| (k^-n - 1); ln P moves by about |margin| times that.
  const double margin = margin_of(neuron.gamma, neuron.beta, alpha);
  const double allowed = 1 / (std::fabs(margin) + 1);
  const double window = std::log1p(allowed * std::fabs(neuron.gamma / alpha)) / -decay.log_decay;
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(window, 1e18)), 1, steps);
}

bool SilentWalk::is_collapsed(double gamma, double beta) const {
  const StepPlan<double>& plan = planned_.plan();
  return std::fabs(gamma) < plan.gamma_threshold &&
         beta + plan.alpha <= -plan.upper_threshold * std::fabs(gamma);
}

void SilentWalk::shrink(SilentNeuron& neuron, const Decay& decay, std::int64_t step,
                        std::int64_t steps) const {
  if (steps == 0) return;
  const StepPlan<double>& plan = planned_.plan();
  if (plan.collapse_time && neuron.collapse_time == 0) {
    // After n decays |gamma| k^n < threshold, and (alpha < 0, where P falls) (beta + alpha k^-n)/|gamma| low
    // enough.
    const double radius = std::fabs(neuron.gamma);
    double wait = 1;
    if (!(radius < plan.gamma_threshold)) {
      wait = std::floor(std::log(plan.gamma_threshold / radius) / decay.log_decay) + 1;
    }
    if (plan.alpha < 0) {
      const double needed = (-plan.upper_threshold * radius - neuron.beta) / plan.alpha;
      if (needed > 1) wait = std::max(wait, std::ceil(std::log(needed) / -decay.log_decay));
    }
    if (wait <= static_cast<double>(steps)) {
      const auto n = static_cast<std::int64_t>(wait);
      const double factor = power(decay.log_decay, n);
      if (is_collapsed(factor * neuron.gamma, factor * neuron.beta)) neuron.collapse_time = step + n;
    }
  }
  const double factor = power(decay.log_decay, steps);
  neuron.gamma *= factor;
  neuron.beta *= factor;
}

std::int64_t SilentWalk::run(SilentNeuron& neuron, std::uint64_t trajectory, std::int64_t step,
                             std::int64_t until) const {
  const StepPlan<double>& plan = planned_.plan();
  Draws draws(plan.key, trajectory, neuron.draws);
  while (step < until) {
    const Decay decay = decay_after(step);
    const std::int64_t window = window_of(neuron, decay, std::min(until, decay.end) - step);
    const double last = power(decay.log_decay, window - 1);
    const double bound = std::max(probability(neuron.gamma, neuron.beta),
                                  probability(last * neuron.gamma, last * neuron.beta));
    Words<V> words = draws.next();
    const double silent = silent_samples(exponential_of(words.w0, words.w1), bound);
    if (silent >= static_cast<double>(window) * static_cast<double>(plan.batch)) {
      shrink(neuron, decay, step, window);
      step += window;
    } else {
      // The candidate falls into the step after `step`.
      auto sample = static_cast<std::int64_t>(silent);
      shrink(neuron, decay, step, sample / plan.batch);
      step += sample / plan.batch;
      sample %= plan.batch;

      const double p = probability(neuron.gamma, neuron.beta);
      const double u = -margin_of(neuron.gamma, neuron.beta, plan.alpha);
      double gamma_gradient = 0, beta_gradient = 0;
      bool active = false;
      for (;;) {
        if (uniform_of(words.w2, words.w3) * bound < p) {
          active = true;
          const double x = std::copysign(1.0, neuron.gamma) * draw_above(u, draws);
          const Words<V> noise_words = draws.next();
          const double g = std::fma(
              plan.noise_std, reference::standard_draw<V>(plan.noise, noise_words.w0, noise_words.w1).value(),
              plan.noise_mean);
          gamma_gradient += g * x;
          beta_gradient += g;
        }
        words = draws.next();
        const double wait = silent_samples(exponential_of(words.w0, words.w1), bound);
        if (wait >= static_cast<double>(plan.batch - sample - 1)) break;
        sample += static_cast<std::int64_t>(wait) + 1;
      }
      const double rate = decay.rate * plan.inverse_batch;
      const double shrinkage = decay.rate * experiment_.optimizer.weight_decay;
      neuron.gamma = std::fma(-rate, gamma_gradient, std::fma(-shrinkage, neuron.gamma, neuron.gamma));
      neuron.beta = std::fma(-rate, beta_gradient, std::fma(-shrinkage, neuron.beta, neuron.beta));
      ++step;
      if (active && neuron.first_activation == 0) neuron.first_activation = step;
      if (plan.collapse_time && neuron.collapse_time == 0 && is_collapsed(neuron.gamma, neuron.beta)) {
        neuron.collapse_time = step;
      }
    }
    if (!suits(neuron.gamma, neuron.beta)) until = std::min(until, (step + grain - 1) / grain * grain);
  }
  return step;
}

}  // namespace bncollapse::sim
