// Draws of the standardised laws, for one lane type.

#if defined(BNC_SIM_DRAW_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_DRAW_HPP
#undef BNC_SIM_DRAW_HPP
#else
#define BNC_SIM_DRAW_HPP
#endif

#include <numbers>
#include <type_traits>

#include "shared/elementary.hpp"
#include "shared/philox.hpp"
#include "shared/step_plan.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// The two pairs of normals of a block. Single doubles are computed side by side: a device loads each of
/// their constants by an instruction of its own, which then serves both.
template <class V>
BNC_HD Pair<Pair<V>> normal_pairs(const Words<V>& words) {
  if constexpr (V::width == 1 && std::is_same_v<typename V::Scalar, double>) {
    using Both = PairedLane<V>;
    const Pair<Both> both = normal_pair<Both>({words.w0, words.w2}, {words.w1, words.w3});
    return {{both.first.low, both.second.low}, {both.first.high, both.second.high}};
  } else {
    return {normal_pair<V>(words.w0, words.w1), normal_pair<V>(words.w2, words.w3)};
  }
}

/// x with F(x) = probability in `source`'s table, for one number.
template <class T>
BNC_HD T empirical_quantile(const SampleSource<T>& source, T probability) {
  const int part = static_cast<int>(probability * T(empirical_guide_size));
  int bin = source.guide[part < empirical_guide_size ? part : empirical_guide_size - 1];
  while (bin + 1 < source.bin_count && source.bins[bin + 1].cumulative <= probability) ++bin;
  const EmpiricalBin<T>& found = source.bins[bin];
  return found.edge + found.scale * (probability - found.cumulative);
}

/// A draw from two words. The magnitude's uniform number has 39 bits, bit 31 of w1 is the sign.
template <class V>
BNC_HD V standard_draw(const SampleSource<typename V::Scalar>& source, typename V::Bits w0,
                       typename V::Bits w1) {
  using T = typename V::Scalar;
  switch (source.law) {
    case SampleLaw::gaussian:
      break;
    case SampleLaw::laplace:
      return flip_sign_by_bit<31>(exponential<V>(w0, w1) * constant<V>(std::numbers::sqrt2 / 2), w1);
    case SampleLaw::logistic: {
      // |x| (pi / sqrt(3)) = ln((2 - v)/v)
      const V magnitude = exponential<V>(w0, w1) + log(V(2) - uniform<V>(w0, w1));
      return flip_sign_by_bit<31>(magnitude * constant<V>(std::numbers::sqrt3 * std::numbers::inv_pi), w1);
    }
    case SampleLaw::uniform:
      return flip_sign_by_bit<31>(uniform<V>(w0, w1) * constant<V>(std::numbers::sqrt3), w1);
    case SampleLaw::rademacher:
      return flip_sign_by_bit<31>(V(1), w1);
    case SampleLaw::student_t: {
      // Bailey: Polar generation of random variates with the t-distribution, Math. Comp. 62 (1994):
      // sqrt(nu (v^(-2/nu) - 1)) cos(2 pi w), here with variance 1.
      const V square = V(source.square) * expm1_of_positive(exponential<V>(w0, w1) * V(source.exponent));
      return sqrt(square) * direction<V>(w1).first;
    }
    case SampleLaw::skew_normal: {
      const Pair<V> normal = normal_pair<V>(w0, w1);
      return fma(V(source.folded), abs(normal.first), fma(V(source.plain), normal.second, V(-source.shift)));
    }
    case SampleLaw::empirical: {
      T lanes[V::width];
      uniform<V>(w0, w1).store(lanes);
      for (int i = 0; i < V::width; ++i) lanes[i] = empirical_quantile(source, lanes[i]);
      return V::load(lanes);
    }
  }
  return normal_pair<V>(w0, w1).first;
}

/// The blocks of words of `V::width` trajectories, by their 56-bit number.
template <class V>
class RandomStream {
 public:
  BNC_HD RandomStream(PhiloxKey key, RandomPurpose purpose, std::uint64_t first_trajectory,
                      std::uint64_t first_block)
      : key_(key),
        purpose_(purpose),
        first_trajectory_(first_trajectory),
        high_(static_cast<std::uint32_t>(first_block >> 32)),
        stream_(key, purpose, high_, first_trajectory) {}

  BNC_HD Words<V> operator()(std::uint64_t block) {
    const auto high = static_cast<std::uint32_t>(block >> 32);
    if (high != high_) {
      high_ = high;
      stream_ = PhiloxStream<V>(key_, purpose_, high, first_trajectory_);
    }
    return stream_(static_cast<std::uint32_t>(block));
  }

 private:
  PhiloxKey key_;
  RandomPurpose purpose_;
  std::uint64_t first_trajectory_;
  std::uint32_t high_;
  PhiloxStream<V> stream_;
};

/// The start (gamma, beta) of `V::width` trajectories.
template <class V>
BNC_HD Pair<V> draw_start(const StartPlan& plan, PhiloxKey key, std::uint64_t first_trajectory) {
  using T = typename V::Scalar;
  if (plan.kind == StartPlan::Kind::point) return {V(plan.gamma_offset), V(plan.beta_offset)};
  if (plan.kind == StartPlan::Kind::table) {
    T gamma[V::width], beta[V::width];
    for (int i = 0; i < V::width; ++i) {
      const std::uint64_t row =
          (first_trajectory + static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(plan.rows);
      gamma[i] = plan.gamma_rows[row];
      beta[i] = plan.beta_rows[row];
    }
    return {V::load(gamma), V::load(beta)};
  }
  RandomStream<V> stream(key, RandomPurpose::initial, first_trajectory, 0);
  const Words<V> words = stream(0);
  Pair<V> drawn{V(0), V(0)};
  if (plan.kind == StartPlan::Kind::normal) {
    drawn = normal_pair<V>(words.w0, words.w1);
  } else if (plan.kind == StartPlan::Kind::uniform) {
    drawn = {uniform<V>(words.w0, words.w1), uniform<V>(words.w2, words.w3)};
  } else {
    drawn.second = standard_draw<V>(plan.ratio, words.w0, words.w1);
  }
  return {fma(V(plan.gamma_scale), drawn.first, V(plan.gamma_offset)),
          fma(V(plan.beta_scale), drawn.second, V(plan.beta_offset))};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
