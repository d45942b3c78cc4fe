#include "captured_step.hpp"

#include "no_cuda_device.hpp"
#include "skip.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

/// Steps of gradient descent on a quadratic, with momentum; the learning rate is read from the device.
at::Tensor descended(at::Device device, int steps, bool in_captured_step, bool& captured) {
  const auto options = at::TensorOptions(at::kFloat).device(device);
  const at::Tensor goal = at::linspace(-1, 1, 1000, options);
  const at::Tensor rates = at::linspace(0.2, 0.01, steps, options);
  at::Tensor values = at::zeros_like(goal), velocity = at::zeros_like(goal);
  at::Tensor position = at::zeros({1}, options.dtype(at::kLong));
  const auto work = [&] {
    const at::Tensor leaf = values.detach().requires_grad_(true);
    const at::Tensor gradient = torch::autograd::grad({(leaf - goal).pow(2).sum()}, {leaf})[0];
    velocity.mul_(0.9).add_(gradient);
    values.sub_(velocity * rates.index_select(0, position));
    position.add_(1);
  };
  CapturedStep step(work, device);
  for (int index = 0; index < steps; ++index) {
    in_captured_step ? step() : work();
  }
  captured = step.captured();
  return values.cpu();
}

}  // namespace

TEST_CASE("on the CPU a captured step is the step") {
  bool captured = false;
  const at::Tensor plain = descended(at::kCPU, 12, false, captured);
  CHECK(plain.equal(descended(at::kCPU, 12, true, captured)));
  CHECK(!captured);
}

TEST_CASE("CUDA: a captured step does what the step does") {
  SKIP_IF(no_cuda_device());
  bool captured = false;
  const at::Tensor eager = descended(at::kCUDA, 12, false, captured);
  CHECK(eager.equal(descended(at::kCUDA, 12, true, captured)));
  CHECK(captured);
}
