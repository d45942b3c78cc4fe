"""The figures, one module each: `draw(run)` gives a style.Drawing or raises store.MissingData.

A spec names its figure in the key "figure": one of NEURON for a run of the single neuron, one of NETWORKS for a run
of networks.
"""

from . import (ablations, collapsed_share, data_collapse, drift_coefficient, estimators, even_law, filter_norms,
               gamma_beta, laws, network_probe, network_rounds, network_sweep, network_trace, optimizer_decay, optimizers,
               pruning, psbn, psbn_half_time, random_labels, range_of_validity, scaling, weight_decay)

NEURON = {
    "scaling": scaling,
    "data_collapse": data_collapse,
    "drift_coefficient": drift_coefficient,
    "range_of_validity": range_of_validity,
    "even_law": even_law,
    "gamma_beta": gamma_beta,
    "weight_decay": weight_decay,
    "psbn": psbn,
    "psbn_half_time": psbn_half_time,
    "collapsed_share": collapsed_share,
    "optimizer_decay": optimizer_decay,
    "laws": laws,
    "estimators": estimators,
}
NETWORKS = {
    "network_rounds": network_rounds,
    "network_sweep": network_sweep,
    "network_trace": network_trace,
    "network_probe": network_probe,
    "filter_norms": filter_norms,
    "random_labels": random_labels,
    "ablations": ablations,
    "pruning": pruning,
    "optimizers": optimizers,
}
FIGURES = {**NEURON, **NETWORKS}
