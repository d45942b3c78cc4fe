#pragma once

/// The names of the quantities in the store's tables (docs/ARCHITECTURE.md), each written once.
namespace bncollapse::study::quantity {

// prediction
inline constexpr char activation_probability[] = "activation_probability";
inline constexpr char drift_coefficient[] = "drift_coefficient";
inline constexpr char even_drift_coefficient[] = "even_drift_coefficient";
inline constexpr char drift_theorem1[] = "drift_theorem1";
inline constexpr char drift_signal[] = "drift_signal";
inline constexpr char drift_exact[] = "drift_exact";
inline constexpr char epsilon[] = "epsilon";
inline constexpr char in_range[] = "in_range";
inline constexpr char rounding[] = "rounding";
inline constexpr char carrying_share[] = "carrying_share";
inline constexpr char t_half[] = "t_half";
inline constexpr char inactive_steps_to_threshold[] = "inactive_steps_to_threshold";

// estimate and prediction_series
inline constexpr char probability[] = "probability";
inline constexpr char probability_change[] = "probability_change";
inline constexpr char probability_change_antithetic[] = "probability_change_antithetic";
inline constexpr char probability_change_control_variate[] = "probability_change_control_variate";
inline constexpr char gamma[] = "gamma";
inline constexpr char beta[] = "beta";
inline constexpr char collapsed_share[] = "collapsed_share";
inline constexpr char small_gamma_share[] = "small_gamma_share";
inline constexpr char inactive_share[] = "inactive_share";
inline constexpr char collapse_probability[] = "collapse_probability";
inline constexpr char first_activation_survival[] = "first_activation_survival";

// histogram
inline constexpr char u[] = "u";
inline constexpr char gamma_beta[] = "gamma_beta";
inline constexpr char first_activation[] = "first_activation";
inline constexpr char collapse_time[] = "collapse_time";

}  // namespace bncollapse::study::quantity
