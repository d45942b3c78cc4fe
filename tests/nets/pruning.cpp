#include "pruning.hpp"

#include <cmath>

#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

at::Tensor images(std::int64_t count) {
  const at::Tensor ramp = at::arange(count * 3 * 32 * 32, at::kDouble);
  return at::sin(ramp * 0.37 + at::sqrt(ramp)).view({count, 3, 32, 32});
}

/// Marks every third filter and gives it gamma 0 and the shift; the others get different gammas and betas.
FilterMarks collapse_some(Network& network, double beta) {
  FilterMarks marks;
  for (Layer& layer : network.layers) {
    if (!layer.normalised()) {
      continue;
    }
    std::vector<bool>& layer_marks = marks.emplace_back();
    for (std::int64_t filter = 0; filter < layer.gamma.size(0); ++filter) {
      const bool collapsed = filter % 3 == 1;
      layer_marks.push_back(collapsed);
      layer.gamma[filter] = collapsed ? 0 : 1 + 0.1 * static_cast<double>(filter);
      layer.beta[filter] = collapsed ? beta : 0.05 * static_cast<double>(filter % 5) - 0.1;
    }
  }
  return marks;
}

/// Some training passes, so that the running statistics mean something.
void warm_up(const Network& network) {
  for (int pass = 0; pass < 5; ++pass) {
    network.forward(images(8), Pass::train, at::kDouble);
  }
}

}  // namespace

TEST_CASE("a network without its collapsed filters gives the same scores with fewer multiplications") {
  const at::NoGradGuard no_gradients;
  for (const NetworkSpec& spec :
       {NetworkSpec{.architecture = Architecture::resnet, .depth = 14, .width = 6},
        NetworkSpec{.architecture = Architecture::vgg, .depth = 11, .width = 3},
        NetworkSpec{.architecture = Architecture::basicnet, .depth = 7, .width = 3},
        NetworkSpec{.architecture = Architecture::plain, .depth = 4, .width = 6, .alpha = 0.2},
        NetworkSpec{.architecture = Architecture::plain,
        .depth = 4,
        .width = 6,
        .normalisation = Normalisation::instance}}) {
    Network network = make_network(spec, 2, at::kDouble);
    const FilterMarks marks = collapse_some(network, -0.3);
    warm_up(network);
    const Network smaller = pruned(network, marks, Removed::at_zero_gamma);
    CHECK(multiplications(smaller.shapes) == multiplications(network.shapes, marks));
    CHECK(multiplications(smaller.shapes) < multiplications(network.shapes));
    CHECK(at::allclose(smaller.forward(images(5), Pass::evaluate, at::kDouble),
                       network.forward(images(5), Pass::evaluate, at::kDouble), 1e-9, 1e-10));
    smaller.forward(images(1), Pass::evaluate, at::kDouble, [&](std::size_t layer, const at::Tensor& z) {
      const bool in_residual = smaller.layers[layer].outputs.defined();
      CHECK(z.size(1) == (in_residual ? network : smaller).shapes[layer].outputs);
    });
  }
}

TEST_CASE("what a removed filter always gave stays: in the residual exactly, in a chain but for the border") {
  const at::NoGradGuard no_gradients;
  Network residual =
      make_network({.architecture = Architecture::resnet, .depth = 8, .width = 6}, 2, at::kDouble);
  FilterMarks marks = collapse_some(residual, 0.4);
  for (const std::size_t inner : {1u, 3u, 5u}) {  // first in their blocks: left alone
    marks[inner].assign(marks[inner].size(), false);
  }
  warm_up(residual);
  CHECK(at::allclose(
      pruned(residual, marks, Removed::at_zero_gamma).forward(images(5), Pass::evaluate, at::kDouble),
      residual.forward(images(5), Pass::evaluate, at::kDouble), 1e-9, 1e-10));

  Network chain = make_network({.architecture = Architecture::plain, .depth = 2, .width = 6}, 2, at::kDouble);
  const FilterMarks chain_marks = collapse_some(chain, 0.4);
  warm_up(chain);
  const auto second_layer = [](const Network& network) {
    at::Tensor result;
    network.forward(images(5), Pass::evaluate, at::kDouble, [&](std::size_t layer, const at::Tensor& z) {
      if (layer == 1) {
        result = z.slice(2, 1, -1).slice(3, 1, -1).clone();
      }
    });
    return result;
  };
  const at::Tensor whole =
      second_layer(chain).index_select(1, at::tensor({0, 2, 3, 5, 6, 8, 9, 11}, at::kLong));
  CHECK(at::allclose(second_layer(pruned(chain, chain_marks, Removed::at_zero_gamma)), whole, 1e-9, 1e-10));
}

TEST_CASE("an inactive filter is taken out as 0, whatever its beta and the shortcut") {
  const at::NoGradGuard no_gradients;
  Network network =
      make_network({.architecture = Architecture::resnet, .depth = 8, .width = 6}, 2, at::kDouble);
  warm_up(network);
  FilterMarks marks;
  for (const LayerShape& shape : network.shapes) {
    if (shape.normalised) {
      marks.emplace_back(static_cast<std::size_t>(shape.outputs), false);
    }
  }
  const std::size_t first_of_block = 1, second_of_block = 2;
  for (const std::size_t layer : {first_of_block, second_of_block}) {
    marks[layer][1] = true;
    network.layers[layer].beta[1] = 0.4;
  }
  const at::Tensor without =
      pruned(network, marks, Removed::inactive).forward(images(5), Pass::evaluate, at::kDouble);
  for (const std::size_t layer : {first_of_block, second_of_block}) {
    network.layers[layer].gamma[1] = 0;
    network.layers[layer].beta[1] = -1e6;
  }
  CHECK(at::allclose(without, network.forward(images(5), Pass::evaluate, at::kDouble), 1e-9, 1e-10));
}

TEST_CASE("a layer that lost all its filters keeps the one with the largest scale") {
  const at::NoGradGuard no_gradients;
  Network network =
      make_network({.architecture = Architecture::plain, .depth = 2, .width = 3}, 2, at::kDouble);
  network.layers[0].gamma.copy_(at::tensor({0.1, -0.3, 0.2}, at::kDouble));
  const Network smaller =
      pruned(network, {{true, true, true}, std::vector<bool>(6, false)}, Removed::at_zero_gamma);
  CHECK(smaller.shapes[0].outputs == 1);
  CHECK(multiplications(smaller.shapes) ==
        multiplications(network.shapes, {{true, true, true}, std::vector<bool>(6, false)}));
  CHECK(smaller.layers[0].gamma.item<double>() == -0.3);
}
