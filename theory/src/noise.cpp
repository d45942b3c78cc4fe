#include "noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "bncollapse/theory/fields.hpp"
#include "laws/gaussian.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

using std::numbers::sqrt2;
using std::numbers::sqrt3;

}  // namespace

void check(const Noise& noise) { fields::validate(noise, "noise"); }

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
  return standard_tail(deviation / noise_.sigma);
}

double NoiseDistribution::standard_tail(double z) const {
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

double NoiseDistribution::standard_density(double z) const {
  switch (noise_.law) {
    case NoiseLaw::gaussian:
      return gaussian_pdf(z);
    case NoiseLaw::rademacher:
      break;
    case NoiseLaw::uniform:
      return z < sqrt3 ? 1 / (2 * sqrt3) : 0;
    case NoiseLaw::laplace:
      return std::exp(-sqrt2 * z) / sqrt2;
    case NoiseLaw::student_t: {
      const double scale = std::sqrt(noise_.degrees_of_freedom / (noise_.degrees_of_freedom - 2));
      return scale * student_->pdf(z * scale);
    }
  }
  throw InvalidArgument("noise", "has no density");
}

std::vector<double> NoiseDistribution::standard_edges() const {
  if (noise_.sigma == 0) return {0};
  switch (noise_.law) {
    case NoiseLaw::rademacher:
      return {1};
    case NoiseLaw::uniform:
      return {sqrt3};
    case NoiseLaw::laplace:
      return {0};
    case NoiseLaw::gaussian:
    case NoiseLaw::student_t:
      break;
  }
  return {};
}

double NoiseDistribution::farthest(double probability) const {
  if (noise_.law == NoiseLaw::uniform) return sqrt3;
  double z = 2;
  while (z < 1e300 && 2 * standard_tail(z) > probability) z *= z < 64 ? 1.25 : 8;
  return z;
}

namespace {

// The table of student_t: (1 - E cos(w z)) (1 + 2/w^2), which goes from 1 to 1, over ln w.
constexpr double table_start = -20;
constexpr double table_step = 1.0 / 32;
constexpr int table_size = 40 * 32 + 1;

}  // namespace

NoiseCharacteristic::NoiseCharacteristic(const Noise& noise) : noise_(noise) {
  if (noise.law == NoiseLaw::student_t) tabulate_student();
}

void NoiseCharacteristic::tabulate_student() {
  // z = Z sqrt((nu-2) / (nu V)), V of mean 1 and law Gamma(nu/2) / (nu/2): a trapezoidal rule in ln V, whose
  // density falls faster than exponentially upwards and as V^(nu/2) downwards.
  struct Part {
    double variance;
    double weight;
  };
  const double half = noise_.degrees_of_freedom / 2;
  const double reach = std::sqrt(80 / half);
  const double lower = -40 / half - reach;
  const double upper = std::min(reach, std::log1p(40 / half) + 1);
  constexpr int parts = 256;
  std::vector<Part> mixture;
  double total = 0;
  for (int i = 0; i <= parts; ++i) {
    const double y = lower + (upper - lower) * i / parts;
    const double weight = std::exp(half * (y - std::expm1(y)));
    total += weight;
    if (weight > 1e-18) mixture.push_back({(half - 1) / half * std::exp(-y), weight});
  }
  student_table_.reserve(table_size);
  for (int i = 0; i < table_size; ++i) {
    const double w = std::exp(table_start + i * table_step);
    double loss = 0;
    double slope = 0;
    for (const auto& [variance, weight] : mixture) {
      const double exponent = -0.5 * w * w * variance;
      const double remaining = std::expm1(exponent);
      loss -= weight / total * remaining;
      slope -= weight / total * 2 * exponent * (1 + remaining);
    }
    const double factor = 1 + 2 / (w * w);
    student_table_.push_back({loss * factor, (slope * factor - loss * 4 / (w * w)) * table_step});
  }
}

std::complex<double> NoiseCharacteristic::minus_one(double w) const {
  const double even = even_minus_one(w);
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
  if (w == 0) return 0;
  // Cubic Hermite interpolation; beyond its ends the table is 1.
  const double place = (std::log(w) - table_start) / table_step;
  double scaled = 1;
  if (place > 0 && place < table_size - 1) {
    const auto i = static_cast<std::size_t>(place);
    const double t = place - static_cast<double>(i);
    const auto& [from, from_slope] = student_table_[i];
    const auto& [to, to_slope] = student_table_[i + 1];
    const double back = 1 - t;
    scaled =
        back * back * ((1 + 2 * t) * from + t * from_slope) + t * t * ((1 + 2 * back) * to - back * to_slope);
  }
  return -scaled * (w * w / (w * w + 2));
}

}  // namespace bncollapse::theory
