// The optimizers' update rules, written once. This file is included inside a namespace of bncollapse that
// has, for its kind of numbers V,
//   fma(a, b, c) = a b + c    fnma(a, b, c) = c - a b    sqrt(a)
// with operators + - * /; `BNC_HD` marks functions, as in simd_target.hpp of sim/. The theory includes it for
// double, the simulator for the lanes of each instruction set, devices included.
//
// A rule offers
//   states        how many numbers it keeps of a parameter: velocity, or first and second moment
//   has_shrink, has_root   which rates besides `rate` it reads
//   is_linear     whether its step is linear in the gradient, as the control variate needs
//   update(parameter, G, rates, l2, constants)   one step
// To add one: write it here, name it in OptimizerRule and in with_rule, and say in optimizer_rule.cpp which
// optimizers take it, with what constants, rates and start (docs/EXTENDING.md has an example).

/// A parameter with what its rule keeps of it.
template <class V>
struct Parameter {
  V value, first, second;
};

/// theory::RuleRates of one step.
template <class V>
struct StepRates {
  V rate, shrink, root;
};

/// w <- w - shrink w - rate G
struct SgdRule {
  static constexpr int states = 0;
  static constexpr bool has_shrink = true, has_root = false, is_linear = true;

  template <class V, class Constants>
  BNC_HD static void update(Parameter<V>& parameter, V gradient, const StepRates<V>& rates, V /*l2*/,
                            const Constants& /*constants*/) {
    V& w = parameter.value;
    w = fnma(rates.rate, gradient, fnma(rates.shrink, w, w));
  }
};

/// v <- momentum v + G + l2 w,  w <- w - rate v; Nesterov's step takes momentum v + G + l2 w in place of v.
struct MomentumRule {
  static constexpr int states = 1;
  static constexpr bool has_shrink = false, has_root = false, is_linear = true;

  template <class V, class Constants>
  BNC_HD static void update(Parameter<V>& parameter, V gradient, const StepRates<V>& rates, V l2,
                            const Constants& constants) {
    V& w = parameter.value;
    const V momentum(constants.momentum);
    gradient = fma(l2, w, gradient);
    parameter.first = fma(momentum, parameter.first, gradient);
    const V direction = constants.nesterov ? fma(momentum, parameter.first, gradient) : parameter.first;
    w = fnma(rates.rate, direction, w);
  }
};

/// G <- G + l2 w,  m <- m + (1 - beta1) (G - m),  v <- v + (1 - beta2) (G^2 - v),
/// w <- w - shrink w - rate m / (root sqrt(v) + epsilon)
struct AdamRule {
  static constexpr int states = 2;
  static constexpr bool has_shrink = true, has_root = true, is_linear = false;

  template <class V, class Constants>
  BNC_HD static void update(Parameter<V>& parameter, V gradient, const StepRates<V>& rates, V l2,
                            const Constants& constants) {
    V& w = parameter.value;
    gradient = fma(l2, w, gradient);
    parameter.first = fma(V(constants.gradient_weight), gradient - parameter.first, parameter.first);
    parameter.second =
        fma(V(constants.square_weight), fma(gradient, gradient, -parameter.second), parameter.second);
    const V scale = fma(rates.root, sqrt(parameter.second), V(constants.epsilon));
    w = fnma(rates.rate, parameter.first / scale, fnma(rates.shrink, w, w));
  }
};

/// call(the rule)
template <class Call>
auto with_rule(theory::OptimizerRule rule, const Call& call) {
  switch (rule) {
    case theory::OptimizerRule::sgd:
      break;
    case theory::OptimizerRule::momentum:
      return call(MomentumRule{});
    case theory::OptimizerRule::adam:
      return call(AdamRule{});
  }
  return call(SgdRule{});
}
