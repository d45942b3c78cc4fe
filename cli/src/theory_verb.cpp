#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <map>
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
#include "bncollapse/theory/invalid_argument.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

using study::Json;

struct TheoryOptions {
  theory::Neuron neuron;
  theory::Noise noise;
  theory::SgdStep step;
  theory::LawDescription law;
  std::string law_name = "gaussian", noise_name = "gaussian";
  bool json = false;
};

/// The option that sets an argument of the theory.
std::string option_of(const std::string& argument) {
  static const std::map<std::string, std::string> options{
      {"learning_rate", "--eta"}, {"weight_decay", "--weight-decay"}, {"noise", "--noise"}, {"law", "--law"}};
  const auto found = options.find(argument);
  return found == options.end() ? "--" + argument : found->second;
}

/// One line of the result: key, value and what it is, for people.
struct Entry {
  std::string key;
  Json value;
  std::string meaning;
};

std::vector<Entry> predictions(const TheoryOptions& options) {
  const theory::LawPtr law = theory::make_law(options.law);
  const theory::DriftPrediction drift =
      theory::predict_drift(*law, options.neuron, options.noise, options.step);
  const double u = theory::threshold(options.neuron) + 0.0;  // -0 reads oddly
  const double even = theory::even_average_drift_coefficient(*law, options.neuron);
  std::vector<Entry> entries{
      {"activation_probability", drift.activation_probability, "P = Pr[gamma x + beta + alpha > 0]"},
      {"threshold", u, "u = -(beta + alpha) / gamma"},
      {"epsilon", drift.epsilon, "eta sigma / (sqrt(m) |gamma|), the expansion parameter"},
      {"drift_coefficient", drift.drift_coefficient, "A(u)"},
      {"even_drift_coefficient", even, "(A(u) + A(-u)) / 2, over an even law of beta/gamma"},
      {"drift_theorem1", drift.theorem1, "E[P'] - P = epsilon^2 A(u), one step, by Theorem 1"},
      {"drift_signal", drift.signal, "first-order term of the gradient's mean"},
      {"drift_exact", drift.exact.value, "E[P'] - P, one step, exact (quadrature)"},
      {"drift_exact_error", drift.exact.error, "its estimated error"},
      {"in_range", drift.in_range,
       fmt::format("Theorem 1 within {:g} % of the exact drift", 100 * theory::default_range_tolerance)}};
  const theory::WeightDecay decay{options.step.learning_rate, options.step.weight_decay};
  if (const auto t_half = theory::half_activation_time(*law, options.neuron, decay)) {
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

int run_theory(TheoryOptions options) {
  const auto law = theory::law_name_from_string(options.law_name);
  if (!law) throw study::InputError(fmt::format("--law is {}; see --help for the laws", options.law_name));
  options.law.name = *law;
  const auto noise = theory::noise_law_from_string(options.noise_name);
  if (!noise)
    throw study::InputError(fmt::format("--noise is {}; see --help for the laws", options.noise_name));
  options.noise.law = *noise;
  if (*law == theory::LawName::empirical && options.law.file.empty()) {
    throw study::InputError("--law empirical needs --file, a CSV with the columns lower,upper,count or x");
  }
  try {
    const std::vector<Entry> entries = predictions(options);
    options.json ? print_json(entries) : print_people(entries);
  } catch (const theory::InvalidArgument& error) {
    throw study::InputError(fmt::format("{}: {}", option_of(error.argument()), error.what()));
  }
  return 0;
}

}  // namespace

Verb theory_verb(CLI::App& program) {
  auto options = std::make_shared<TheoryOptions>();
  options->step.learning_rate = 0;
  CLI::App* app = program.add_subcommand("theory", "Predict activation probability and drift of one neuron");
  app->add_option("--gamma", options->neuron.gamma, "Scale of the normalisation")->required();
  app->add_option("--beta", options->neuron.beta, "Shift of the normalisation")->required();
  app->add_option("--alpha", options->neuron.alpha, "psBN's constant post-shift (0: BN)");
  app->add_option("--slope", options->neuron.slope, "Slope of the rectifier for z <= 0: 0 ReLU, 1 linear");
  app->add_option("--eta", options->step.learning_rate, "Learning rate")->required();
  app->add_option("--sigma", options->noise.sigma, "Standard deviation of the gradient noise")->required();
  app->add_option("--mean", options->noise.mean, "Mean of the gradient noise (0 in Theorem 1)");
  app->add_option("--noise", options->noise_name, "gaussian, rademacher, uniform, laplace or student_t");
  app->add_option("--noise-dof", options->noise.degrees_of_freedom,
                  "Degrees of freedom of student_t noise, 2.000001 or more");
  app->add_option("--batch", options->step.batch, "Samples averaged in a step");
  app->add_option("--weight-decay", options->step.weight_decay, "Weight decay lambda");
  app->add_option(
      "--law", options->law_name,
      "Law of the normalised pre-activation: gaussian, laplace, logistic, uniform, student_t, skew_normal or "
      "empirical");
  app->add_option("--dof", options->law.degrees_of_freedom,
                  "Degrees of freedom of student_t, 2.000001 or more");
  app->add_option("--shape", options->law.shape, "Shape of skew_normal, 0 is the Gaussian");
  app->add_option("--file", options->law.file, "CSV of the empirical law: columns lower,upper,count or x");
  app->add_flag("--json", options->json, "One JSON object on stdout");
  app->footer(
      "Examples:\n"
      "  bncollapse theory --gamma 1 --beta 0 --eta 0.01 --sigma 1\n"
      "  bncollapse theory --gamma 0.3 --beta=-0.5 --alpha 0.1 --eta 0.1 --sigma 0 --weight-decay 1e-4\n"
      "  bncollapse theory --gamma 1 --beta 0.5 --eta 0.05 --sigma 1 --law student_t --dof 4 --json");
  return {app, [options] { return run_theory(*options); }};
}

}  // namespace bncollapse::cli
