// The walk of `width` trajectories through many steps, their state in registers.

#if defined(BNC_SIM_WALK_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_WALK_HPP
#undef BNC_SIM_WALK_HPP
#else
#define BNC_SIM_WALK_HPP
#endif

#include <bit>

#include "shared/draw.hpp"
#include "shared/step.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class Rule, class V>
BNC_HD Parameter<V> load(const ParameterArrays<typename V::Scalar>& arrays, int element) {
  Parameter<V> parameter{V(0), V(0), V(0)};
  parameter.value = V::load(arrays.value + element);
  if constexpr (Rule::states >= 1) parameter.first = V::load(arrays.first + element);
  if constexpr (Rule::states >= 2) parameter.second = V::load(arrays.second + element);
  return parameter;
}
template <class Rule, class V>
BNC_HD void store(const Parameter<V>& parameter, const ParameterArrays<typename V::Scalar>& arrays,
                  int element) {
  parameter.value.store(arrays.value + element);
  if constexpr (Rule::states >= 1) parameter.first.store(arrays.first + element);
  if constexpr (Rule::states >= 2) parameter.second.store(arrays.second + element);
}

BNC_HD int lowest_bit(std::uint64_t bits) {
#ifdef __CUDA_ARCH__
  return __ffsll(static_cast<long long>(bits)) - 1;
#else
  return std::countr_zero(bits);
#endif
}

/// The first step at which something happened to each lane.
class FirstTimes {
 public:
  BNC_HD FirstTimes(std::int64_t* times, int width) : times_(times) {
    for (int i = 0; i < width; ++i) done_ |= std::uint64_t{times[i] != 0} << i;
  }
  BNC_HD void mark(std::uint64_t lanes, std::int64_t step) {
    for (std::uint64_t fresh = lanes & ~done_; fresh != 0; fresh &= fresh - 1) {
      times_[lowest_bit(fresh)] = step;
    }
    done_ |= lanes;
  }

 private:
  std::int64_t* times_;
  std::uint64_t done_ = 0;
};

/// @tparam Rule    of optimizer_rules.inc.hpp
/// @tparam extras  whether any of the plan's extras is on; without them their code is left out
template <class T, class Rule, DrawKind draw_kind, bool extras>
class Walk {
 public:
  using V = Lane<T>;

  BNC_HD Walk(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block, int element)
      : plan_(plan), slice_(slice), block_(block), element_(element) {}

  BNC_HD void run() {
    load_state();
    if (draw_kind == DrawKind::gaussian_limit || plan_.batch == 1) {
      walk_samples<false>(1);
    } else {
      start_batch();
      walk_samples<true>(plan_.batch);
    }
    store_state();
  }

  /// Once it has run: whether all that shows a divergence is finite.
  BNC_HD bool is_finite() const {
    bool finite = is_finite(neuron_.gamma) && is_finite(neuron_.beta);
    if constexpr (extras) {
      if (plan_.antithetic) finite = finite && is_finite(antithetic_.gamma) && is_finite(antithetic_.beta);
      if (has_control_variate && plan_.control_variate) finite = finite && is_finite(control_variate_);
    }
    return finite;
  }

 private:
  static constexpr std::int64_t samples_per_block = draw_kind == DrawKind::any ? 1 : 2;
  static constexpr bool has_control_variate = extras && Rule::is_linear;

  /// All samples of the slice: each is a step of its own, or (batched) a part of one.
  template <bool batched>
  BNC_HD void walk_samples(std::int64_t batch) {
    std::int64_t sample = slice_.first_step * batch;
    const std::int64_t end = sample + slice_.steps * batch;
    while (sample < end) {
      // A stream serves the blocks up to the next multiple of 2^32.
      const std::int64_t high = (sample / samples_per_block) >> 32;
      const std::int64_t next_high = ((high + 1) << 32) * samples_per_block;
      const PhiloxStream<V> stream(plan_.key, RandomPurpose::step, static_cast<std::uint32_t>(high),
                                   slice_.first_trajectory + static_cast<std::uint64_t>(element_));
      sample = walk_stretch<batched>(stream, sample, end < next_high ? end : next_high);
    }
  }

