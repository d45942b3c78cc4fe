#include "convolution.hpp"

#include <vector>

#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

struct Case {
  std::int64_t inputs, outputs, stride;
  bool biased;
};

/// The output and the gradients of x, weight and bias.
template <class Convolution>
std::vector<at::Tensor> run(at::ScalarType type, const Case& what, const Convolution& convolution) {
  const auto leaf = [&](at::IntArrayRef shape, double frequency) {
    const at::Tensor ramp = at::arange(c10::multiply_integers(shape), at::kDouble);
    return at::sin(ramp * ramp * frequency).view(shape).to(at::kBFloat16).to(type).requires_grad_(true);
  };
  const at::Tensor x = leaf({5, what.inputs, 8, 6}, 0.37).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor weight = leaf({what.outputs, what.inputs, 3, 3}, 1.3);
  const at::Tensor bias = what.biased ? leaf({what.outputs}, 0.9) : at::Tensor();
  const at::Tensor y = convolution(x, weight, bias, what.stride);
  const at::Tensor outer =
      at::cos(at::arange(y.numel(), at::kDouble).square() * 0.77).view(y.sizes()).to(type);
  std::vector<at::Tensor> inputs{x, weight}, results{y.detach()};
  if (what.biased) {
    inputs.push_back(bias);
  }
  for (const at::Tensor& gradient : torch::autograd::grad({(y * outer).sum()}, inputs)) {
    results.push_back(gradient);
  }
  return results;
}

void compare(at::ScalarType type, double tolerance) {
  for (const Case& what : std::vector<Case>{{3, 16, 1, false},
                                            {16, 16, 1, false},
                                            {16, 16, 1, true},
                                            {16, 16, 2, false},
                                            {21, 21, 1, false},
                                            {32, 32, 1, false},
                                            {16, 32, 1, false},
                                            {33, 33, 1, false}}) {
    CAPTURE(what.inputs);
    CAPTURE(what.outputs);
    CAPTURE(what.stride);
    CAPTURE(what.biased);
    const std::vector<at::Tensor> actual = run(type, what, convolved);
    const std::vector<at::Tensor> expected =
        run(at::kDouble, what,
            [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, std::int64_t stride) {
              return at::conv2d(x, weight, bias, stride, 1);
            });
    for (std::size_t index = 0; index < expected.size(); ++index) {
      CAPTURE(index);
      CHECK(actual[index].sizes() == expected[index].sizes());
      const double error = (actual[index].to(at::kDouble) - expected[index]).norm().item<double>();
      CHECK(error < tolerance * expected[index].norm().item<double>());
    }
    CHECK(actual[0].is_contiguous(at::MemoryFormat::ChannelsLast));
  }
}

}  // namespace

// Sums of up to 33 x 9 products, over positions up to 240.
TEST_CASE("convolutions in float32 are float64's to rounding, gradients included") {
  compare(at::kFloat, 1e-6);
}

TEST_CASE("convolutions in bfloat16 are float64's to its rounding") { compare(at::kBFloat16, 1e-2); }
