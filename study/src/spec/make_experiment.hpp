#pragma once

#include <map>
#include <string>

#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"
#include "spec/neuron_spec.hpp"

namespace bncollapse::study {

/// Reads the files of a spec once for all points.
class ExperimentMaker {
 public:
  /// The experiment that a resolved spec (without its sweep) describes. Throws InputError where its values do
  /// not go together, naming the place.
  sim::Experiment make(const Json& resolved, const Place& place);

 private:
  theory::LawPtr x_law(const theory::LawDescription& law, const Place& place);
  sim::Initial initial(const Start& start, double alpha);

  std::map<std::string, theory::LawPtr> laws_;
  std::map<std::string, sim::InitialTable> tables_;
};

}  // namespace bncollapse::study
