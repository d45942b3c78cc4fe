#pragma once

#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "bncollapse/sim/estimates.hpp"

/// The quantities of the store's tables, each defined once.
namespace bncollapse::study {

/// What a row of a table with a column `quantity` is about. It stands for its name where a text is asked for.
struct Quantity {
  const char* name;
  const char* label;  ///< for an axis, with TeX between $; empty: the name
  const char* help;

  // NOLINTNEXTLINE(google-explicit-constructor): it is meant to be implicit
  operator std::string() const { return name; }
};

namespace quantity {

// Of a point's prediction and of its first step.
inline constexpr Quantity activation_probability{"activation_probability", "Activation probability $P_0$",
                                                 "P at the start, averaged over the initial law"};
inline constexpr Quantity drift_coefficient{
    "drift_coefficient", "$A(u)$",
    "Theorem 1's coefficient A(u), averaged over the initial law: its drift is ε² A"};
inline constexpr Quantity even_drift_coefficient{"even_drift_coefficient", "$[A(u)+A(-u)]/2$",
                                                 "[A(u) + A(-u)]/2, averaged over the initial law"};
inline constexpr Quantity drift_theorem1{"drift_theorem1", "Drift of $P$, Theorem 1",
                                         "drift ΔP of one step by Theorem 1"};
inline constexpr Quantity drift_signal{"drift_signal", "Drift of $P$, mean gradient",
                                       "first-order part of the drift of one step, from the mean gradient"};
inline constexpr Quantity drift_exact{"drift_exact", "Drift of $P$, exact", "exact drift ΔP of one step"};
inline constexpr Quantity epsilon{"epsilon", "$\\varepsilon=\\eta\\sigma/(\\sqrt{m}\\,|\\gamma|)$",
                                  "ε = ησ/(√m |γ|), the parameter of Theorem 1's expansion"};
inline constexpr Quantity in_range{"in_range", "",
                                   "1 where the point lies in the range of Theorem 1, else 0"};
inline constexpr Quantity rounding{"rounding", "",
                                   "bound on the effect of the number format on the drift of one step"};
inline constexpr Quantity carrying_share{"carrying_share", "",
                                         "share of the trajectories that carry the drift of the first step"};
inline constexpr Quantity t_half{
    "t_half", "$t_{1/2}$ (steps)",
    "steps of weight decay alone until P is 1/2; only where weight decay reactivates the neuron"};
inline constexpr Quantity inactive_steps_to_threshold{"inactive_steps_to_threshold",
                                                      "Steps to the threshold of $|\\gamma|$",
                                                      "steps of an inactive neuron until |γ| falls below its "
                                                      "threshold; only where that happens within the run"};

// Of the state after some steps.
inline constexpr Quantity probability{"probability", "Activation probability $P_t$", "P"};
inline constexpr Quantity probability_change{
    "probability_change", "plain", "the drift ΔP: mean change of P since the start, from all trajectories"};
inline constexpr Quantity probability_change_antithetic{
    "probability_change_antithetic", "antithetic", "the same mean, from pairs of trajectories with g and -g"};
inline constexpr Quantity probability_change_control_variate{
    "probability_change_control_variate", "control variate",
    "the same mean, with the martingale control variate"};
inline constexpr Quantity gamma{"gamma", "Scale $\\gamma$", "the scale γ"};
inline constexpr Quantity beta{"beta", "Shift $\\beta$", "the shift β"};
inline constexpr Quantity collapsed_share{
    "collapsed_share", "Collapsed share",
    "share of the trajectories whose |γ| and P are below their thresholds"};
inline constexpr Quantity small_gamma_share{"small_gamma_share", "Share of small $|\\gamma|$",
                                            "share of the trajectories whose |γ| is below its threshold"};
inline constexpr Quantity rarely_active_share{"rarely_active_share", "Rarely active share",
                                              "share of the trajectories whose P is below its threshold"};
inline constexpr Quantity collapse_probability{
    "collapse_probability", "Probability of a collapse",
    "the probability that P falls below its threshold within the run, by splitting; `count` is the number of "
    "replicas"};
inline constexpr Quantity first_activation_survival{
    "first_activation_survival", "$\\Pr[T>t]$",
    "the probability that no sample has been active up to this step"};
inline constexpr Quantity u{"u", "Threshold $u=-(\\beta+\\alpha)/\\gamma$", "u = -(β + α)/γ"};
inline constexpr Quantity gamma_beta{"gamma_beta", "Density of $(\\gamma,\\beta)$",
                                     "γ along x and β along y; what lies outside is counted in `above`"};
inline constexpr Quantity first_activation{
    "first_activation", "First active step",
    "steps until the first active sample; `above` counts the trajectories without one"};
inline constexpr Quantity collapse_time{
    "collapse_time", "Step of the collapse",
    "steps until the neuron collapses; `above` counts the trajectories that do not"};

// What each table has, in the order of the documentation.
inline constexpr std::array predicted{activation_probability,
                                      drift_coefficient,
                                      even_drift_coefficient,
                                      drift_theorem1,
                                      drift_signal,
                                      drift_exact,
                                      epsilon,
                                      in_range,
                                      rounding,
                                      carrying_share,
                                      t_half,
                                      inactive_steps_to_threshold};
/// What is estimated at each recorded step, with the member of sim::Record that holds it.
inline constexpr std::tuple estimated{
    std::pair{probability, &sim::Record::probability},
    std::pair{probability_change, &sim::Record::probability_change},
    std::pair{probability_change_antithetic, &sim::Record::change_antithetic},
    std::pair{probability_change_control_variate, &sim::Record::change_control_variate},
    std::pair{gamma, &sim::Record::gamma},
    std::pair{beta, &sim::Record::beta},
    std::pair{collapsed_share, &sim::Record::collapsed_share},
    std::pair{small_gamma_share, &sim::Record::small_gamma_share},
    std::pair{rarely_active_share, &sim::Record::rarely_active_share}};
inline constexpr std::array predicted_by_step{probability, gamma, beta, first_activation_survival};
inline constexpr std::array with_quantiles{gamma, beta, u};
/// Of the table `quantile`.
inline constexpr std::array quantile_probabilities{0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};
inline constexpr std::array with_histograms{gamma, beta, u, gamma_beta, first_activation, collapse_time};

}  // namespace quantity
}  // namespace bncollapse::study
