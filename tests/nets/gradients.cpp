
#include <algorithm>
#include <cmath>

#include "flat_parameters.hpp"
#include "network.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

struct Case {
  const char* name;
  NetworkSpec spec;
};

// Together they have every layer there is.
const std::vector<Case> cases{
    {"residual, batch, ReLU", {.architecture = Architecture::resnet, .depth = 8, .width = 2}},
    {"residual, psBN, leaky",
     {.architecture = Architecture::resnet, .depth = 8, .width = 2, .alpha = 0.1, .leak = 0.2}},
    {"vgg, instance, linear",
     {.architecture = Architecture::plain,
      .depth = 3,
      .width = 3,
      .normalisation = Normalisation::instance,
      .leak = 1}},
    {"vgg, none, leaky",
     {.architecture = Architecture::plain,
      .depth = 3,
      .width = 3,
      .normalisation = Normalisation::none,
      .leak = 0.01}},
    {"basicnet, batch, leaky", {.architecture = Architecture::basicnet, .depth = 7, .width = 1, .leak = 0.1}},
};

}  // namespace

TEST_CASE("gradients are the finite differences of the loss, in every layer") {
  const std::int64_t count = 6;
  const at::Tensor ramp = at::arange(count * 3 * 32 * 32, at::kDouble);
  const at::Tensor images = at::sin(ramp * 0.37 + at::sqrt(ramp)).view({count, 3, 32, 32});
  const at::Tensor labels = at::tensor({0, 3, 9, 1, 1, 5}, at::kLong);
  for (const auto& [name, spec] : cases) {
    CAPTURE(name);
    Network network = make_network(spec, 11, at::kDouble);
    FlatParameters parameters(network, at::kCPU);
    const auto loss = [&] {
      return at::cross_entropy_loss(network.forward(images, Pass::probe, at::kDouble), labels);
    };
    const at::Tensor gradient = parameters.gradient(loss());
    const at::NoGradGuard no_gradients;
    std::int64_t start = 0;
    for (const Parameter& parameter : network.parameters()) {
      CAPTURE(parameter.name);
      // Along a fixed direction within the tensor, central differences. So small a step meets few kinks of
      // the rectifiers and max-pools; rounding of the loss leaves about 1e-7.
      const std::int64_t size = parameter.value->numel();
      const at::Tensor direction = at::cos(at::arange(size, at::kDouble) * 1.7 + 0.3);
      at::Tensor values = parameters.values().narrow(0, start, size);
      const at::Tensor before = values.clone();
      constexpr double step = 2e-8;
      values.copy_(before + step * direction);
      const double above = loss().item<double>();
      values.copy_(before - step * direction);
      const double below = loss().item<double>();
      values.copy_(before);
      const double expected = (above - below) / (2 * step);
      const double actual = gradient.narrow(0, start, size).dot(direction).item<double>();
      CHECK(std::abs(actual - expected) < 1e-6 * std::max(1.0, std::abs(expected)));
      start += size;
    }
    CHECK(start == gradient.numel());
  }
}

TEST_CASE("the flat vector holds the parameters themselves, normalisation last") {
  Network network =
      make_network({.architecture = Architecture::plain, .depth = 2, .width = 3, .gamma = 0.5}, 1);
  const at::Tensor weight = network.layers[0].weight.clone();
  FlatParameters parameters(network, at::kCPU);
  CHECK(network.layers[0].weight.equal(weight));
  CHECK(network.layers[0].weight.is_contiguous(at::MemoryFormat::ChannelsLast));
  const at::NoGradGuard no_gradients;
  parameters.values().slice(0, parameters.normalisation_start()).add_(1);
  CHECK(network.layers[0].weight.equal(weight));
  CHECK(network.layers[0].gamma.equal(at::full({3}, 1.5)));
  CHECK(network.layers[1].beta.equal(at::ones({6})));
  CHECK(network.layers[2].bias.equal(at::zeros({10})));
}
