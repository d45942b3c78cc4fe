#pragma once

#include <array>
#include <tuple>

#include "bncollapse/sim/fields.hpp"
#include "spec/neuron_spec.hpp"

// The fields of a neuron's spec that the simulator takes in another form.
namespace bncollapse::fields {

inline constexpr Pattern sha256_pattern{"[0-9a-f]{64}"};
inline constexpr char sha256_help[] =
    "SHA-256 of the file, filled in when it is read; a given one must agree";

template <>
struct Enumeration<study::Streams> {
  using enum study::Streams;
  static constexpr std::array all{
      Enumerator{independent, "independent", "every point draws its own numbers"},
      Enumerator{common, "common", "all points draw the same numbers, for the check `difference`"}};
};

template <>
struct Fields<study::LawOfX> {
  using Struct = study::LawOfX;
  static constexpr auto all = std::tuple{
      embed(&Struct::law),
      field("sha256", &Struct::sha256, sha256_help, sha256_pattern, LeftOut{}, only_for("law", "empirical"))};
};

template <>
struct Fields<study::StartingPoint> {
  using Struct = study::StartingPoint;
  static constexpr auto all =
      std::tuple{embed(&Struct::point),
                 field("u", &Struct::u, "threshold on x in place of beta: beta = -u gamma - alpha",
                       Label{"Threshold"}, Symbol{"u"}, any_parameter, InsteadOf{"beta"})};
};

template <>
struct Fields<study::StartingTable> {
  using Struct = study::StartingTable;
  static constexpr auto all = std::tuple{
      field("file", &Struct::file,
            "CSV with the columns gamma,beta; a relative path starts from the spec's folder", Required{}),
      field("sha256", &Struct::sha256, sha256_help, sha256_pattern, LeftOut{})};
};

template <>
struct Alternatives<study::Start> {
  static constexpr std::string_view tag = "kind";
  static constexpr std::array names{
      AlternativeName{"point", "one point"}, AlternativeName{"normal", "independent normal gamma and beta"},
      AlternativeName{"uniform", "independent uniform gamma and beta"},
      AlternativeName{"even_ratio", "gamma fixed, beta/gamma from an even law"},
      AlternativeName{"table", "pairs of a real network; trajectory i starts from row i modulo the rows"}};
};

template <>
struct Fields<study::AutomaticBins> {
  using Struct = study::AutomaticBins;
  static constexpr auto all =
      std::tuple{field("lower", &Struct::lower,
                       "lower end; null: from the initial values and the predicted spread", any_parameter),
                 field("upper", &Struct::upper, "upper end; null as for lower", any_parameter),
                 field("count", &Struct::count, "number of bins", bin_count)};
};

template <>
struct Fields<study::HistogramBins> {
  using Struct = study::HistogramBins;
  static constexpr auto all = std::tuple{field("gamma", &Struct::gamma, "bins of gamma"),
                                         field("beta", &Struct::beta, "bins of beta"),
                                         field("u", &Struct::u, "bins of u"),
                                         section("gamma_beta", "two-dimensional histogram"),
                                         field("gamma_beta.gamma", &Struct::both_gamma, "bins of gamma"),
                                         field("gamma_beta.beta", &Struct::both_beta, "bins of beta")};
};

template <>
struct Fields<study::NeuronSpec> {
  using Struct = study::NeuronSpec;
  static constexpr auto all = std::tuple{
      embed(&Struct::heading),
      field("model.x", &Struct::x, "law of the normalised pre-activation x, mean 0 and variance 1"),
      embed(&Struct::experiment),
      field("initial", &Struct::start, "where the trajectories start", Required{}),
      field("simulation.streams", &Struct::streams, "random numbers of the sweep's points", Fixed{}),
      section("simulation.record", "when to record"),
      field("simulation.record.steps", &Struct::recorded_steps, "recorded steps", Unit{"steps"}),
      field("simulation.histograms", &Struct::histograms,
            "histograms at every recorded step; null for none")};
};

}  // namespace bncollapse::fields
