// The standardised draws of one lane against theory's distribution functions.
#define BNC_TARGET draws_test
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "bncollapse/theory/law.hpp"
#include "host/plan_experiment.hpp"
#include "shared/draw.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

constexpr int sample_size = 100'000;

enum class Words01 { x, noise };

template <class T>
std::vector<double> draw_sample(const SampleSource<T>& source) {
  using V = draws_test::Lane<T>;
  std::vector<double> sample;
  for (std::uint64_t i = 0; i < sample_size; ++i) {
    draws_test::RandomStream<V> stream(random_stream_key(42, 0), RandomPurpose::step, i, 3);
    const auto words = stream(3);
    sample.push_back(static_cast<double>(draws_test::standard_draw<V>(source, words.w0, words.w1).value()));
  }
  return sample;
}

/// sup |F_n - F| sqrt(n).
double kolmogorov_smirnov(std::vector<double> sample, const std::function<double(double)>& cdf) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double largest = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(sample[i]);
    largest = std::max({largest, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return largest * std::sqrt(n);
}

/// Exceeded with probability 2 exp(-2 x^2) = 1e-6 by a right sample.
constexpr double allowed_distance = 2.7;

template <class T>
void check_law(const theory::LawPtr& law) {
  Experiment experiment = plain_experiment();
  experiment.model.x_law = law;
  const PlannedStep<T> planned(experiment);
  CAPTURE(fields::name_of(law->name()));
  CAPTURE(sizeof(T));
  CHECK(kolmogorov_smirnov(draw_sample(planned.plan().x), [&](double x) { return law->cdf(x); }) <
        allowed_distance);
}

}  // namespace

TEST_CASE("draws of x follow theory's laws") {
  for (const auto& law :
       {theory::make_gaussian_law(), theory::make_laplace_law(), theory::make_logistic_law(),
        theory::make_uniform_law(), theory::make_student_t_law(2.5), theory::make_student_t_law(5),
        theory::make_student_t_law(1e6), theory::make_skew_normal_law(0), theory::make_skew_normal_law(3),
        theory::make_skew_normal_law(-10), theory::make_empirical_law({-3, -1, 0, 0.5, 4}, {1, 2, 0, 3})}) {
    check_law<float>(law);
    check_law<double>(law);
  }
}

TEST_CASE("draws of the noise are standardised and follow their laws") {
  const std::vector<std::pair<theory::NoiseLaw, theory::LawPtr>> laws = {
      {theory::NoiseLaw::gaussian, theory::make_gaussian_law()},
      {theory::NoiseLaw::uniform, theory::make_uniform_law()},
      {theory::NoiseLaw::laplace, theory::make_laplace_law()},
      {theory::NoiseLaw::student_t, theory::make_student_t_law(6)}};
  for (const auto& [noise, law] : laws) {
    Experiment experiment = plain_experiment();
    experiment.model.noise = {noise, 0, 1, 6};
    const PlannedStep<double> planned(experiment);
    const auto sample = draw_sample(planned.plan().noise);
    CAPTURE(fields::name_of(experiment.model.noise.law));
    CHECK(kolmogorov_smirnov(sample, [&, &reference = *law](double x) { return reference.cdf(x); }) <
          allowed_distance);
    std::vector<double> squares;
    for (const double x : sample) squares.push_back(x * x);
    CHECK(std::fabs(deviation(sample_mean(sample), 0)) < allowed_deviation);
    CHECK(std::fabs(deviation(sample_mean(squares), 1)) < allowed_deviation);
  }
  Experiment experiment = plain_experiment();
  experiment.model.noise.law = theory::NoiseLaw::rademacher;
  const auto signs = draw_sample(PlannedStep<double>(experiment).plan().noise);
  CHECK(std::all_of(signs.begin(), signs.end(), [](double x) { return x == 1 || x == -1; }));
  CHECK(std::fabs(deviation(sample_mean(signs), 0)) < allowed_deviation);
}

TEST_CASE("a block's number may pass 2^32") {
  using V = draws_test::Lane<double>;
  const PhiloxKey key = random_stream_key(5, 6);
  const std::uint64_t trajectory = 77, block = (std::uint64_t{3} << 32) + 9;
  draws_test::RandomStream<V> stream(key, RandomPurpose::step, trajectory, 1);
  stream(1);
  const auto words = stream(block);
  const auto expected = philox4x32_10({9, static_cast<std::uint32_t>(RandomPurpose::step) << 24 | 3,
                                       static_cast<std::uint32_t>(trajectory), 0},
                                      key);
  CHECK(words.w0.value == expected[0]);
  CHECK(words.w1.value == expected[1]);
  CHECK(words.w2.value == expected[2]);
  CHECK(words.w3.value == expected[3]);
}
