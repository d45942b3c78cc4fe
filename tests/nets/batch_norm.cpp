#include "batch_norm.hpp"

#include <vector>

#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

struct Outcome {
  std::vector<at::Tensor> tensors;  // output, gradients of x, gamma and shift, running mean and variance
};

/// Images with means of up to three deviations, 5 channels and 7 x 13 x 11 positions: no multiple of a block.
Outcome run(at::ScalarType type, double momentum) {
  const at::Tensor ramp = at::arange(7 * 5 * 13 * 11, at::kDouble);
  const at::Tensor images =
      (at::sin(ramp * 0.37 + at::sqrt(ramp)) + at::sin(ramp * 1.3)).view({7, 5, 13, 11}) +
      at::arange(5, at::kDouble).view({1, 5, 1, 1}) - 2;
  const at::Tensor outer = at::cos(ramp * 0.77).view({7, 5, 13, 11}).to(type);
  const at::Tensor x = images.to(type).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  const at::Tensor gamma = at::linspace(-1, 2, 5, at::kDouble).to(type).requires_grad_(true);
  const at::Tensor shift = at::linspace(-0.5, 0.3, 5, at::kDouble).to(type).requires_grad_(true);
  at::Tensor mean = at::full({5}, 0.2, type), variance = at::full({5}, 0.7, type);
  const at::Tensor y = batch_norm(x, {gamma, shift, mean, variance, true, momentum});
  Outcome outcome{{y.detach()}};
  for (const at::Tensor& gradient :
       torch::autograd::grad({(y * outer).sum() + y.pow(3).sum()}, {x, gamma, shift})) {
    outcome.tensors.push_back(gradient);
  }
  outcome.tensors.insert(outcome.tensors.end(), {mean, variance});
  return outcome;
}

}  // namespace

// In float64 it is LibTorch's own batch_norm.
TEST_CASE(
    "batch normalisation in float32 is float64's to rounding, gradients and running statistics included") {
  for (const double momentum : {0.0, 0.1}) {
    const Outcome single = run(at::kFloat, momentum);
    const Outcome reference = run(at::kDouble, momentum);
    for (std::size_t index = 0; index < reference.tensors.size(); ++index) {
      CAPTURE(index);
      const at::Tensor& expected = reference.tensors[index];
      const double error = (single.tensors[index].to(at::kDouble) - expected).norm().item<double>();
      CHECK(error < 1e-6 * expected.norm().item<double>());
    }
  }
}

TEST_CASE("batch normalisation does not show the number of threads") {
  at::set_num_threads(1);
  const Outcome one = run(at::kFloat, 0.1);
  at::set_num_threads(2);
  const Outcome two = run(at::kFloat, 0.1);
  at::set_num_threads(1);
  for (std::size_t index = 0; index < one.tensors.size(); ++index) {
    CHECK(one.tensors[index].equal(two.tensors[index]));
  }
}
