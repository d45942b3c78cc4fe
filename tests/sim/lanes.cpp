// The lanes' random words against Random123, their functions against long double, and every target's bits
// against the scalar's.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "lane_table.hpp"

using namespace bncollapse::sim;

namespace {

struct KnownAnswer {
  std::array<std::uint32_t, 4> counter, result;
  PhiloxKey key;
};

std::vector<KnownAnswer> known_answers() {
  std::ifstream file(BNCOLLAPSE_PHILOX_KAT);
  std::vector<KnownAnswer> answers;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    words >> std::hex;
    KnownAnswer answer;
    for (auto& word : answer.counter) words >> word;
    words >> answer.key.word0 >> answer.key.word1;
    for (auto& word : answer.result) words >> word;
    REQUIRE_FALSE(words.fail());
    answers.push_back(answer);
  }
  return answers;
}

long double exact(LaneFunction function, long double x) {
  const long double root_2 = std::sqrt(2.0L), pi = std::acos(-1.0L);
  switch (function) {
    case LaneFunction::log:
      return std::log(x);
    case LaneFunction::exp_of_negative:
      return std::exp(x);
    case LaneFunction::expm1_of_positive:
      return std::expm1(x);
    case LaneFunction::normal_pdf:
      return std::exp(-x * x / 2) / std::sqrt(2 * pi);
    case LaneFunction::normal_survival:
      break;
  }
  return std::erfc(x / root_2) / 2;
}

/// |got - expected| in units in the last place of T at `expected`.
template <class T>
double ulps(T got, long double expected) {
  int exponent = 0;
  std::frexp(expected, &exponent);
  const long double unit = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - expected) / unit);
}

/// `count` points from `from` to `to`, evenly spaced in their square root's sign-keeping scale, so that both
/// the ends and the neighbourhood of 0 are met.
template <class T>
std::vector<T> points(double from, double to, int count) {
  std::vector<T> x;
  const double low = std::copysign(std::sqrt(std::fabs(from)), from),
               high = std::copysign(std::sqrt(std::fabs(to)), to);
  for (int i = 0; i <= count; ++i) {
    const double root = low + (high - low) * i / count;
    x.push_back(static_cast<T>(root * std::fabs(root)));
  }
  return x;
}

template <class T>
std::vector<T> values(const LaneTable& table, LaneFunction function, const std::vector<T>& x) {
  if constexpr (std::is_same_v<T, float>) {
    return table.values_float(function, x);
  } else {
    return table.values_double(function, x);
  }
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

template <class T>
void check_function(LaneFunction function, double from, double to, double largest_ulps) {
  const std::vector<T> x = points<T>(from, to, 200'000);
  const std::vector<LaneTable> tables = lane_tables();
  const std::vector<T> expected = values(tables.front(), function, x);
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double truth = exact(function, static_cast<long double>(x[i]));
    if (truth != 0) worst = std::max(worst, ulps(expected[i], truth));
  }
  CHECK(worst <= largest_ulps);
  for (const LaneTable& table : tables) {
    CAPTURE(table.target);
    CHECK(same_bits(values(table, function, x), expected));
  }
}

}  // namespace

TEST_CASE("lanes: Philox gives Random123's known answers on every target and precision") {
  const std::vector<KnownAnswer> answers = known_answers();
  REQUIRE(answers.size() == 3);
  for (const KnownAnswer& answer : answers) {
    CHECK(philox4x32_10(answer.counter, answer.key) == answer.result);
    for (const LaneTable& table : lane_tables()) {
      CAPTURE(table.target);
      CHECK(table.philox_float(answer.counter, answer.key) == answer.result);
      CHECK(table.philox_double(answer.counter, answer.key) == answer.result);
    }
  }
}

// The bounds are those that elementary.hpp states.
TEST_CASE("lanes: log") {
  check_function<float>(LaneFunction::log, 1e-30, 1e12, 1);
  check_function<float>(LaneFunction::log, 0.5, 1.5, 1);
  check_function<double>(LaneFunction::log, 1e-300, 1e12, 1.1);
  check_function<double>(LaneFunction::log, 0.5, 1.5, 1.1);
}

TEST_CASE("lanes: exp and expm1") {
  check_function<float>(LaneFunction::exp_of_negative, -87, 0, 1.2);
  check_function<double>(LaneFunction::exp_of_negative, -708, 0, 1.2);
  check_function<float>(LaneFunction::expm1_of_positive, 1e-30, 80, 2.5);
  check_function<double>(LaneFunction::expm1_of_positive, 1e-30, 80, 2.5);
}

TEST_CASE("lanes: normal density and survival, to 30 standard deviations and beyond") {
  check_function<float>(LaneFunction::normal_pdf, -13, 13, 3);
  check_function<double>(LaneFunction::normal_pdf, -37, 37, 3);
  check_function<float>(LaneFunction::normal_survival, -6, 12.9, 7);
  check_function<double>(LaneFunction::normal_survival, -9, 37, 7);
}

TEST_CASE("lanes: the ends of the normal survival function") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const LaneTable& table : lane_tables()) {
    CHECK(table.values_double(LaneFunction::normal_survival, {-infinity, 0, 40, infinity}) ==
          std::vector<double>{1, 0.5, 0, 0});
  }
}

TEST_CASE("lanes: the two normals of a draw, the same bits on every target") {
  const std::vector<LaneTable> tables = lane_tables();
  const auto floats = tables.front().normals_float(1000);
  const auto doubles = tables.front().normals_double(1000);
  for (const LaneTable& table : tables) {
    CAPTURE(table.target);
    CHECK(same_bits(table.normals_float(1000), floats));
    CHECK(same_bits(table.normals_double(1000), doubles));
  }
}
