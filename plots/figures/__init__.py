"""The figures, one module each: `draw(run)` gives a style.Drawing or raises store.MissingData.

A spec names its figure in the key "figure".
"""

from . import (collapsed_share, data_collapse, drift_coefficient, estimators, even_law, gamma_beta, laws,
               optimizer_decay, psbn, psbn_half_time, range_of_validity, scaling, weight_decay)

FIGURES = {
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
