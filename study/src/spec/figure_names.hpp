#pragma once

#include <string>
#include <vector>

namespace bncollapse::study {

/// The figures that plots/figures/ draws of a run of the single neuron and of a run of networks; "" is none.
inline std::vector<std::string> neuron_figures() {
  return {"",
          "scaling",
          "data_collapse",
          "drift_coefficient",
          "range_of_validity",
          "even_law",
          "gamma_beta",
          "weight_decay",
          "psbn",
          "psbn_half_time",
          "collapsed_share",
          "optimizer_decay",
          "laws",
          "estimators"};
}
inline std::vector<std::string> network_figures() {
  return {"",
          "network_rounds",
          "network_sweep",
          "network_trace",
          "network_probe",
          "filter_norms",
          "random_labels",
          "ablations",
          "pruning",
          "optimizers"};
}

}  // namespace bncollapse::study
