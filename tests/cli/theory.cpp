#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "program.hpp"
#include "relative_error.hpp"

using namespace bncollapse::cli::testing;
using bncollapse::relative_error;

TEST_CASE("theory --json prints one object with the promised keys") {
  const Finished result = shell("bncollapse theory --gamma 1 --beta 0 --eta 0.01 --sigma 1 --json");
  REQUIRE(result.code == 0);
  CHECK(result.err.empty());
  const auto json = nlohmann::json::parse(result.out);
  CHECK(json.at("activation_probability") == 0.5);
  // Gaussian x, ReLU: A(0) = -1/(2 pi).
  CHECK(relative_error(json.at("drift_coefficient").get<double>(), -0.5 / std::numbers::pi) <= 1e-12);
  CHECK(relative_error(json.at("drift_theorem1").get<double>(), -0.5e-4 / std::numbers::pi) <= 1e-12);
  CHECK(relative_error(json.at("drift_exact").get<double>(), json.at("drift_theorem1").get<double>()) <=
        1e-3);
  CHECK(json.at("drift_exact_error").get<double>() < 1e-12);
  CHECK(relative_error(json.at("epsilon").get<double>(), 0.01) <= 1e-15);
  CHECK(json.at("in_range") == true);
}

TEST_CASE("theory takes every option") {
  const Finished result = shell(
      "bncollapse theory --gamma 0.5 --beta=-1 --alpha 0.1 --eta 0.1 --sigma 0.5 --batch 4 --leak 0.01 "
      "--law student_t "
      "--dof 4 --noise student_t --noise-dof 5 --mean 0.1 --weight-decay 1e-3 --json");
  REQUIRE(result.code == 0);
  const auto json = nlohmann::json::parse(result.out);
  CHECK(relative_error(json.at("threshold").get<double>(), 1.8) <= 1e-15);
  CHECK(relative_error(json.at("epsilon").get<double>(), 0.1 * 0.5 / (2 * 0.5)) <= 1e-15);
  CHECK(json.at("drift_signal").get<double>() < 0);
  CHECK(relative_error(json.at("t_half").get<double>(), std::log(0.1) / std::log1p(-1e-4)) <= 1e-14);
}

TEST_CASE("theory takes the symbols of the fields for their options") {
  const Finished named = shell(
      "bncollapse theory --gamma 1 --beta=-1 --leak 0.01 --learning-rate 0.1 --batch 4 --x-law student_t --x-dof 4 "
      "--noise-law student_t --noise-std 0.5 --noise-mean 0.1 --noise-dof 5 --weight-decay 1e-3 --json");
  const Finished by_symbol = shell(
      "bncollapse theory --gamma 1 --beta=-1 --a 0.01 --eta 0.1 --m 4 --law student_t --nu 4 "
      "--noise student_t --noise-sigma 0.5 --noise-mu 0.1 --noise-nu 5 --lambda 1e-3 --json");
  REQUIRE(named.code == 0);
  CHECK(by_symbol.out == named.out);
}

TEST_CASE("theory for people names each number") {
  const Finished result = shell("bncollapse theory --gamma 1 --beta 0 --eta 0.5 --sigma 1");
  CHECK(result.code == 0);
  CHECK(contains(result.out, "E[P'] - P"));
  CHECK(contains(result.out, "in_range                 no"));
}
