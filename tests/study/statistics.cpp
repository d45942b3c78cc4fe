#include "checks/statistics.hpp"

#include <doctest/doctest.h>

#include "relative_error.hpp"

using namespace bncollapse::study;
using bncollapse::relative_error;

TEST_CASE("the weighted line is NumPy's (numpy.polyfit 1.24.2, w = 1/s, cov = 'unscaled')") {
  const LineFit fit = fit_line({{1, 1.1, 0.1}, {2, 1.9, 0.2}, {4, 4.2, 0.1}, {5, 4.7, 0.3}});
  CHECK(relative_error(fit.slope, 1.01210762) <= 1e-8);
  CHECK(relative_error(fit.intercept, 0.07130045) <= 1e-7);
  CHECK(relative_error(fit.slope_error, 0.04365581) <= 1e-7);
  CHECK(relative_error(fit.intercept_error, 0.12950406) <= 1e-7);
  CHECK(relative_error(fit.chi_squared, 3.699551569506726) <= 1e-14);
}

TEST_CASE("allowed deviations are normal quantiles (scipy.stats.norm.isf 1.10.1)") {
  CHECK(relative_error(allowed_deviations(1e-4, 1), 3.890591886413094) <= 1e-13);
  CHECK(relative_error(allowed_deviations(1e-4, 10), 4.417173413469023) <= 1e-13);
}

TEST_CASE("the allowed distance has the false-alarm rate as its p-value") {
  const double distance = allowed_distance(1e-4, 5000);
  CHECK(relative_error(distance, 0.03146980704188719) <= 1e-12);  // sqrt(ln(20000) / 10000)
  CHECK(relative_error(distance_p_value(distance, 5000), 1e-4) <= 1e-13);
}
