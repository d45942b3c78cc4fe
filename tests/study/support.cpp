#include "support.hpp"

#include "bncollapse/study/errors.hpp"

namespace bncollapse::study::testing {

Json small_spec() {
  return Json::parse(R"({
    "bncollapse": 2, "name": "small", "model": {}, "optimizer": {}, "initial": {"kind": "point"},
    "simulation": {"trajectories": 4000, "steps": 1, "precision": "float64", "antithetic": true},
    "sweep": {"axes": [{"field": "optimizer.learning_rate", "values": [0.01, 0.02]}]},
    "checks": [{"check": "drift_exact"},
               {"check": "exponent", "of": "optimizer.learning_rate", "expect": 2, "tolerance": 0.5}]})");
}

Spec parse(const Json& spec) { return parse_spec(spec.dump(), "spec.json"); }

std::string input_error(const std::string& text) {
  try {
    parse_spec(text, "spec.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

std::string input_error(const Json& spec) { return input_error(spec.dump()); }

}  // namespace bncollapse::study::testing
