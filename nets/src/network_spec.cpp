#include "bncollapse/nets/network_spec.hpp"

#include <cmath>

#include "require.hpp"

namespace bncollapse::nets {

void validate(const NetworkSpec& spec) {
  const auto depth = static_cast<double>(spec.depth);
  switch (spec.architecture) {
    case Architecture::resnet:
      require("depth", depth, spec.depth >= 8 && spec.depth % 6 == 2 && spec.depth <= 1202,
              "6n + 2 for a resnet, from 8 to 1202");
      break;
    case Architecture::vgg:
      require("depth", depth, spec.depth == 11 || spec.depth == 16, "11 or 16 for vgg");
      break;
    case Architecture::basicnet:
      require("depth", depth, spec.depth == 7, "7 for basicnet");
      break;
    case Architecture::plain:
      require("depth", depth, spec.depth >= 2 && spec.depth <= 100, "from 2 to 100 for plain");
      break;
  }
  require("width", static_cast<double>(spec.width), spec.width >= 1 && spec.width <= 4096, "from 1 to 4096");
  require("gamma", spec.gamma, std::isfinite(spec.gamma), "finite");
  require("beta", spec.beta, std::isfinite(spec.beta), "finite");
  require("alpha", spec.alpha,
          std::isfinite(spec.alpha) && (spec.alpha == 0 || spec.normalisation != Normalisation::none),
          "finite, and 0 where there is no normalisation");
  require("slope", spec.slope, spec.slope >= 0 && spec.slope <= 1, "from 0 to 1");
}

}  // namespace bncollapse::nets
