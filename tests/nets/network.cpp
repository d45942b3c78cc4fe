#include "network.hpp"

#include "bncollapse/theory/invalid_argument.hpp"
#include "message.hpp"
#include "relative_error.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;
using bncollapse::relative_error;

namespace {

NetworkSpec resnet(std::int64_t depth) {
  return {.architecture = Architecture::resnet, .depth = depth, .width = 16};
}
NetworkSpec vgg(std::int64_t depth, Normalisation normalisation = Normalisation::batch) {
  return {.architecture = Architecture::vgg, .depth = depth, .width = 64, .normalisation = normalisation};
}

std::int64_t parameter_count(const NetworkSpec& spec) {
  Network network = make_network(spec, 1);
  std::int64_t count = 0;
  for (const Parameter& parameter : network.parameters()) {
    count += parameter.value->numel();
  }
  return count;
}

at::Tensor images(std::int64_t count, at::ScalarType type = at::kFloat) {
  const at::Tensor ramp = at::arange(count * 3 * 32 * 32, at::kDouble);
  return at::sin(ramp * 0.37 + at::sqrt(ramp))
      .view({count, 3, 32, 32})
      .to(type)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

const std::vector<NetworkSpec> small_networks{
    resnet(8),
    {.architecture = Architecture::vgg, .depth = 11, .width = 2},
    {.architecture = Architecture::basicnet, .depth = 7, .width = 2},
    {.architecture = Architecture::plain, .depth = 4, .width = 4},
};

}  // namespace

// He et al., CVPR 2016, table 6: 0.27, 0.46, 0.66, 0.85 and 1.7 million.
TEST_CASE("residual networks have the published numbers of parameters") {
  const auto millions = [](std::int64_t depth) {
    return static_cast<double>(parameter_count(resnet(depth))) / 1e6;
  };
  CHECK(relative_error(millions(20), 0.27) <= 0.01);
  CHECK(relative_error(millions(32), 0.46) <= 0.011);
  CHECK(relative_error(millions(44), 0.66) <= 0.01);
  CHECK(relative_error(millions(56), 0.85) <= 0.01);
  CHECK(relative_error(millions(110), 1.7) <= 0.02);
}

// Counted from the table of Simonyan and Zisserman's configurations A and D: 9 products of neighbouring
// widths, two numbers a normalised channel (or one bias), 5130 of the linear layer.
TEST_CASE("VGG's convolutions are those of configurations A and D") {
  CHECK(parameter_count(vgg(11)) == 9 * 1'024'192 + 2 * 2752 + 5130);
  CHECK(parameter_count(vgg(16)) == 9 * 1'634'496 + 2 * 4224 + 5130);
  CHECK(parameter_count(vgg(16, Normalisation::none)) == 9 * 1'634'496 + 4224 + 5130);
}

TEST_CASE("BasicNet has its seven widths, three pools and one hidden layer") {
  const Network network = make_network({.architecture = Architecture::basicnet, .depth = 7, .width = 64}, 1);
  std::vector<std::int64_t> widths, positions;
  for (const LayerShape& shape : network.shapes) {
    widths.push_back(shape.outputs);
    positions.push_back(shape.positions);
  }
  CHECK(widths == std::vector<std::int64_t>{64, 128, 128, 256, 256, 512, 512, 1024, 10});
  CHECK(positions == std::vector<std::int64_t>{1024, 1024, 1024, 256, 256, 64, 64, 1, 1});
}

// ResNet-20: 40.55 million multiplications, counted as 3x3xinxoutxpositions by hand from the table of layers.
TEST_CASE("ResNet-20 multiplies as often as its table of layers says") {
  const std::int64_t first = 9 * 3 * 16 * 1024;
  const std::int64_t stage = 9 * 16 * 16 * 1024;  // a convolution within any stage
  const std::int64_t expected = first + (6 + 5 + 5) * stage + 2 * stage / 2 + 64 * 10;
  CHECK(multiplications(make_network(resnet(20), 1).shapes) == expected);
}

TEST_CASE("every network gives ten scores an image, the same for an image in any company") {
  const at::NoGradGuard no_gradients;
  for (const NetworkSpec& spec : small_networks) {
    for (const Normalisation normalisation :
         {Normalisation::none, Normalisation::batch, Normalisation::instance}) {
      NetworkSpec normed = spec;
      normed.normalisation = normalisation;
      const Network network = make_network(normed, 3);
      const at::Tensor scores = network.forward(images(4), Pass::evaluate, at::kFloat);
      CHECK(scores.sizes().vec() == std::vector<std::int64_t>{4, 10});
      CHECK(at::allclose(network.forward(images(4).narrow(0, 2, 1), Pass::evaluate, at::kFloat),
                         scores.narrow(0, 2, 1), 1e-4, 1e-4));
    }
  }
}

TEST_CASE("recorded shapes are those that the tensors take") {
  const at::NoGradGuard no_gradients;
  for (const NetworkSpec& spec : small_networks) {
    const Network network = make_network(spec, 3);
    std::size_t seen = 0;
    network.forward(images(2), Pass::evaluate, at::kFloat, [&](std::size_t layer, const at::Tensor& z) {
      CHECK(layer == seen++);
      CHECK(z.size(1) == network.shapes[layer].outputs);
      CHECK(z.numel() == 2 * network.shapes[layer].outputs * network.shapes[layer].positions);
      CHECK(network.layers[layer].weight.numel() ==
            network.shapes[layer].inputs * network.shapes[layer].outputs * network.shapes[layer].kernel);
    });
    CHECK(seen == network.layers.size());
  }
}

TEST_CASE("psBN is batch normalisation with its shift moved by alpha, gradients included") {
  NetworkSpec spec = small_networks[0];
  spec.alpha = 0.25;
  Network shifted = make_network(spec, 3, at::kDouble);
  spec.alpha = 0;
  spec.beta = 0.25;
  Network moved = make_network(spec, 3, at::kDouble);
  std::vector<at::Tensor> gradients[2];
  at::Tensor scores[2];
  Network* networks[] = {&shifted, &moved};
  for (std::size_t which = 0; which < 2; ++which) {
    std::vector<at::Tensor> leaves;
    for (const Parameter& parameter : networks[which]->parameters()) {
      leaves.push_back(parameter.value->requires_grad_(true));
    }
    scores[which] = networks[which]->forward(images(3, at::kDouble), Pass::train, at::kDouble);
    gradients[which] = torch::autograd::grad({scores[which].square().sum()}, leaves);
  }
  CHECK(at::allclose(scores[0], scores[1], 1e-12, 1e-12));
  for (std::size_t index = 0; index < gradients[0].size(); ++index) {
    CHECK(at::allclose(gradients[0][index], gradients[1][index], 1e-9, 1e-9));
  }
  CHECK(at::allclose(shifted.layers[0].mean, moved.layers[0].mean));
}

TEST_CASE("a training pass moves the running statistics a tenth of the way, a probe leaves them") {
  const at::NoGradGuard no_gradients;
  const Network network = make_network(small_networks[3], 3, at::kDouble);
  const Layer& first = network.layers[0];
  const at::Tensor x = at::conv2d(images(5, at::kDouble), first.weight, {}, 1, 1);
  network.forward(images(5, at::kDouble), Pass::probe, at::kDouble);
  CHECK(first.mean.equal(at::zeros({4}, at::kDouble)));
  CHECK(first.variance.equal(at::ones({4}, at::kDouble)));
  network.forward(images(5, at::kDouble), Pass::train, at::kDouble);
  CHECK(at::allclose(first.mean, 0.1 * x.mean({0, 2, 3}), 1e-12, 1e-14));
  CHECK(at::allclose(first.variance, 0.9 + 0.1 * x.var(at::IntArrayRef{0, 2, 3}, true), 1e-12, 1e-14));
}

TEST_CASE("initial weights depend on the seed alone and have He's variance") {
  const Network network = make_network(resnet(20), 3);
  const Network again = make_network(resnet(20), 3);
  const Network other = make_network(resnet(20), 4);
  for (std::size_t layer = 0; layer < network.layers.size(); ++layer) {
    REQUIRE(network.layers[layer].weight.equal(again.layers[layer].weight));
    REQUIRE_FALSE(network.layers[layer].weight.equal(other.layers[layer].weight));
  }
  const at::Tensor weights = network.layers[18].weight.to(at::kDouble);  // 36864 numbers, fan-in 576
  const double count = 36864;
  const double deviation = std::sqrt(2.0 / 576);
  CHECK(std::abs(weights.mean().item<double>()) < 4 * deviation / std::sqrt(count));
  CHECK(std::abs(weights.std().item<double>() / deviation - 1) < 4 / std::sqrt(2 * count));
  CHECK(std::abs((weights / deviation).pow(4).mean().item<double>() - 3) < 4 * std::sqrt(96 / count));
}

TEST_CASE("bfloat16 gives float32's scores to its precision") {
  const at::NoGradGuard no_gradients;
  for (NetworkSpec spec : small_networks) {
    for (const Normalisation normalisation :
         {Normalisation::none, Normalisation::batch, Normalisation::instance}) {
      spec.normalisation = normalisation;
      const Network network = make_network(spec, 3);
      const at::Tensor full = network.forward(images(8), Pass::probe, at::kFloat);
      const at::Tensor half = network.forward(images(8), Pass::probe, at::kBFloat16);
      CHECK((half.scalar_type() == at::kFloat));
      CHECK((half - full).norm().item<double>() <
            0.05 * full.norm().item<double>());  // 2^-8, some ten roundings
    }
  }
}

TEST_CASE("a network that is not to be had is refused by name") {
  const auto message = [](const NetworkSpec& spec) { return message_of([&] { make_network(spec, 1); }); };
  CHECK(contains(message(resnet(21)), "depth is 21; it must be 6n + 2 for a resnet"));
  CHECK(contains(message({.architecture = Architecture::vgg, .depth = 13}), "depth is 13"));
  CHECK(contains(message({.architecture = Architecture::basicnet, .depth = 8}), "depth is 8"));
  CHECK(contains(message({.architecture = Architecture::plain, .depth = 1}), "depth is 1"));
  CHECK(contains(message({.width = 0}), "width is 0"));
  CHECK(contains(message({.leak = 1.5}), "leak is 1.5"));
  CHECK(contains(message({.normalisation = Normalisation::none, .alpha = 0.1}), "alpha is 0.1"));
  CHECK(contains(message({.gamma = std::nan("")}), "gamma is nan"));
}
