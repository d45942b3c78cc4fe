#include "noise_laws.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>

#include "bncollapse/theory/invalid_argument.hpp"
#include "laws/gaussian.hpp"
#include "laws/student_t.hpp"

namespace bncollapse::theory {
namespace {

using std::numbers::sqrt2;
using std::numbers::sqrt3;

class GaussianNoise final : public StandardNoise {
 public:
  double tail(double z) const override { return gaussian_survival(z); }
  double density(double z) const override { return gaussian_pdf(z); }
  double cosine_minus_one(double w) const override { return std::expm1(-0.5 * w * w); }
};

class RademacherNoise final : public StandardNoise {
 public:
  double tail(double z) const override { return z < -1 ? 1 : z < 1 ? 0.5 : 0; }
  bool has_density() const override { return false; }
  double density(double) const override { throw InvalidArgument("noise", "has no density"); }
  std::vector<double> edges() const override { return {1}; }
  double cosine_minus_one(double w) const override {
    const double half_sine = std::sin(w / 2);
    return -2 * half_sine * half_sine;
  }
};

class UniformNoise final : public StandardNoise {
 public:
  double tail(double z) const override { return z <= -sqrt3 ? 1 : z < sqrt3 ? (sqrt3 - z) / (2 * sqrt3) : 0; }
  double density(double z) const override { return z < sqrt3 ? 1 / (2 * sqrt3) : 0; }
  std::vector<double> edges() const override { return {sqrt3}; }
  double support() const override { return sqrt3; }
  double cosine_minus_one(double w) const override {
    const double y = sqrt3 * w;
    const double square = y * y;
    if (square > 0.5) return std::sin(y) / y - 1;
    return -square / 6 *
           (1 -
            square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110 * (1 - square / 156)))));
  }
};

class LaplaceNoise final : public StandardNoise {
 public:
  double tail(double z) const override {
    return z < 0 ? 1 - 0.5 * std::exp(sqrt2 * z) : 0.5 * std::exp(-sqrt2 * z);
  }
  double density(double z) const override { return std::exp(-sqrt2 * z) / sqrt2; }
  std::vector<double> edges() const override { return {0}; }
  double cosine_minus_one(double w) const override { return -0.5 * w * w / (1 + 0.5 * w * w); }
};

class StudentNoise final : public StandardNoise {
 public:
  explicit StudentNoise(double degrees_of_freedom)
      : degrees_of_freedom_(degrees_of_freedom),
        scale_(std::sqrt(degrees_of_freedom_ / (degrees_of_freedom_ - 2))),
        student_(degrees_of_freedom_) {}

  double tail(double z) const override {
    const double t = z * scale_;
    return t < 0 ? 1 - student_.tail(-t) : student_.tail(t);
  }
  double density(double z) const override { return scale_ * student_.pdf(z * scale_); }
  double cosine_minus_one(double w) const override {
    std::call_once(is_tabulated_, [this] { tabulate(); });
    if (w == 0) return 0;
    // Cubic Hermite interpolation; beyond its ends the table is 1.
    const double place = (std::log(w) - table_start) / table_step;
    double scaled = 1;
    if (place > 0 && place < table_size - 1) {
      const auto i = static_cast<std::size_t>(place);
      const double t = place - static_cast<double>(i);
      const auto& [from, from_derivative] = table_[i];
      const auto& [to, to_derivative] = table_[i + 1];
      const double back = 1 - t;
      scaled = back * back * ((1 + 2 * t) * from + t * from_derivative) +
               t * t * ((1 + 2 * back) * to - back * to_derivative);
    }
    return -scaled * (w * w / (w * w + 2));
  }

 private:
  // (1 - E cos(w z)) (1 + 2/w^2), which goes from 1 to 1, over ln w.
  static constexpr double table_start = -20;
  static constexpr double table_step = 1.0 / 32;
  static constexpr int table_size = 40 * 32 + 1;

  /// A value of the table and its derivative.
  struct TableEntry {
    double value, derivative;
  };

  void tabulate() const {
    // z = Z sqrt((nu-2) / (nu V)), V of mean 1 and law Gamma(nu/2) / (nu/2): a trapezoidal rule in ln V,
    // whose density falls faster than exponentially upwards and as V^(nu/2) downwards.
    struct Part {
      double variance;
      double weight;
    };
    const double half = degrees_of_freedom_ / 2;
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
    table_.reserve(table_size);
    for (int i = 0; i < table_size; ++i) {
      const double w = std::exp(table_start + i * table_step);
      double loss = 0;
      double derivative = 0;
      for (const auto& [variance, weight] : mixture) {
        const double exponent = -0.5 * w * w * variance;
        const double remaining = std::expm1(exponent);
        loss -= weight / total * remaining;
        derivative -= weight / total * 2 * exponent * (1 + remaining);
      }
      const double factor = 1 + 2 / (w * w);
      table_.push_back({loss * factor, (derivative * factor - loss * 4 / (w * w)) * table_step});
    }
  }

  double degrees_of_freedom_;
  double scale_;  ///< of the standardised law's t
  StudentT student_;
  mutable std::once_flag is_tabulated_;
  mutable std::vector<TableEntry> table_;
};

}  // namespace

std::shared_ptr<const StandardNoise> make_standard_noise(const Noise& noise) {
  switch (noise.law) {
    case NoiseLaw::gaussian:
      return std::make_shared<GaussianNoise>();
    case NoiseLaw::rademacher:
      return std::make_shared<RademacherNoise>();
    case NoiseLaw::uniform:
      return std::make_shared<UniformNoise>();
    case NoiseLaw::laplace:
      return std::make_shared<LaplaceNoise>();
    case NoiseLaw::student_t:
      return std::make_shared<StudentNoise>(noise.dof);
  }
  throw InvalidArgument("noise", "is not a member of NoiseLaw");
}

}  // namespace bncollapse::theory
