#include "checks/statistics.hpp"

#include <doctest/doctest.h>

using namespace bncollapse::study;

TEST_CASE("the weighted line is NumPy's (numpy.polyfit 1.24.2, w = 1/s, cov = 'unscaled')") {
  const LineFit fit = fit_line({{1, 1.1, 0.1}, {2, 1.9, 0.2}, {4, 4.2, 0.1}, {5, 4.7, 0.3}});
  CHECK(fit.slope == doctest::Approx(1.01210762).epsilon(1e-8));
  CHECK(fit.intercept == doctest::Approx(0.07130045).epsilon(1e-7));
  CHECK(fit.slope_error == doctest::Approx(0.04365581).epsilon(1e-7));
  CHECK(fit.intercept_error == doctest::Approx(0.12950406).epsilon(1e-7));
  CHECK(fit.chi_squared == doctest::Approx(3.699551569506726).epsilon(1e-12));
}

TEST_CASE("allowed deviations are normal quantiles (scipy.stats.norm.isf 1.10.1)") {
  CHECK(allowed_deviations(1e-4, 1) == doctest::Approx(3.890591886413094).epsilon(1e-12));
  CHECK(allowed_deviations(1e-4, 10) == doctest::Approx(4.417173413469023).epsilon(1e-12));
}

TEST_CASE("the allowed distance has the false-alarm rate as its p-value") {
  const double distance = allowed_distance(1e-4, 5000);
  CHECK(distance == doctest::Approx(0.03146993).epsilon(1e-6));  // sqrt(ln(20000) / 10000)
  CHECK(distance_p_value(distance, 5000) == doctest::Approx(1e-4).epsilon(1e-12));
}
