// Takes a few particles of the splitting method towards collapse.

#if defined(BNC_SIM_ADVANCE_PARTICLES_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_ADVANCE_PARTICLES_HPP
#undef BNC_SIM_ADVANCE_PARTICLES_HPP
#else
#define BNC_SIM_ADVANCE_PARTICLES_HPP
#endif

#include <algorithm>
#include <bit>
#include <cstdint>

#include "particle.hpp"
#include "shared/draw.hpp"
#include "shared/step.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// Takes `Lane<double>::width` particles side by side until each has reached `final_level` or has no steps
/// left. Without consent it returns early, and the particles must not be used. Lane i takes the draws of
/// trajectory first_trajectory + i from their beginning, whatever step its particle starts from.
/// @param particles  `count` of them; a lane without one idles
inline void advance_particles(const StepPlan<double>& plan, double rate, double shrink, double final_level,
                              std::int64_t steps, std::uint64_t first_trajectory, Particle* const* particles,
                              int count, const Consent& consent) {
  constexpr std::int64_t samples_between_questions = 1 << 18;
  using V = Lane<double>;
  double gamma[V::width], beta[V::width], best[V::width];
  std::int64_t left = 0;
  std::uint64_t advancing = 0;
  for (int i = 0; i < V::width; ++i) {
    const Checkpoint top = i < count ? particles[i]->path.back() : Checkpoint{final_level, steps, 1, 0};
    gamma[i] = top.gamma;
    beta[i] = top.beta;
    best[i] = top.score;
    if (top.score < final_level && top.step < steps) {
      advancing |= std::uint64_t{1} << i;
      left = std::max(left, steps - top.step);
    }
  }
  std::int64_t start[V::width];
  for (int i = 0; i < V::width; ++i) start[i] = i < count ? particles[i]->path.back().step : 0;

  NeuronState<V> neuron{{V::load(gamma), V(0), V(0)}, {V::load(beta), V(0), V(0)}};
  V highest = V::load(best);
  const V alpha(plan.alpha), leak(plan.leak), mean(plan.noise_mean), sigma(plan.noise_std);
  const StepRates<V> rates{V(rate), V(shrink), V(0)};
  RandomStream<V> stream(plan.key, RandomPurpose::splitting, first_trajectory, 0);
  std::uint64_t block = 0;
  const std::int64_t between_questions = std::max<std::int64_t>(samples_between_questions / plan.batch, 1);
  std::int64_t next_question = between_questions;
  for (std::int64_t taken = 1; taken <= left && advancing != 0; ++taken) {
    Gradient<V> sum{V(0), V(0)};
    for (std::int64_t sample = 0; sample < plan.batch; ++sample) {
      const Words<V> words = stream(block++);
      const V x = standard_draw<V>(plan.x, words.w0, words.w1);
      const V g = fma(sigma, standard_draw<V>(plan.noise, words.w2, words.w3), mean);
      const auto drawn = sample_gradient(neuron, alpha, leak, x, g).gradient;
      sum = {sum.gamma + drawn.gamma, sum.beta + drawn.beta};
    }
    const V share(plan.inverse_batch);
    SgdRule::update(neuron.gamma, share * sum.gamma, rates, V(0), plan.optimizer);
    SgdRule::update(neuron.beta, share * sum.beta, rates, V(0), plan.optimizer);

    const V score = -activation_margin(neuron.gamma.value, neuron.beta.value, alpha);
    std::uint64_t higher = mask_bits(score > highest) & advancing;
    highest = max(highest, score);
    if (higher != 0) {
      neuron.gamma.value.store(gamma);
      neuron.beta.value.store(beta);
      score.store(best);
      for (; higher != 0; higher &= higher - 1) {
        const int i = std::countr_zero(higher);
        particles[i]->path.push_back({best[i], start[i] + taken, gamma[i], beta[i]});
        if (best[i] >= final_level) advancing &= ~(std::uint64_t{1} << i);
      }
    }
    for (int i = 0; i < count; ++i) {
      if (start[i] + taken == steps) advancing &= ~(std::uint64_t{1} << i);
    }
    if (taken == next_question) {
      if (!consent()) return;
      next_question += between_questions;
    }
  }
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