  /// The low part of a sample's block.
  BNC_HD static std::uint32_t block(std::int64_t sample) {
    return static_cast<std::uint32_t>(sample / samples_per_block);
  }

  /// Samples [sample, end), whose blocks share their high part; returns the end. The next block's words are
  /// drawn before the present ones are used: neither waits for the other.
  template <bool batched>
  BNC_HD std::int64_t walk_stretch(const PhiloxStream<V>& stream, std::int64_t sample, std::int64_t end) {
    // Blocks are counted in 32 bits, for a device's sake; the last number may be 2^32, that is 0.
    const std::uint32_t last = block(end);
    if constexpr (draw_kind == DrawKind::any) {
      std::uint32_t number = block(sample);
      Words<V> words = stream(number);
      do {
        const Words<V> next = stream(number + 1);
        take<batched>({standard_draw<V>(plan_.x, words.w0, words.w1),
                       standard_draw<V>(plan_.noise, words.w2, words.w3)});
        words = next;
      } while (++number != last);
    } else {
      for (;;) {
        if (sample % 2 == 0 && sample + 1 < end) {
          std::uint32_t number = block(sample);
          Words<V> words = stream(number);
          do {
            const Words<V> next = stream(number + 1);
            const Pair<Pair<V>> draws = normal_pairs(words);
            take<batched>(draws.first);
            take<batched>(draws.second);
            words = next;
          } while (++number != last);
          sample = end / 2 * 2;
        }
        if (sample == end) break;
        // Half a block: its second half at the start, or its first half at the end.
        const Words<V> words = stream(block(sample));
        take<batched>(sample % 2 == 0 ? normal_pair<V>(words.w0, words.w1)
                                      : normal_pair<V>(words.w2, words.w3));
        ++sample;
      }
    }
    return end;
  }

  /// draw: (x, standardised noise); the two normals of gaussian_limit
  template <bool batched>
  BNC_HD void take(const Pair<V>& draw) {
    if constexpr (draw_kind == DrawKind::gaussian_limit) {
      Gradient<V> antithetic{V(0), V(0)};
      if (extras && plan_.antithetic)
        antithetic = limit_gradient(antithetic_, plan_, -draw.first, -draw.second);
      finish_step(limit_gradient(neuron_, plan_, draw.first, draw.second), antithetic, V(0) > V(0));
    } else {
      const V alpha(plan_.alpha), leak(plan_.leak), mean(plan_.noise_mean), sigma(plan_.noise_std);
      const auto sample = sample_gradient(neuron_, alpha, leak, draw.first, fma(sigma, draw.second, mean));
      Gradient<V> antithetic{V(0), V(0)};
      if (extras && plan_.antithetic) {
        antithetic =
            sample_gradient(antithetic_, alpha, leak, draw.first, fnma(sigma, draw.second, mean)).gradient;
      }
      if constexpr (batched) {
        sum_.gamma = sum_.gamma + sample.gradient.gamma;
        sum_.beta = sum_.beta + sample.gradient.beta;
        if constexpr (extras) {
          antithetic_sum_.gamma = antithetic_sum_.gamma + antithetic.gamma;
          antithetic_sum_.beta = antithetic_sum_.beta + antithetic.beta;
          active_ = active_ | sample.active;
        }
        if (--missing_ == 0) finish_batch();
      } else {
        finish_step(sample.gradient, antithetic, sample.active);
      }
    }
  }

  BNC_HD void start_batch() {
    missing_ = plan_.batch;
    sum_ = antithetic_sum_ = {V(0), V(0)};
    active_ = V(0) > V(0);
  }
  BNC_HD void finish_batch() {
    const V share(plan_.inverse_batch);
    finish_step({share * sum_.gamma, share * sum_.beta},
                {share * antithetic_sum_.gamma, share * antithetic_sum_.beta}, active_);
    start_batch();
  }

