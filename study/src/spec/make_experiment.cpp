#include "spec/make_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <set>
#include <vector>

#include "bncollapse/fields/invalid_argument.hpp"
#include "bncollapse/fields/json.hpp"
#include "spec/auto_bins.hpp"
#include "spec/experiment_files.hpp"
#include "spec/neuron_spec_fields.hpp"
#include "spec/shared_sections.hpp"

namespace bncollapse::study {
namespace {

/// Enough for the error of a difference to be known to 1/sqrt(2 * 255) = 4 %.
constexpr std::int64_t groups_of_common_streams = 256;

std::vector<std::int64_t> every(std::int64_t stride, std::int64_t last) {
  std::vector<std::int64_t> steps;
  for (std::int64_t step = 0; step < last && std::ssize(steps) <= most_records; step += stride)
    steps.push_back(step);
  steps.push_back(last);
  return steps;
}

std::vector<std::int64_t> evenly(std::int64_t count, std::int64_t last, bool logarithmic) {
  std::set<std::int64_t> steps{0, last};
  const double end = static_cast<double>(last);
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count);
    const double log_share = count == 1 ? 1 : static_cast<double>(i) / static_cast<double>(count - 1);
    steps.insert(
        std::min<std::int64_t>(last, std::llround(logarithmic ? std::pow(end, log_share) : end * share)));
  }
  return {steps.begin(), steps.end()};
}

std::vector<std::int64_t> recorded_steps(const Json& rule, std::int64_t last, const Place& place) {
  std::vector<std::int64_t> steps;
  if (rule.is_array()) {
    steps = rule.get<std::vector<std::int64_t>>();
  } else if (rule.contains("every")) {
    steps = every(rule.at("every"), last);
  } else {
    const bool logarithmic = rule.contains("log");
    steps = evenly(rule.at(logarithmic ? "log" : "linear"), last, logarithmic);
  }
  if (std::ssize(steps) > most_records) {
    place.fail(fmt::format("asks for more than {} records; record fewer steps", most_records));
  }
  return steps;
}

sim::Bins bins(const AutomaticBins& given, ExpectedRanges::Interval expected) {
  return {.lower = given.lower.value_or(expected.lower),
          .upper = given.upper.value_or(expected.upper),
          .count = given.count};
}

void set_bins(const HistogramBins& histograms, sim::Experiment& experiment) {
  const ExpectedRanges expected = expected_ranges(experiment);
  sim::Recording& recording = experiment.recording;
  recording.histograms = true;
  recording.gamma_bins = bins(histograms.gamma, expected.gamma);
  recording.beta_bins = bins(histograms.beta, expected.beta);
  recording.u_bins = bins(histograms.u, expected.u);
  recording.gamma_bins_2d = bins(histograms.both_gamma, expected.gamma);
  recording.beta_bins_2d = bins(histograms.both_beta, expected.beta);
}

}  // namespace

theory::LawPtr ExperimentMaker::x_law(const theory::LawDescription& law, const Place& place) {
  const auto [entry, is_new] = laws_.try_emplace(fields::to_json<Json>(law).dump());
  if (is_new) {
    try {
      entry->second = theory::make_law(law);
    } catch (const fields::InvalidArgument& error) {
      place.key(error.argument()).fail(error.problem());
    }
  }
  return entry->second;
}

sim::Initial ExperimentMaker::initial(const Start& start, double alpha) {
  const auto make = [&]<class Law>(const Law& law) -> sim::Initial {
    if constexpr (std::is_same_v<Law, StartingPoint>) {
      const double gamma = law.point.gamma;
      return sim::InitialPoint{gamma, law.u ? -*law.u * gamma - alpha : law.point.beta};
    } else if constexpr (std::is_same_v<Law, StartingTable>) {
      const auto [entry, is_new] = tables_.try_emplace(law.file);
      if (is_new) entry->second = read_initial_table(law.file);
      return entry->second;
    } else {
      return law;
    }
  };
  return std::visit(make, start);
}

sim::Experiment ExperimentMaker::make(const Json& resolved, const Place& place) {
  NeuronSpec spec;
  fields::from_json(resolved, spec);
  sim::Experiment& experiment = spec.experiment;
  experiment.model.x_law = x_law(spec.x.law, place.key("model.x"));
  experiment.initial = initial(spec.start, experiment.model.alpha);
  experiment.recording.steps =
      recorded_steps(spec.recorded_steps.rule, experiment.steps, place.key("simulation.record.steps"));
  if (spec.streams == Streams::common) experiment.recording.groups = groups_of_common_streams;
  if (spec.histograms) set_bins(*spec.histograms, experiment);
  try {
    sim::validate(experiment);
  } catch (const fields::InvalidArgument& error) {
    const bool is_given_by_u = error.argument() == "initial.beta" && resolved.at("initial").contains("u");
    if (is_given_by_u) place.key("initial.u").fail("gives a beta that " + error.problem());
    place.key(error.argument()).fail(error.problem());
  }
  return experiment;
}

}  // namespace bncollapse::study
