#include "make_experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "auto_bins.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "enum_names.hpp"
#include "experiment_files.hpp"

namespace bncollapse::study {
namespace {

/// A point's records and histograms; work_limits.cpp has those of a sweep.
constexpr std::size_t most_records = 100000;
constexpr double most_histogram_bins = 1e8;
/// Enough for the error of a difference to be known to 1/sqrt(2 * 255) = 4 %.
constexpr std::int64_t groups_of_common_streams = 256;

theory::Noise noise(const Json& description) {
  return {.law = *theory::noise_law_from_string(description.at("law").get<std::string>()),
          .mean = description.at("mean"),
          .sigma = description.at("std"),
          .degrees_of_freedom = description.at("dof")};
}

theory::Optimizer optimizer(const Json& description) {
  return {.name = enum_of<theory::OptimizerName>(description.at("name").get<std::string>()),
          .learning_rate = description.at("learning_rate"),
          .weight_decay = description.at("weight_decay"),
          .momentum = description.at("momentum"),
          .beta1 = description.at("beta1"),
          .beta2 = description.at("beta2"),
          .epsilon = description.at("epsilon"),
          .first_moment = description.at("first_moment"),
          .second_moment = description.at("second_moment"),
          .steps_taken = description.at("steps_taken")};
}

sim::Schedule schedule(const Json& description, const Place& place) {
  const sim::Schedule result{.kind = enum_of<sim::Schedule::Kind>(description.at("kind").get<std::string>()),
                             .period = description.at("period"),
                             .factor = description.at("factor"),
                             .minimum = description.at("minimum")};
  if (result.kind != sim::Schedule::Kind::constant && result.period < 1) {
    place.key("period").fail(fmt::format("is 0; a {} schedule needs a period of 1 step or more",
                                         description.at("kind").get<std::string>()));
  }
  return result;
}

std::vector<std::int64_t> every(std::int64_t stride, std::int64_t last) {
  std::vector<std::int64_t> steps;
  for (std::int64_t step = 0; step < last && steps.size() <= most_records; step += stride)
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
    steps.insert(std::llround(logarithmic ? std::pow(end, log_share) : end * share));
  }
  return {steps.begin(), steps.end()};
}

std::vector<std::int64_t> recorded_steps(const Json& description, std::int64_t last, const Place& place) {
  std::vector<std::int64_t> steps;
  if (description.is_array()) {
    steps = description.get<std::vector<std::int64_t>>();
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i] > last) {
        place.index(i).fail(fmt::format("is {}, beyond simulation.steps = {}", steps[i], last));
      }
      if (i > 0 && steps[i] <= steps[i - 1]) {
        place.index(i).fail(fmt::format("is {} after {}; the steps must ascend", steps[i], steps[i - 1]));
      }
    }
  } else if (description.contains("every")) {
    steps = every(description.at("every"), last);
  } else {
    const bool logarithmic = description.contains("log");
    steps = evenly(description.at(logarithmic ? "log" : "linear"), last, logarithmic);
  }
  if (steps.size() > most_records) {
    place.fail(fmt::format("asks for more than {} records; record fewer steps", most_records));
  }
  return steps;
}

sim::Bins bins(const Json& description, ExpectedRanges::Interval expected, const Place& place) {
  const auto end = [&](const char* key, double automatic) {
    return description.at(key).is_null() ? automatic : description.at(key).get<double>();
  };
  const sim::Bins result{.lower = end("lower", expected.lower),
                         .upper = end("upper", expected.upper),
                         .count = description.at("count")};
  if (!(result.lower < result.upper)) {
    place.fail(fmt::format("has the lower end {} and the upper end {}; the lower must be less", result.lower,
                           result.upper));
  }
  return result;
}

void add_histograms(const Json& description, const sim::Experiment& experiment, const Place& place,
                    sim::Recording& recording) {
  const ExpectedRanges expected = expected_ranges(experiment);
  const Json& both = description.at("gamma_beta");
  const Place both_place = place.key("gamma_beta");
  recording.histograms = true;
  recording.gamma_bins = bins(description.at("gamma"), expected.gamma, place.key("gamma"));
  recording.beta_bins = bins(description.at("beta"), expected.beta, place.key("beta"));
  recording.u_bins = bins(description.at("u"), expected.u, place.key("u"));
  recording.gamma_bins_2d = bins(both.at("gamma"), expected.gamma, both_place.key("gamma"));
  recording.beta_bins_2d = bins(both.at("beta"), expected.beta, both_place.key("beta"));
  const double per_record =
      static_cast<double>(recording.gamma_bins.count + recording.beta_bins.count + recording.u_bins.count) +
      static_cast<double>(recording.gamma_bins_2d.count) * static_cast<double>(recording.beta_bins_2d.count);
  const double total = per_record * static_cast<double>(recording.steps.size());
  if (total > most_histogram_bins) {
    place.fail(fmt::format(
        "makes {:.3g} bins over {} records; at most {:.0e} are allowed: record fewer steps or take "
        "fewer bins",
        total, recording.steps.size(), most_histogram_bins));
  }
}

