#include "noise.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "laws/gaussian.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

constexpr std::array<std::pair<NoiseLaw, std::string_view>, 5> noise_names{{
    {NoiseLaw::gaussian, "gaussian"},
    {NoiseLaw::rademacher, "rademacher"},
    {NoiseLaw::uniform, "uniform"},
    {NoiseLaw::laplace, "laplace"},
    {NoiseLaw::student_t, "student_t"},
}};

using std::numbers::sqrt2;
using std::numbers::sqrt3;

}  // namespace

std::string_view to_string(NoiseLaw law) {
  for (const auto& [noise, text] : noise_names) {
    if (noise == law) return text;
  }
  throw InvalidArgument("noise", "is no member of NoiseLaw");
}

std::optional<NoiseLaw> noise_law_from_string(std::string_view text) {
  for (const auto& [noise, name] : noise_names) {
    if (name == text) return noise;
  }
  return std::nullopt;
}

void check(const Noise& noise) {
  to_string(noise.law);
  require_non_negative("sigma", noise.sigma);
  require_finite("mean", noise.mean);
  const double dof = noise.degrees_of_freedom;
  require(noise.law != NoiseLaw::student_t || (std::isfinite(dof) && dof > 2), "dof", dof,
          "be finite and above 2, where the variance exists");
}

NoiseDistribution::NoiseDistribution(const Noise& noise) : noise_(noise) {
  const auto both_sides = [&](double distance) {
    breakpoints_ = {noise.mean - distance * noise.sigma, noise.mean + distance * noise.sigma};
  };
  if (noise.sigma == 0 || noise.law == NoiseLaw::laplace) {
    breakpoints_ = {noise.mean};
  } else if (noise.law == NoiseLaw::rademacher) {
    both_sides(1);
  } else if (noise.law == NoiseLaw::uniform) {
    both_sides(sqrt3);
  } else if (noise.law == NoiseLaw::student_t) {
    student_.emplace(noise.degrees_of_freedom);
  }
}

double NoiseDistribution::tail(double deviation) const {
  if (noise_.sigma == 0) return deviation < 0 ? 1 : 0;
  const double z = deviation / noise_.sigma;
  switch (noise_.law) {
    case NoiseLaw::gaussian:
      return gaussian_survival(z);
    case NoiseLaw::rademacher:
      return z < -1 ? 1 : z < 1 ? 0.5 : 0;
    case NoiseLaw::uniform:
      return z <= -sqrt3 ? 1 : z < sqrt3 ? (sqrt3 - z) / (2 * sqrt3) : 0;
    case NoiseLaw::laplace:
      return z < 0 ? 1 - 0.5 * std::exp(sqrt2 * z) : 0.5 * std::exp(-sqrt2 * z);
    case NoiseLaw::student_t:
      break;
  }
  const double nu = noise_.degrees_of_freedom;
  const double t = z * std::sqrt(nu / (nu - 2));
  return t < 0 ? 1 - student_->tail(-t) : student_->tail(t);
}

NoiseCharacteristic::NoiseCharacteristic(const Noise& noise) : noise_(noise) {
  if (noise.law != NoiseLaw::student_t) return;
  // z = Z sqrt((nu-2) / (nu V)), V of mean 1 and law Gamma(nu/2) / (nu/2): a trapezoidal rule in ln V, whose
  // density falls faster than exponentially upwards and as V^(nu/2) downwards.
  const double half = noise.degrees_of_freedom / 2;
  const double lower = -40 / half;
  const double upper = std::log1p(40 / half) + 1;
  constexpr int parts = 400;
  double total = 0;
  for (int i = 0; i <= parts; ++i) {
    const double y = lower + (upper - lower) * i / parts;
    const double weight = std::exp(half * (y - std::expm1(y)));
    total += weight;
    if (weight > 1e-18) mixture_.push_back({(half - 1) / half * std::exp(-y), weight});
  }
  for (MixturePart& part : mixture_) part.weight /= total;
}

std::complex<double> NoiseCharacteristic::minus_one(double w) const {
  const double even = standard_minus_one(noise_.sigma * w);
  if (noise_.mean == 0) return even;
  const double phase = noise_.mean * w;
  const double half_sine = std::sin(phase / 2);
  return {even * std::cos(phase) - 2 * half_sine * half_sine, (1 + even) * std::sin(phase)};
}

double NoiseCharacteristic::standard_minus_one(double w) const {
  switch (noise_.law) {
    case NoiseLaw::gaussian:
      return std::expm1(-0.5 * w * w);
    case NoiseLaw::rademacher: {
      const double half_sine = std::sin(w / 2);
      return -2 * half_sine * half_sine;
    }
    case NoiseLaw::uniform: {
      const double y = sqrt3 * w;
      const double square = y * y;
      if (square > 0.5) return std::sin(y) / y - 1;
      return -square / 6 *
             (1 -
              square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110 * (1 - square / 156)))));
    }
    case NoiseLaw::laplace:
      return -0.5 * w * w / (1 + 0.5 * w * w);
    case NoiseLaw::student_t:
      break;
  }
  double sum = 0;
  for (const auto& [variance, weight] : mixture_) sum += weight * std::expm1(-0.5 * w * w * variance);
  return sum;
}

}  // namespace bncollapse::theory
