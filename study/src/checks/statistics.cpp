#include "checks/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace bncollapse::study {

double allowed_deviations(double false_alarm, std::size_t comparisons) {
  const double tail = false_alarm / (2 * static_cast<double>(std::max<std::size_t>(comparisons, 1)));
  return boost::math::quantile(boost::math::complement(boost::math::normal(), tail));
}

double student_deviations(double level, std::size_t degrees_of_freedom) {
  const boost::math::students_t law(static_cast<double>(degrees_of_freedom));
  return boost::math::quantile(boost::math::complement(law, level));
}

double allowed_distance(double false_alarm, std::int64_t n) {
  return std::sqrt(std::log(2 / false_alarm) / (2 * static_cast<double>(n)));
}

double distance_p_value(double distance, std::int64_t n) {
  return std::min(1.0, 2 * std::exp(-2 * static_cast<double>(n) * distance * distance));
}

LineFit fit_line(const std::vector<MeasuredPoint>& points) {
  double weights = 0, mean_x = 0, mean_y = 0;
  for (const MeasuredPoint& point : points) {
    const double weight = 1 / (point.standard_error * point.standard_error);
    weights += weight;
    mean_x += weight * point.x;
    mean_y += weight * point.y;
  }
  mean_x /= weights;
  mean_y /= weights;
  double sum_xx = 0, sum_xy = 0;
  for (const MeasuredPoint& point : points) {
    const double weight = 1 / (point.standard_error * point.standard_error);
    sum_xx += weight * (point.x - mean_x) * (point.x - mean_x);
    sum_xy += weight * (point.x - mean_x) * (point.y - mean_y);
  }
  LineFit fit;
  fit.slope = sum_xy / sum_xx;
  fit.slope_error = std::sqrt(1 / sum_xx);
  fit.intercept = mean_y - fit.slope * mean_x;
  fit.intercept_error = std::sqrt(1 / weights + mean_x * mean_x / sum_xx);
  for (const MeasuredPoint& point : points) {
    const double residual = (point.y - fit.intercept - fit.slope * point.x) / point.standard_error;
    fit.chi_squared += residual * residual;
  }
  return fit;
}

}  // namespace bncollapse::study