sim::Recording recording(const Json& description, const sim::Experiment& experiment, const Place& place) {
  sim::Recording result;
  result.steps = recorded_steps(description.at("record").at("steps"), experiment.steps,
                                place.key("record").key("steps"));
  result.antithetic = description.at("antithetic");
  result.control_variate = description.at("control_variate");
  result.gamma_threshold = description.at("thresholds").at("gamma");
  result.probability_threshold = description.at("thresholds").at("probability");
  result.first_activation = description.at("first_activation");
  result.collapse_time = description.at("collapse_time");
  result.time_bins = description.at("time_bins");
  if (description.at("streams") == "common") result.groups = groups_of_common_streams;
  result.paths = description.at("paths").at("count");
  result.path_stride = description.at("paths").at("stride");
  if (!description.at("histograms").is_null()) {
    add_histograms(description.at("histograms"), experiment, place.key("histograms"), result);
  }
  return result;
}

void require_ordered(double lower, double upper, const Place& place, const char* name) {
  if (lower > upper) {
    place.key(std::string(name) + "_lower")
        .fail(fmt::format("is {}, above {}_upper = {}; it must not be", lower, name, upper));
  }
}

}  // namespace

theory::LawPtr ExperimentMaker::x_law(const Json& description, const Place& place) {
  const auto [entry, is_new] = laws_.try_emplace(description.dump());
  if (is_new) {
    try {
      entry->second =
          theory::make_law({.name = *theory::law_name_from_string(description.at("law").get<std::string>()),
                            .degrees_of_freedom = description.at("dof"),
                            .shape = description.at("shape"),
                            .file = description.at("file")});
    } catch (const theory::InvalidArgument& error) {
      place.key(error.argument()).fail(error.what());
    }
  }
  return entry->second;
}

sim::Initial ExperimentMaker::initial(const Json& description, double alpha) {
  const auto kind = description.at("kind").get<std::string>();
  const auto value = [&](const char* key) { return description.at(key).get<double>(); };
  if (kind == "point") {
    const double gamma = value("gamma");
    return sim::InitialPoint{gamma, description.contains("u") ? -value("u") * gamma - alpha : value("beta")};
  }
  if (kind == "normal") {
    return sim::InitialNormal{value("gamma_mean"), value("gamma_std"), value("beta_mean"), value("beta_std")};
  }
  if (kind == "uniform") {
    return sim::InitialUniform{value("gamma_lower"), value("gamma_upper"), value("beta_lower"),
                               value("beta_upper")};
  }
  if (kind == "even_ratio") {
    return sim::InitialEvenRatio{
        value("gamma"), enum_of<sim::InitialEvenRatio::Law>(description.at("law").get<std::string>()),
        value("ratio_std")};
  }
  const auto file = description.at("file").get<std::string>();
  const auto [entry, is_new] = tables_.try_emplace(file);
  if (is_new) entry->second = read_initial_table(file);
  return entry->second;
}

sim::Experiment ExperimentMaker::make(const Json& resolved, const Place& place) {
  const Json& model = resolved.at("model");
  const Json& simulation = resolved.at("simulation");
  sim::Experiment experiment;
  experiment.model.x_law = x_law(model.at("x"), place.key("model").key("x"));
  experiment.model.noise = noise(model.at("noise"));
  experiment.model.alpha = model.at("alpha");
  experiment.model.slope = model.at("slope");
  experiment.model.batch = model.at("batch").at("size");
  experiment.model.batch_mode = enum_of<sim::BatchMode>(model.at("batch").at("mode").get<std::string>());
  experiment.optimizer = optimizer(resolved.at("optimizer"));
  experiment.schedule =
      schedule(resolved.at("optimizer").at("schedule"), place.key("optimizer").key("schedule"));
  experiment.initial = initial(resolved.at("initial"), experiment.model.alpha);
  if (const auto* law = std::get_if<sim::InitialUniform>(&experiment.initial)) {
    require_ordered(law->gamma_lower, law->gamma_upper, place.key("initial"), "gamma");
    require_ordered(law->beta_lower, law->beta_upper, place.key("initial"), "beta");
  }
  experiment.trajectories = simulation.at("trajectories");
  experiment.steps = simulation.at("steps");
  experiment.precision = enum_of<sim::Precision>(simulation.at("precision").get<std::string>());
  experiment.rejection_free = simulation.at("rejection_free");
  if (const Json& splitting = simulation.at("splitting"); !splitting.is_null()) {
    experiment.splitting = sim::Splitting{.particles = splitting.at("particles"),
                                          .replicas = splitting.at("replicas"),
                                          .kill_share = splitting.at("kill_share")};
  }
  experiment.seed = resolved.at("seed").get<std::uint64_t>();
  experiment.recording = recording(simulation, experiment, place.key("simulation"));
  try {
    sim::validate(experiment);
  } catch (const theory::InvalidArgument& error) {
    throw InputError(fmt::format("{}: {}", place.file, error.what()));
  }
  return experiment;
}

}  // namespace bncollapse::study