  BNC_HD void finish_step(const Gradient<V>& gradient, const Gradient<V>& antithetic,
                          typename V::Mask active) {
    StepRates<V> rates{V(slice_.rates.rate[taken_]), V(0), V(0)};
    if constexpr (Rule::has_shrink) rates.shrink = V(slice_.rates.shrink[taken_]);
    if constexpr (Rule::has_root) rates.root = V(slice_.rates.root[taken_]);
    const V l2(plan_.optimizer.l2);
    if constexpr (has_control_variate) {
      if (plan_.control_variate) {
        const Gradient<V> of_probability = probability_gradient(neuron_, V(plan_.alpha));
        Gradient<V> noise = gradient;
        if (plan_.noise_mean != T(0)) {
          const Gradient<V> mean = mean_gradient(gaussian_rectifier(neuron_, V(plan_.alpha)), plan_);
          noise = {gradient.gamma - mean.gamma, gradient.beta - mean.beta};
        }
        Rule::update(control_variate_,
                     fma(of_probability.gamma, noise.gamma, of_probability.beta * noise.beta),
                     StepRates<V>{rates.rate, V(0), V(0)}, V(0), plan_.optimizer);
      }
    }
    Rule::update(neuron_.gamma, gradient.gamma, rates, l2, plan_.optimizer);
    Rule::update(neuron_.beta, gradient.beta, rates, l2, plan_.optimizer);
    if constexpr (extras) {
      if (plan_.antithetic) {
        Rule::update(antithetic_.gamma, antithetic.gamma, rates, l2, plan_.optimizer);
        Rule::update(antithetic_.beta, antithetic.beta, rates, l2, plan_.optimizer);
      }
      const std::int64_t step = slice_.first_step + taken_ + 1;
      if (plan_.first_activation) first_activation_.mark(mask_bits(active), step);
      if (plan_.collapse_time) collapse_time_.mark(mask_bits(collapsed()), step);
    }
    ++taken_;
  }

  BNC_HD typename V::Mask collapsed() const {
    const V gamma = neuron_.gamma.value;
    const V threshold = select(gamma < V(0), V(plan_.lower_threshold), V(plan_.upper_threshold));
    const V margin = fma(threshold, gamma, neuron_.beta.value + V(plan_.alpha));
    return (abs(gamma) < V(plan_.gamma_threshold)) & (margin <= V(0));
  }

  BNC_HD void load_state() {
    neuron_ = {load<Rule, V>(block_.neuron.gamma, element_), load<Rule, V>(block_.neuron.beta, element_)};
    if constexpr (extras) {
      if (plan_.antithetic) {
        antithetic_ = {load<Rule, V>(block_.antithetic.gamma, element_),
                       load<Rule, V>(block_.antithetic.beta, element_)};
      }
      if (has_control_variate && plan_.control_variate)
        control_variate_ = load<Rule, V>(block_.control_variate, element_);
      if (plan_.first_activation) {
        first_activation_ = FirstTimes(block_.first_activation + element_, V::width);
      }
      if (plan_.collapse_time) collapse_time_ = FirstTimes(block_.collapse_time + element_, V::width);
    }
  }
  BNC_HD void store_state() const {
    store<Rule>(neuron_.gamma, block_.neuron.gamma, element_);
    store<Rule>(neuron_.beta, block_.neuron.beta, element_);
    if constexpr (extras) {
      if (plan_.antithetic) {
        store<Rule>(antithetic_.gamma, block_.antithetic.gamma, element_);
        store<Rule>(antithetic_.beta, block_.antithetic.beta, element_);
      }
      if (has_control_variate && plan_.control_variate)
        store<Rule>(control_variate_, block_.control_variate, element_);
    }
  }

  BNC_HD static bool is_finite(const Parameter<V>& parameter) {
    return all(parameter.value - parameter.value == V(0));
  }

  const StepPlan<T>& plan_;
  const Slice<T>& slice_;
  const BlockArrays<T>& block_;
  int element_;
  NeuronState<V> neuron_, antithetic_;
  Parameter<V> control_variate_;
  Gradient<V> sum_, antithetic_sum_;
  typename V::Mask active_;
  FirstTimes first_activation_{nullptr, 0}, collapse_time_{nullptr, 0};
  std::int64_t missing_ = 0;  ///< samples that the present batch still needs
  int taken_ = 0;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
