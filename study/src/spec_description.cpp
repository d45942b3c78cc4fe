#include "spec_description.hpp"

#include <array>
#include <utility>

#include "bncollapse/study/spec.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/law.hpp"
#include "check_kind.hpp"
#include "common_description.hpp"
#include "curve_kind.hpp"
#include "enum_names.hpp"
#include "figure_names.hpp"

namespace bncollapse::study {
namespace {

Json empty() { return Json::object(); }

Description sha256_description() {
  auto result =
      text("SHA-256 of the file, filled in when it is read; a given one must agree").left_out_if_absent();
  result.pattern = "[0-9a-f]{64}";
  return result;
}

Description noise() {
  return object(
      "gradient g of the loss with respect to the activation, independent of x",
      {{"law", text("law of g", noise_law_names()).defaults_to("gaussian")},
       {"mean", number("mean mu of g; Theorem 1 takes 0", finite_value).defaults_to(0)},
       {"std", number("standard deviation sigma of g", zero_or_more).defaults_to(1)},
       {"dof", number("student_t: degrees of freedom", at_least(theory::smallest_degrees_of_freedom))
                   .defaults_to(5)}});
}

Description model() {
  return object(
      "the neuron z = gamma x + beta + alpha and its gradient noise",
      {{"x", law_description().defaults_to(empty())},
       {"noise", noise().defaults_to(empty())},
       {"slope",
        number("slope a of the rectifier for z <= 0: 0 ReLU, 1 linear", from_to(0, 1)).defaults_to(0)},
       {"alpha", number("psBN's constant post-shift; 0 is BN", finite_value).defaults_to(0)},
       {"batch",
        object("samples averaged in one step",
               {{"size", integer("number m of independent samples", from_to(1, 1e9)).defaults_to(1)},
                {"mode",
                 text("exact: m samples are drawn; gaussian_limit: the step is drawn from its Gaussian limit "
                      "(an approximation, named so in the results)",
                      enum_names<sim::BatchMode>())
                     .defaults_to("exact")}})
            .defaults_to(empty())}});
}

Description schedule() {
  return object("learning rate over the steps; learning_rate is its peak",
                {{"kind", text("shape", enum_names<sim::Schedule::Kind>()).defaults_to("constant")},
                 {"period", integer("steps between two drops (step), of a cosine; unused when constant",
                                    from_to(0, largest_count))
                                .defaults_to(0)},
                 {"factor", number("step: what each drop multiplies by", zero_or_more).defaults_to(0.1)},
                 {"minimum", number("cosine: lowest learning rate", zero_or_more).defaults_to(0)}});
}

Description optimizer() {
  return object(
      "the optimizer of gamma and beta",
      {{"name", text("adam_l2: Adam with weight decay added to the gradient; adamw: decoupled decay",
                     optimizer_names())
                    .defaults_to("sgd")},
       {"learning_rate", number("learning rate eta", zero_or_more).defaults_to(0.01)},
       {"weight_decay", number("weight decay lambda", zero_or_more).defaults_to(0)},
       {"momentum", number("momentum, nesterov: coefficient", from_below(0, 1)).defaults_to(0.9)},
       {"beta1", number("Adam: decay of the first moment", from_below(0, 1)).defaults_to(0.9)},
       {"beta2", number("Adam: decay of the second moment", from_below(0, 1)).defaults_to(0.999)},
       {"epsilon", number("Adam: added to the root of the second moment", zero_or_more).defaults_to(1e-8)},
       {"first_moment", number("Adam: stored first moment at the start", finite_value).defaults_to(0)},
       {"second_moment", number("Adam: stored second moment at the start", zero_or_more).defaults_to(0)},
       {"steps_taken",
        number("Adam: steps taken before the start; 1e9 ends the bias correction", from_to(0, largest_count))
            .defaults_to(0)},
       {"schedule", schedule().defaults_to(empty())}});
}

Description initial() {
  return tagged(
      "where the trajectories start", "kind",
      {{"point",
        object("one point", {{"gamma", number("scale", finite_value).defaults_to(1)},
                             {"beta", number("shift", finite_value).defaults_to(0)},
                             {"u",
                              number("threshold on x in place of beta: beta = -u gamma - alpha", finite_value)
                                  .left_out_if_absent(),
                              "beta"}})},
       {"normal", object("independent normal gamma and beta",
                         {{"gamma_mean", number("mean of gamma", finite_value).defaults_to(1)},
                          {"gamma_std", number("standard deviation of gamma", zero_or_more).defaults_to(0)},
                          {"beta_mean", number("mean of beta", finite_value).defaults_to(0)},
                          {"beta_std", number("standard deviation of beta", zero_or_more).defaults_to(0)}})},
       {"uniform", object("independent uniform gamma and beta",
                          {{"gamma_lower", number("lowest gamma", finite_value).defaults_to(0)},
                           {"gamma_upper", number("highest gamma", finite_value).defaults_to(1)},
                           {"beta_lower", number("lowest beta", finite_value).defaults_to(0)},
                           {"beta_upper", number("highest beta", finite_value).defaults_to(0)}})},
       {"even_ratio",
        object("gamma fixed, beta/gamma from an even law",
               {{"gamma", number("scale", finite_value).defaults_to(1)},
                {"law",
                 text("law of beta/gamma", enum_names<sim::InitialEvenRatio::Law>()).defaults_to("gaussian")},
                {"ratio_std", number("standard deviation of beta/gamma", zero_or_more).defaults_to(1)}})},
       {"table", object("pairs of a real network; trajectory i starts from row i modulo the rows",
                        {{"file", text("CSV with the columns gamma,beta, sought from the spec's folder on")},
                         {"sha256", sha256_description()}})}});
}

Description bins(std::string what, int count) {
  return object(
      "bins of " + std::move(what),
      {{"lower", number("lower end; null: from the initial values and the predicted spread", finite_value)
                     .or_null()
                     .defaults_to(nullptr)},
       {"upper", number("upper end; null as for lower", finite_value).or_null().defaults_to(nullptr)},
       {"count", integer("number of bins", from_to(1, 100000)).defaults_to(count)}});
}

Description histograms() {
  return object(
      "histograms at every recorded step; null for none",
      {{"gamma", bins("gamma", 300).defaults_to(empty())},
       {"beta", bins("beta", 300).defaults_to(empty())},
       {"u", bins("u", 300).defaults_to(empty())},
       {"gamma_beta", object("two-dimensional histogram", {{"gamma", bins("gamma", 100).defaults_to(empty())},
                                                           {"beta", bins("beta", 100).defaults_to(empty())}})
                          .defaults_to(empty())}});
}

Description recorded_steps() {
  const Range count = from_to(1, 100000);
  Description by_rule = object(
      "a rule for the steps; 0 and the last are always among them",
      {{"every", integer("every n-th step", from_to(1, largest_count)).left_out_if_absent()},
       {"linear", integer("n equal parts", count).left_out_if_absent()},
       {"log", integer("n steps from 1 to the last, evenly on a log scale", count).left_out_if_absent()}});
  by_rule.exactly_one = {"every", "linear", "log"};
  return either(
      "recorded steps",
      {list("steps, ascending", integer("step, 0 is the start", from_to(0, largest_count)), 1, 100000),
       std::move(by_rule)});
}

Description simulation() {
  return object(
      "how it is simulated and what is recorded",
      {{"trajectories", integer("independent neurons", from_to(1, 1e12)).defaults_to(1000000)},
       {"steps", integer("optimizer steps", from_to(1, 1e12)).defaults_to(1)},
       {"precision",
        text("of the state; float32 changes to float64 where its rounding would show in the drift",
             enum_names<sim::Precision>())
            .defaults_to("float32")},
       {"rejection_free",
        boolean("neurons that are almost never active wait for their next active sample: exact in law, at a "
                "cost that goes with the active samples (sgd, ReLU, Gaussian x, independent samples)")
            .defaults_to(false)},
       {"splitting",
        object(
            "the probability that P falls below thresholds.probability within the steps, by splitting; null "
            "for none (sgd at a constant learning rate, Gaussian x, a start at a point)",
            {{"particles", integer("particles of a replica", from_to(2, 1e7)).defaults_to(1000)},
             {"replicas",
              integer("independent replicas, for the standard error", from_to(2, 1e6)).defaults_to(16)},
             {"kill_share", number("the weakest share of the particles that a round replaces",
                                   Range{.lower = 0, .upper = 1, .lower_open = true, .upper_open = true})
                                .defaults_to(0.1)}})
            .or_null()
            .defaults_to(nullptr)},
       {"streams",
        text("independent: every point draws its own numbers; common: all points draw the same, for the "
             "check `difference`",
             {"independent", "common"})
            .defaults_to("independent")},
       {"record", object("when to record", {{"steps", recorded_steps().defaults_to({{"log", 50}})}})
                      .defaults_to(empty())},
       {"antithetic",
        boolean("the drift from pairs of trajectories with g and -g as well").defaults_to(false)},
       {"control_variate",
        boolean("the drift with the martingale control variate as well (sgd, momentum, nesterov)")
            .defaults_to(false)},
       {"histograms", histograms().or_null().defaults_to(nullptr)},
       {"thresholds", object("what counts as collapsed",
                             {{"gamma", number("|gamma| below this", positive).defaults_to(1e-3)},
                              {"probability", number("and activation probability below this",
                                                     Range{.lower = 0, .upper = 1, .lower_open = true})
                                                  .defaults_to(1e-6)}})
                          .defaults_to(empty())},
       {"first_activation", boolean("histogram of the step of the first active sample").defaults_to(false)},
       {"collapse_time", boolean("histogram of the step at which the neuron collapses").defaults_to(false)},
       {"time_bins", integer("at most so many bins for the two times", from_to(1, 1e6)).defaults_to(4096)},
       {"paths",
        object("whole trajectories, for drawing",
               {{"count", integer("so many, from trajectory 0 on", from_to(0, 10000)).defaults_to(0)},
                {"stride", integer("every so many steps", from_to(1, largest_count)).defaults_to(1)}})
            .defaults_to(empty())}});
}

Description describe_spec() {
  std::vector<Field> fields = heading_fields();
  const std::vector<Field> own{
      {"model", model()},
      {"optimizer", optimizer()},
      {"initial", initial()},
      {"simulation", simulation()},
      {"sweep", sweep_description().or_null().defaults_to(nullptr)},
      {"checks", list("predictions to judge", tagged_by_kind("one check", "check", check_kinds()), 0, 1000)
                     .defaults_to(Json::array())},
      {"curves", list("predicted curves to draw", tagged_by_kind("one curve", "curve", curve_kinds()), 0, 100)
                     .defaults_to(Json::array())},
      {"figure",
       text("name of the figure that draws this run; empty for none", neuron_figures()).defaults_to("")}};
  fields.insert(fields.end(), own.begin(), own.end());
  return object("an experiment with one batch-normalised neuron", std::move(fields));
}

}  // namespace

Description law_description() {
  return object(
      "law of the normalised pre-activation x, mean 0 and variance 1",
      {{"law", text("name of the law", law_names()).defaults_to("gaussian")},
       {"dof", number("student_t: degrees of freedom", at_least(theory::smallest_degrees_of_freedom))
                   .defaults_to(5)},
       {"shape", number("skew_normal: shape, 0 is the Gaussian", finite_value).defaults_to(0)},
       {"file",
        text("empirical: CSV with the columns lower,upper,count or x, sought from the spec's folder on")
            .defaults_to("")},
       {"sha256", sha256_description()}});
}

std::vector<std::string> law_names() {
  using enum theory::LawName;
  std::vector<std::string> names;
  for (const auto name : {gaussian, laplace, logistic, uniform, student_t, skew_normal, empirical}) {
    names.emplace_back(theory::to_string(name));
  }
  return names;
}

std::vector<std::string> noise_law_names() {
  using enum theory::NoiseLaw;
  std::vector<std::string> names;
  for (const auto name : {gaussian, rademacher, uniform, laplace, student_t}) {
    names.emplace_back(theory::to_string(name));
  }
  return names;
}

std::vector<std::string> optimizer_names() { return enum_names<theory::OptimizerName>(); }

const Description& spec_description() {
  static const Description description = describe_spec();
  return description;
}

}  // namespace bncollapse::study
