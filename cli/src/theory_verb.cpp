#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/theory/decay.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/fields.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "field_options.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

using study::Json;

struct TheoryOptions {
  explicit TheoryOptions(CLI::App& app) : given(app) {}

  theory::Neuron neuron;
  theory::SgdStep step;
  theory::Noise noise;
  theory::LawDescription x_law;
  bool json = false;
  FieldOptions given;
};

/// One line of the result: key, value and what it is, for people.
struct Entry {
  std::string key;
  Json value;
  std::string meaning;
};

theory::LawPtr law_of(const TheoryOptions& options) {
  try {
    return theory::make_law(options.x_law);
  } catch (const theory::InvalidArgument& error) {
    throw study::InputError(
        fmt::format("{} {}", options.given.option_of("x." + error.argument()), error.problem()));
  }
}

std::vector<Entry> predictions(const TheoryOptions& options) {
  const theory::LawPtr law = law_of(options);
  const theory::DriftPrediction drift =
      theory::predict_drift(*law, options.neuron, options.noise, options.step);
  const double u = theory::threshold(options.neuron) + 0.0;  // -0 reads oddly
  const double even = theory::even_average_drift_coefficient(*law, options.neuron);
  std::vector<Entry> entries{
      {study::quantity::activation_probability, drift.activation_probability,
       "P = Pr[gamma x + beta + alpha > 0]"},
      {"threshold", u, "u = -(beta + alpha) / gamma"},
      {study::quantity::epsilon, drift.epsilon, "eta sigma / (sqrt(m) |gamma|), the expansion parameter"},
      {study::quantity::drift_coefficient, drift.drift_coefficient, "A(u)"},
      {study::quantity::even_drift_coefficient, even, "(A(u) + A(-u)) / 2, over an even law of beta/gamma"},
      {study::quantity::drift_theorem1, drift.theorem1, "E[P'] - P = epsilon^2 A(u), one step, by Theorem 1"},
      {study::quantity::drift_signal, drift.signal, "first-order term of the gradient's mean"},
      {study::quantity::drift_exact, drift.exact.value, "E[P'] - P, one step, exact (quadrature)"},
      {"drift_exact_error", drift.exact.error, "its estimated error"},
      {study::quantity::in_range, drift.in_range,
       fmt::format("Theorem 1 within {:g} % of the exact drift", 100 * theory::default_range_tolerance)}};
  const theory::WeightDecay decay{options.step.learning_rate, options.step.weight_decay};
  const bool shrinks = decay.learning_rate * decay.weight_decay < 1;
  if (const auto t_half =
          shrinks ? theory::half_activation_time(*law, options.neuron, decay) : std::nullopt) {
    entries.push_back({study::quantity::t_half, *t_half, "steps of weight decay alone until P = 1/2 (psBN)"});
  }
  return entries;
}

void print_people(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const std::string value = entry.value.is_boolean() ? (entry.value.get<bool>() ? "yes" : "no")
                                                       : fmt::format("{:.10g}", entry.value.get<double>());
    fmt::print("{:<24} {:<18} {}\n", entry.key, value, entry.meaning);
  }
}

/// JSON has no infinity: what is infinite is null.
void print_json(const std::vector<Entry>& entries) {
  Json result;
  for (const Entry& entry : entries) result[entry.key] = entry.value;
  fmt::print("{}\n", result.dump(2));
}

int run_theory(const TheoryOptions& options) {
  const FieldOptions& given = options.given;
  given.check(options.neuron, "");
  given.check(options.step, "");
  given.check(options.noise, "noise");
  given.check(options.x_law, "x");
  if (options.x_law.law == theory::LawName::empirical && options.x_law.file.empty())
    throw study::InputError(
        "--x-law empirical needs --x-file, a CSV with the columns lower,upper,count or x");
  try {
    const std::vector<Entry> entries = predictions(options);
    options.json ? print_json(entries) : print_people(entries);
  } catch (const theory::InvalidArgument& error) {
    throw study::InputError(fmt::format("{} {}", given.option_of(error.argument()), error.problem()));
  }
  return 0;
}

}  // namespace

Verb theory_verb(CLI::App& program) {
  CLI::App* app = program.add_subcommand("theory", "Predict activation probability and drift of one neuron");
  auto options = std::make_shared<TheoryOptions>(*app);
  FieldOptions& given = options->given;
  given.add(options->neuron, "", {"gamma", "beta"});
  given.add(options->step, "", {"learning_rate"}, {{"learning_rate", "lr"}});
  given.add(options->noise, "noise", {"std"},
            {{"law", "noise"}, {"mean", "mean"}, {"mean", "mu"}, {"std", "sigma"}});
  given.add(options->x_law, "x", {},
            {{"law", "law"}, {"dof", "dof"}, {"dof", "nu"}, {"shape", "shape"}, {"file", "file"}});
  app->add_flag("--json", options->json, "One JSON object on stdout");
  app->footer(
      "Examples:\n"
      "  bncollapse theory --gamma 1 --beta 0 --learning-rate 0.01 --noise-std 1\n"
      "  bncollapse theory --gamma 0.3 --beta=-0.5 --alpha 0.1 --eta 0.1 --sigma 0 --weight-decay 1e-4\n"
      "  bncollapse theory --gamma 1 --beta 0.5 --eta 0.05 --sigma 1 --x-law student_t --x-dof 4 --json");
  return {app, [options] { return run_theory(*options); }};
}

}  // namespace bncollapse::cli
