#include "bncollapse/nets/network_spec.hpp"

namespace bncollapse::nets {

std::optional<std::string> depth_rule(const NetworkSpec& spec) {
  const std::int64_t depth = spec.depth;
  switch (spec.architecture) {
    case Architecture::resnet:
      if (depth < 8 || depth > 1202 || depth % 6 != 2) return "6n + 2 for a resnet, from 8 to 1202";
      break;
    case Architecture::vgg:
      if (depth != 11 && depth != 16) return "11 or 16 for vgg";
      break;
    case Architecture::basicnet:
      if (depth != 7) return "7 for basicnet";
      break;
    case Architecture::plain:
      if (depth < 2 || depth > 100) return "from 2 to 100 for plain";
      break;
  }
  return std::nullopt;
}

}  // namespace bncollapse::nets
