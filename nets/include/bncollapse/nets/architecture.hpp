#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/nets/network_spec.hpp"

namespace bncollapse::nets {

/// Nothing where the architecture exists in this depth, else the depths that it has: "11 or 16 for vgg".
std::optional<std::string> depth_rule(const NetworkSpec& spec);

// What is done to the image in turn; numbers are positions in NetworkPlan::layers.
struct Convolve {
  std::size_t layer;
  bool pooled;  ///< the largest of 2 x 2 is taken at the end
};
struct ResidualBlock {
  std::size_t first, second;
};
struct GlobalMean {};
struct Dense {
  std::size_t layer;
  bool rectified;
};
using Operation = std::variant<Convolve, ResidualBlock, GlobalMean, Dense>;

/// A network without its weights.
struct NetworkPlan {
  std::vector<LayerShape> layers;
  std::vector<Operation> operations;
};

/// Throws theory::InvalidArgument where the spec is invalid.
NetworkPlan plan_network(const NetworkSpec& spec);

}  // namespace bncollapse::nets
