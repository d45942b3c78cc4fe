#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "bncollapse/theory/law.hpp"

namespace bncollapse::theory::test {

/// The values of references.py.
inline const nlohmann::json& references() {
  static const nlohmann::json values = nlohmann::json::parse(std::ifstream(BNCOLLAPSE_REFERENCES));
  return values;
}

/// The values of drift_references.py.
inline const nlohmann::json& drift_references() {
  static const nlohmann::json values = nlohmann::json::parse(std::ifstream(BNCOLLAPSE_DRIFT_REFERENCES));
  return values;
}

/// A number of many digits; 0 where it is below the smallest double.
inline double number(const nlohmann::json& text) {
  return std::strtod(text.get<std::string>().c_str(), nullptr);
}

/// One of each law, and some more of the families that have a parameter.
inline std::vector<LawPtr> all_laws() {
  return {make_gaussian_law(),
          make_laplace_law(),
          make_logistic_law(),
          make_uniform_law(),
          make_student_t_law(2.5),
          make_student_t_law(5),
          make_student_t_law(1e5),
          make_skew_normal_law(0),
          make_skew_normal_law(5),
          make_skew_normal_law(-2),
          make_empirical_law({-3, -1, -0.25, 0.5, 2, 3}, {1, 4, 6, 3, 0.5})};
}

inline const std::vector<NoiseLaw> noise_laws{NoiseLaw::gaussian, NoiseLaw::rademacher, NoiseLaw::uniform,
                                              NoiseLaw::laplace, NoiseLaw::student_t};

/// The argument that an InvalidArgument thrown by `call` names; empty where none is thrown.
template <class Call>
std::string rejected_argument(const Call& call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.argument();
  }
  return "";
}

}  // namespace bncollapse::theory::test
