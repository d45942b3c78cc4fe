#include <cmath>

#include "bncollapse/nets/optimizer.hpp"
#include "require.hpp"

namespace bncollapse::nets {

void validate(const OptimizerSpec& spec) {
  require("weight_decay", spec.weight_decay, spec.weight_decay >= 0 && std::isfinite(spec.weight_decay),
          "0 or more");
  require("momentum", spec.momentum, spec.momentum >= 0 && spec.momentum < 1, "from 0 to below 1");
  require("beta1", spec.beta1, spec.beta1 >= 0 && spec.beta1 < 1, "from 0 to below 1");
  require("beta2", spec.beta2, spec.beta2 >= 0 && spec.beta2 < 1, "from 0 to below 1");
  require("epsilon", spec.epsilon, spec.epsilon > 0 && std::isfinite(spec.epsilon), "greater than 0");
}

}  // namespace bncollapse::nets
