// The laws that kernels can sample, with their constants: plain data. draw.hpp has the samplers.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include "bncollapse/theory/drift.hpp"

namespace bncollapse::sim {

/// A law, standardised to mean 0 and variance 1, that kernels can sample.
enum class SampleLaw { gaussian, laplace, logistic, uniform, rademacher, student_t, skew_normal, empirical };

/// A bin of an empirical law: x = edge + scale (F - cumulative).
template <class T>
struct EmpiricalBin {
  T cumulative = 0;  ///< F at the bin's lower edge
  T edge = 0;        ///< the bin's lower edge
  T scale = 0;       ///< dx/dF inside
};

/// Equal parts of [0, 1], for each of which an empirical law says in which bin it begins.
inline constexpr int empirical_guide_size = 1024;

/// The law with its constants; those of other laws are unused.
template <class T>
struct SampleSource {
  SampleLaw law = SampleLaw::gaussian;
  // student_t with nu degrees of freedom
  T exponent = 0;  ///< 2 / nu
  T square = 0;    ///< (nu - 2) / 2
  // skew_normal: x = folded |Z0| + plain Z1 - shift
  T folded = 0, plain = 0, shift = 0;
  // empirical
  const EmpiricalBin<T>* bins = nullptr;
  int bin_count = 0;
  const std::int32_t* guide = nullptr;  ///< [k]: the bin that holds F = k / empirical_guide_size
};

template <class T>
SampleSource<T> student_t_source(double degrees_of_freedom) {
  SampleSource<T> source;
  source.law = SampleLaw::student_t;
  source.exponent = static_cast<T>(2 / degrees_of_freedom);
  source.square = static_cast<T>((degrees_of_freedom - 2) / 2);
  return source;
}

template <class T>
SampleSource<T> skew_normal_source(double shape) {
  const double delta = shape / std::hypot(1.0, shape);
  const double mean = delta * std::sqrt(2 / std::numbers::pi);
  const double deviation = std::sqrt(1 - mean * mean);
  SampleSource<T> source;
  source.law = SampleLaw::skew_normal;
  source.folded = static_cast<T>(delta / deviation);
  source.plain = static_cast<T>(1 / std::hypot(1.0, shape) / deviation);
  source.shift = static_cast<T>(mean / deviation);
  return source;
}

/// A law without constants.
template <class T>
SampleSource<T> plain_source(SampleLaw law) {
  SampleSource<T> source;
  source.law = law;
  return source;
}

/// The law of the gradient noise.
template <class T>
SampleSource<T> noise_source(const theory::Noise& noise) {
  switch (noise.law) {
    case theory::NoiseLaw::gaussian:
      break;
    case theory::NoiseLaw::rademacher:
      return plain_source<T>(SampleLaw::rademacher);
    case theory::NoiseLaw::uniform:
      return plain_source<T>(SampleLaw::uniform);
    case theory::NoiseLaw::laplace:
      return plain_source<T>(SampleLaw::laplace);
    case theory::NoiseLaw::student_t:
      return student_t_source<T>(noise.dof);
  }
  return plain_source<T>(SampleLaw::gaussian);
}

}  // namespace bncollapse::sim
