#pragma once

#include <limits>
#include <string>

namespace bncollapse::fields {

/// The numbers that a field may take. Without limits: every finite one.
struct Range {
  double lower = std::numeric_limits<double>::lowest();
  double upper = std::numeric_limits<double>::max();
  bool lower_open = false;  ///< `lower` itself is not allowed
  bool upper_open = false;
  double exception = std::numeric_limits<double>::quiet_NaN();  ///< a number between that is not allowed

  constexpr bool has_lower() const { return lower > std::numeric_limits<double>::lowest(); }
  constexpr bool has_exception() const { return exception == exception; }
  constexpr bool has_upper() const { return upper < std::numeric_limits<double>::max(); }
  /// False for NaN.
  constexpr bool holds(double value) const {
    return (lower_open ? value > lower : value >= lower) && (upper_open ? value < upper : value <= upper) &&
           value != exception;
  }
  /// "from 0 to 1", "greater than 0", ...; empty where every finite number is allowed.
  std::string text() const;
};

constexpr Range at_least(double lower) { return {.lower = lower}; }
constexpr Range above(double lower) { return {.lower = lower, .lower_open = true}; }
/// Infinity is allowed, too.
constexpr Range at_least_or_infinite(double lower) {
  return {.lower = lower, .upper = std::numeric_limits<double>::infinity()};
}
/// [lower, upper]
constexpr Range from_to(double lower, double upper) { return {.lower = lower, .upper = upper}; }
/// [lower, upper)
constexpr Range from_below(double lower, double upper) {
  return {.lower = lower, .upper = upper, .upper_open = true};
}
/// (lower, upper]
constexpr Range above_to(double lower, double upper) {
  return {.lower = lower, .upper = upper, .lower_open = true};
}
/// (lower, upper)
constexpr Range between(double lower, double upper) {
  return {.lower = lower, .upper = upper, .lower_open = true, .upper_open = true};
}

// Of parameters and counts: far beyond any use, and far from where arithmetic ends.
inline constexpr double largest_parameter = 1e12;
inline constexpr double largest_count = 1e15;
inline constexpr Range any_parameter = from_to(-largest_parameter, largest_parameter);
inline constexpr Range zero_or_more = from_to(0, largest_parameter);
inline constexpr Range positive = above_to(0, largest_parameter);
inline constexpr Range thread_count = from_to(1, 4096);

}  // namespace bncollapse::fields
