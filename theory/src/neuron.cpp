#include "bncollapse/theory/neuron.hpp"

#include <cmath>

#include "bncollapse/theory/fields.hpp"
#include "infinity.hpp"
#include "require.hpp"

namespace bncollapse::theory {

double threshold(const Neuron& neuron) {
  fields::validate(neuron);
  const double shift = neuron.beta + neuron.alpha;
  if (neuron.gamma == 0) return shift > 0 ? -infinity : infinity;
  return -shift / neuron.gamma;
}

double activation_probability(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  return neuron.gamma >= 0 ? law.survival(u) : law.cdf(u);
}

Gradient activation_probability_gradient(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  if (neuron.gamma == 0 && neuron.beta + neuron.alpha == 0) {
    throw InvalidArgument("gamma", "is 0 and so is beta + alpha; P has no gradient there");
  }
  const double density = law.pdf(u);
  if (density == 0) return {};
  const double beta = density / std::abs(neuron.gamma);
  return {u * beta, beta};
}

RectifierMoments rectifier_moments(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  const double a = neuron.leak;
  const auto moment = [&](int k, double leak) {
    const double above = law.upper_moment(k, u);
    const double below = law.lower_moment(k, u);
    return neuron.gamma >= 0 ? above + leak * below : below + leak * above;
  };
  return {moment(0, a * a), moment(1, a * a), moment(2, a * a), moment(0, a), moment(1, a), moment(2, a)};
}

}  // namespace bncollapse::theory
