#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"
#include "spec/heading.hpp"

namespace bncollapse::study {

/// The law of x as a spec names it.
struct LawOfX {
  theory::LawDescription law;
  std::optional<std::string> sha256;  ///< of its file
};

/// A point, its beta given by the threshold u where that is there.
struct StartingPoint {
  sim::InitialPoint point;
  std::optional<double> u;
};

/// A table of (gamma, beta).
struct StartingTable {
  std::string file;
  std::optional<std::string> sha256;
};

using Start = std::variant<StartingPoint, sim::InitialNormal, sim::InitialUniform, sim::InitialEvenRatio,
                           StartingTable>;

/// Steps, or a rule for them.
struct RecordedSteps {
  Json rule = {{"log", 50}};

  static FieldSchema schema(std::string help);
  void read_json(const Json& json) { rule = json; }
  template <class>
  Json to_json() const {
    return rule;
  }
};

/// Bins whose ends may be chosen from the initial values and the predicted spread.
struct AutomaticBins {
  std::optional<double> lower, upper;
  std::int64_t count = 300;
};

/// Bins of the histograms at every recorded step.
struct HistogramBins {
  AutomaticBins gamma, beta, u;
  AutomaticBins both_gamma = {{}, {}, 100}, both_beta = {{}, {}, 100};  ///< of (gamma, beta)
};

/// Which random numbers the points of a sweep draw.
enum class Streams { independent, common };

/// A spec of one neuron, without its sweep, checks and curves.
struct NeuronSpec {
  Heading heading;
  sim::Experiment experiment;  ///< but for the members below, which a spec gives in another form
  LawOfX x;
  Start start;
  RecordedSteps recorded_steps;
  Streams streams = Streams::independent;
  std::optional<HistogramBins> histograms;
};

/// The schema of such a spec, with its sweep, checks and curves.
const FieldSchema& neuron_schema();

}  // namespace bncollapse::study
