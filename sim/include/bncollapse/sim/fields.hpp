#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/validate.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/theory/fields.hpp"

// The fields of the simulator's structs, by the places that they have in a spec.
namespace bncollapse::fields {

template <>
struct Enumeration<sim::BatchMode> {
  using enum sim::BatchMode;
  static constexpr std::array all{
      Enumerator{exact, "exact", "all samples are drawn"},
      Enumerator{gaussian_limit, "gaussian_limit",
                 "the step is drawn from its Gaussian limit, an approximation that the results name"}};
};

template <>
struct Enumeration<sim::Schedule::Kind> {
  using enum sim::Schedule::Kind;
  static constexpr std::array all{
      Enumerator{constant, "constant", "the same at every step"},
      Enumerator{step, "step", "multiplied by `factor` every `period` steps"},
      Enumerator{cosine, "cosine", "falls to `minimum` within `period` steps, along half a cosine"},
      Enumerator{cosine_restarts, "cosine_restarts", "the same, started anew every `period` steps"}};
};

template <>
struct Enumeration<sim::InitialEvenRatio::Law> {
  using enum sim::InitialEvenRatio::Law;
  static constexpr std::array all{
      Enumerator{gaussian, "gaussian", "normal", "Gaussian"}, Enumerator{uniform, "uniform", "uniform"},
      Enumerator{rademacher, "rademacher", "one of two values, +- ratio_std", "Rademacher"}};
};

template <>
struct Enumeration<sim::Precision> {
  using enum sim::Precision;
  static constexpr std::array all{Enumerator{float32, "float32", "24 bits of fraction"},
                                  Enumerator{float64, "float64", "53 bits of fraction"}};
};

template <>
struct Enumeration<sim::EngineName> {
  using enum sim::EngineName;
  static constexpr std::array all{
      Enumerator{automatic, "auto", "cuda where there is a device, else cpu"},
      Enumerator{reference, "reference", "one trajectory at a time"},
      Enumerator{cpu, "cpu", "the widest vectors of the processor"}, Enumerator{cuda, "cuda", "CUDA devices"},
      Enumerator{cuda_approximate, "cuda-approximate",
                 "CUDA devices with the hardware's approximate functions, which the results name"}};
};

template <>
struct Fields<sim::Schedule> {
  using Struct = sim::Schedule;
  static constexpr auto all = std::tuple{
      field("kind", &Struct::kind, "shape of the schedule"),
      field("period", &Struct::period, "steps between two drops, or steps of one cosine; 1 or more",
            Unit{"steps"}, from_to(0, largest_count), only_for("kind", "step", "cosine", "cosine_restarts")),
      field("factor", &Struct::factor, "factor of the learning rate at each drop", zero_or_more,
            only_for("kind", "step")),
      field("minimum", &Struct::minimum, "lowest learning rate", zero_or_more,
            only_for("kind", "cosine", "cosine_restarts"))};
  static std::optional<Fault> fault(const Struct& schedule) {
    if (schedule.kind == Struct::Kind::constant || schedule.period >= 1) return {};
    return Fault{"period",
                 text_of("is 0; a ", name_of(schedule.kind), " schedule needs a period of 1 step or more")};
  }
};

/// Of a histogram.
inline constexpr Range bin_count = from_to(1, 100'000);

template <>
struct Fields<sim::Bins> {
  using Struct = sim::Bins;
  static constexpr auto all = std::tuple{field("lower", &Struct::lower, "lower end", any_parameter),
                                         field("upper", &Struct::upper, "upper end", any_parameter),
                                         field("count", &Struct::count, "number of bins", bin_count)};
  static std::optional<Fault> fault(const Struct& bins) {
    if (bins.lower < bins.upper) return {};
    return Fault{"lower", text_of("is ", bins.lower, ", and the upper end is ", bins.upper,
                                  "; the lower end must be less")};
  }
};

template <>
struct Fields<sim::Model> {
  using Struct = sim::Model;
  static constexpr auto all =
      std::tuple{field("noise", &Struct::noise,
                       "gradient g of the loss with respect to the activation, independent of x"),
                 leak_field(&Struct::leak),
                 alpha_field(&Struct::alpha),
                 section("batch", "samples averaged in one step"),
                 field("batch.size", &Struct::batch, "number of independent samples", Label{"Batch size"},
                       Symbol{"m"}, from_to(1, 1e9)),
                 field("batch.mode", &Struct::batch_mode, "how the samples of a step are drawn")};
  /// Samples drawn one by one in a step; larger batches have a Gaussian limit.
  static constexpr std::int64_t largest_exact_batch = 1'000'000;
  static std::optional<Fault> fault(const Struct& model) {
    if (model.batch_mode == sim::BatchMode::exact && model.batch > largest_exact_batch) {
      return Fault{"batch.size", text_of("is ", model.batch, "; it must be at most ", largest_exact_batch,
                                         " in mode exact; use mode gaussian_limit")};
    }
    return {};
  }
};

template <>
struct Fields<sim::InitialPoint> {
  using Struct = sim::InitialPoint;
  static constexpr auto all = std::tuple{
      field("gamma", &Struct::gamma, "scale", Symbol{"gamma_0"}, Label{"Initial scale"}, any_parameter),
      field("beta", &Struct::beta, "shift", Symbol{"beta_0"}, Label{"Initial shift"}, any_parameter)};
};

template <>
struct Fields<sim::InitialNormal> {
  using Struct = sim::InitialNormal;
  static constexpr auto all =
      std::tuple{field("gamma_mean", &Struct::gamma_mean, "mean of gamma", any_parameter),
                 field("gamma_std", &Struct::gamma_std, "standard deviation of gamma", zero_or_more),
                 field("beta_mean", &Struct::beta_mean, "mean of beta", any_parameter),
                 field("beta_std", &Struct::beta_std, "standard deviation of beta", zero_or_more)};
};

template <>
struct Fields<sim::InitialUniform> {
  using Struct = sim::InitialUniform;
  static constexpr auto all =
      std::tuple{field("gamma_lower", &Struct::gamma_lower, "lowest gamma", any_parameter),
                 field("gamma_upper", &Struct::gamma_upper, "highest gamma", any_parameter),
                 field("beta_lower", &Struct::beta_lower, "lowest beta", any_parameter),
                 field("beta_upper", &Struct::beta_upper, "highest beta", any_parameter)};
  static std::optional<Fault> fault(const Struct& uniform) {
    const auto above = [](const char* name, double lower, double upper) {
      return Fault{text_of(name, "_lower"),
                   text_of("is ", lower, ", above ", name, "_upper = ", upper, "; it must not be")};
    };
    if (uniform.gamma_lower > uniform.gamma_upper)
      return above("gamma", uniform.gamma_lower, uniform.gamma_upper);
    if (uniform.beta_lower > uniform.beta_upper) return above("beta", uniform.beta_lower, uniform.beta_upper);
    return {};
  }
};

template <>
struct Fields<sim::InitialEvenRatio> {
  using Struct = sim::InitialEvenRatio;
  static constexpr auto all = std::tuple{
      field("gamma", &Struct::gamma, "scale", Symbol{"gamma_0"}, Label{"Initial scale"}, any_parameter),
      field("law", &Struct::law, "law of beta/gamma", Label{"Law of β/γ"}),
      field("ratio_std", &Struct::ratio_std, "standard deviation of beta/gamma",
            Label{"Standard deviation of β/γ"}, zero_or_more)};
};

template <>
struct Fields<sim::InitialTable> {
  using Struct = sim::InitialTable;
  static constexpr auto all = std::tuple{
      field("gamma", &Struct::gamma, "scales", any_parameter, Entries{1, 1'000'000'000}),
      field("beta", &Struct::beta, "shifts, one per scale", any_parameter, Entries{1, 1'000'000'000})};
  static std::optional<Fault> fault(const Struct& table) {
    if (table.gamma.size() == table.beta.size()) return {};
    return Fault{"beta", text_of("has ", table.beta.size(), " rows; it must have as many as gamma, ",
                                 table.gamma.size())};
  }
};

template <>
struct Fields<sim::Recording> {
  using Struct = sim::Recording;
  static constexpr auto all = std::tuple{
      field("record.steps", &Struct::steps, "recorded steps", Unit{"steps"}, from_to(0, largest_count),
            Internal{}),
      field("antithetic", &Struct::antithetic,
            "also estimate the drift from pairs of trajectories with g and -g"),
      field(
          "control_variate", &Struct::control_variate,
          "also estimate the drift with the martingale control variate; needs sgd, momentum or nesterov, and "
          "Gaussian x"),
      section("thresholds", "values below which a neuron counts as collapsed"),
      field("thresholds.gamma", &Struct::gamma_threshold, "a neuron of |gamma| below it is collapsed",
            positive),
      field("thresholds.probability", &Struct::probability_threshold,
            "a neuron whose activation probability is below it is rarely active, and with |gamma| below its "
            "threshold collapsed",
            between(0, 1)),
      field("first_activation", &Struct::first_activation,
            "histogram of the step of the first active sample"),
      field("collapse_time", &Struct::collapse_time, "histogram of the step at which the neuron collapses"),
      field("time_bins", &Struct::time_bins,
            "largest number of bins for first_activation and for collapse_time", from_to(1, 1e6)),
      section("paths", "whole trajectories, for drawing"),
      field("paths.count", &Struct::paths, "number of paths, from trajectory 0 on", from_to(0, 1e6)),
      field("paths.stride", &Struct::path_stride, "steps between two stored states", Unit{"steps"},
            from_to(1, largest_count)),
      field("histograms.gamma", &Struct::gamma_bins, "bins of gamma", Internal{}),
      field("histograms.beta", &Struct::beta_bins, "bins of beta", Internal{}),
      field("histograms.u", &Struct::u_bins, "bins of u", Internal{}),
      field("histograms.gamma_beta.gamma", &Struct::gamma_bins_2d, "bins of gamma", Internal{}),
      field("histograms.gamma_beta.beta", &Struct::beta_bins_2d, "bins of beta", Internal{}),
      field("groups", &Struct::groups, "groups of trajectories with means of their own", from_to(0, 65'536),
            Internal{})};
  static std::optional<Fault> fault(const Struct& recording) {
    return not_ascending(recording.steps, "record.steps", "steps");
  }
};

template <>
struct Fields<sim::Splitting> {
  using Struct = sim::Splitting;
  static constexpr auto all = std::tuple{
      field("particles", &Struct::particles, "particles of a replica", from_to(2, 1e7)),
      field("replicas", &Struct::replicas, "independent replicas, for the standard error", from_to(2, 1e6)),
      field("kill_share", &Struct::kill_share,
            "share of the particles that each round replaces: those with the lowest scores", between(0, 1))};
};

template <>
struct Fields<sim::Experiment> {
  using Struct = sim::Experiment;
  static constexpr auto all = std::tuple{
      field("seed", &Struct::seed, "seed of every random draw", from_to(0, 9007199254740991.0)),
      field("model", &Struct::model, "the neuron z = gamma x + beta + alpha and its gradient noise",
            Required{}),
      field("optimizer", &Struct::optimizer, "the optimizer of gamma and beta", Required{}),
      field("optimizer.schedule", &Struct::schedule, "learning rate over the steps"),
      field("initial", &Struct::initial, "where the trajectories start", Internal{}),
      section("simulation", "how it is simulated and what is recorded", Required{}),
      field("simulation.trajectories", &Struct::trajectories, "independent neurons", from_to(1, 1e12)),
      field("simulation.steps", &Struct::steps, "optimizer steps", Symbol{"t"}, Unit{"steps"},
            from_to(0, 1e12)),
      field(
          "simulation.precision", &Struct::precision,
          "number format of the state; float32 changes to float64 where its rounding would show in the drift"),
      field(
          "simulation.rejection_free", &Struct::rejection_free,
          "rarely active neurons wait for their next active sample; exact in law, and the work is proportional "
          "to the number of active samples. Needs sgd, ReLU, Gaussian x and independent samples"),
      field(
          "simulation.splitting", &Struct::splitting,
          "estimate by splitting the probability that P falls below thresholds.probability within the steps; "
          "null: do not. Needs sgd at a constant learning rate, Gaussian x and a start at a point"),
      field("simulation", &Struct::recording, "what is recorded")};
};

}  // namespace bncollapse::fields
