#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/fields/enumeration.hpp"

namespace bncollapse::theory {

/// The laws of the normalised pre-activation x.
enum class LawName { gaussian, laplace, logistic, uniform, student_t, skew_normal, empirical };

/// A law of x, standardised to mean 0 and variance 1 (docs/THEORY.md section 1). All values are
/// dimensionless. Arguments must not be NaN; infinities are allowed where the limit exists.
/// Relative accuracy: 1e-12 for the Gaussian, 1e-9 for the others, tails included.
class Law {
 public:
  virtual ~Law() = default;

  virtual LawName name() const = 0;

  /// Density p(x).
  virtual double pdf(double x) const = 0;

  /// Its derivative p'(x). Where p' jumps (Laplace at 0, uniform at its edges, histogram edges):
  /// the mean of both sides, the value that Theorem 1 takes there.
  virtual double pdf_derivative(double x) const = 0;

  /// F(x) = Pr[X <= x].
  virtual double cdf(double x) const = 0;

  /// Q(x) = 1 - F(x), without cancellation in the upper tail.
  virtual double survival(double x) const = 0;

  /// E[x^k 1(x > u)] for k = 0, 1, 2; k = 0 is Q(u). Throws InvalidArgument("k") otherwise.
  virtual double upper_moment(int k, double u) const = 0;

  /// E[x^k 1(x < u)] for k = 0, 1, 2; k = 0 is F(u). Throws InvalidArgument("k") otherwise.
  virtual double lower_moment(int k, double u) const = 0;

  /// x with F(x) = probability, 0 <= probability <= 1 (the ends give the support's ends).
  virtual double quantile(double probability) const = 0;

  /// x with Q(x) = probability: exact where `probability` is far below the spacing of doubles at 1.
  virtual double upper_quantile(double probability) const = 0;

  /// The support's ends, infinite where it is unbounded.
  virtual double support_lower() const = 0;
  virtual double support_upper() const = 0;

  /// Points where p or p' jumps, ascending: quadratures split there.
  virtual std::vector<double> breakpoints() const { return {}; }

  /// True where p(-x) = p(x).
  virtual bool is_even() const = 0;

  /// What picks the law within its family: degrees of freedom (student_t), shape (skew_normal); 0 for the
  /// families without a parameter.
  virtual double parameter() const { return 0; }
};

using LawPtr = std::shared_ptr<const Law>;

/// Of Student's t: at 2 its variance has no value, and nearer to 2 all of it sits in tails that no sample
/// shows.
inline constexpr double smallest_degrees_of_freedom = 2.000001;
/// With so many the law is the Gaussian but for parts in 1e9 where |x| is about 1. With 1e16 and more the
/// functions lose digits.
inline constexpr double largest_degrees_of_freedom = 1e9;

/// What names a law in a spec or on the command line.
struct LawDescription {
  LawName law = LawName::gaussian;
  double dof = 5;      ///< student_t: from smallest_degrees_of_freedom to largest_degrees_of_freedom
  double shape = 0;    ///< skew_normal: any finite value, 0 is the Gaussian
  std::string file{};  ///< empirical: a file that `read_empirical_law` reads
};

/// Builds the law. Throws InvalidArgument naming "dof" or "shape", or what `read_empirical_law` throws.
LawPtr make_law(const LawDescription& description);

LawPtr make_gaussian_law();
LawPtr make_laplace_law();
LawPtr make_logistic_law();
LawPtr make_uniform_law();
LawPtr make_student_t_law(double degrees_of_freedom);
LawPtr make_skew_normal_law(double shape);

/// A piecewise-constant density, standardised to mean 0 and variance 1 on construction.
/// @param edges    bin edges, strictly increasing, at least 2
/// @param weights  one per bin, finite, 0 or more, at least one positive
/// Throws InvalidArgument naming "edges" or "weights".
LawPtr make_empirical_law(std::vector<double> edges, std::vector<double> weights);

/// Reads an empirical law from a CSV file: either a histogram with the header `lower,upper,count`
/// (bins contiguous) or a sample with the header `x`, binned by its quantiles. A value of a sample stands for
/// the interval between the midpoints to its neighbours, so that equal values count as rounded ones; a value
/// that comes too often for that, an atom, is refused. Throws InvalidArgument naming "file", with file, line
/// and remedy.
LawPtr read_empirical_law(const std::string& path);

}  // namespace bncollapse::theory

template <>
struct bncollapse::fields::Enumeration<bncollapse::theory::LawName> {
  using enum theory::LawName;
  static constexpr std::array all{
      Enumerator{gaussian, "gaussian", "standard normal", "Gaussian"},
      Enumerator{laplace, "laplace", "double exponential", "Laplace"},
      Enumerator{logistic, "logistic", "logistic"},
      Enumerator{uniform, "uniform", "uniform over [-sqrt(3), sqrt(3)]"},
      Enumerator{student_t, "student_t", "Student's t with `dof` degrees of freedom, scaled to variance 1",
                 "Student t"},
      Enumerator{skew_normal, "skew_normal", "skew normal with `shape`, scaled to mean 0 and variance 1"},
      Enumerator{empirical, "empirical",
                 "a histogram or a sample from `file`, scaled to mean 0 and variance 1"}};
};
