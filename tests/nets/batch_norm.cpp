#include "batch_norm.hpp"

#include <hwy/targets.h>

#include <vector>

#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

struct Outcome {
  std::vector<at::Tensor> tensors;  // output, gradients of x, gamma and shift, running mean and variance
};

struct Case {
  const char* name;
  double slope;
  bool stream, pooled;
  bool twice = false;  // y has two readers
};

const std::vector<Case> cases{{"alone", 1, false, false},
                              {"rectified", 0, false, false},
                              {"leaky", 0.2, false, false},
                              {"added and rectified", 0, true, false},
                              {"added and leaky", 0.2, true, false},
                              {"rectified, read twice", 0, false, false, true},
                              {"added and rectified, read twice", 0, true, false, true},
                              {"rectified and pooled", 0, false, true},
                              {"leaky and pooled", 0.2, false, true}};

/// Images with means of up to three deviations, 21 channels and 40 x 12 x 10 positions: no multiple of a
/// block or a vector.
Outcome run(at::ScalarType type, double momentum, const Case& what) {
  constexpr std::int64_t channels = 21;
  const at::Tensor ramp = at::arange(40 * channels * 12 * 10, at::kDouble);
  const at::Tensor images =
      (at::sin(ramp * 0.37 + at::sqrt(ramp)) + at::sin(ramp * 1.3)).view({40, channels, 12, 10}) +
      at::linspace(-2, 2, channels, at::kDouble).view({1, channels, 1, 1});
  const auto numbers = type == at::kDouble ? at::kDouble : at::kFloat;
  const auto leaf = [&](const at::Tensor& values) {
    return values.to(at::kBFloat16).to(type).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  };
  const at::Tensor x = leaf(images);
  const at::Tensor stream = leaf(at::cos(ramp * 0.51).view({40, channels, 12, 10}));
  const at::Tensor gamma = at::linspace(-1, 2, channels, at::kDouble).to(numbers).requires_grad_(true);
  const at::Tensor shift = at::linspace(-0.5, 0.3, channels, at::kDouble).to(numbers).requires_grad_(true);
  at::Tensor mean = at::full({channels}, 0.2, numbers), variance = at::full({channels}, 0.7, numbers);
  at::Tensor again;
  const at::Tensor y = batch_norm(x, {gamma, shift, mean, variance, true, momentum},
                                  {.slope = what.slope,
                                   .stream = what.stream ? stream : at::Tensor(),
                                   .pooled = what.pooled,
                                   .again = what.twice ? &again : nullptr});
  const at::Tensor outer = at::cos(at::arange(y.numel(), at::kDouble) * 0.77).view(y.sizes());
  Outcome outcome{{y.detach()}};
  std::vector<at::Tensor> inputs{x, gamma, shift};
  if (what.stream) {
    inputs.push_back(stream);
  }
  const at::Tensor wide = y.to(numbers), wide_again = what.twice ? again.to(numbers) : wide;
  for (const at::Tensor& gradient :
       torch::autograd::grad({(wide * outer.to(numbers)).sum() + wide_again.pow(3).sum()}, inputs)) {
    outcome.tensors.push_back(gradient);
  }
  outcome.tensors.insert(outcome.tensors.end(), {mean, variance});
  return outcome;
}

void compare(at::ScalarType type, double tolerance) {
  for (const Case& what : cases) {
    CAPTURE(what.name);
    for (const double momentum : {0.0, 0.1}) {
      const Outcome actual = run(type, momentum, what);
      const Outcome reference = run(at::kDouble, momentum, what);
      for (std::size_t index = 0; index < reference.tensors.size(); ++index) {
        CAPTURE(index);
        const at::Tensor& expected = reference.tensors[index];
        const double error = (actual.tensors[index].to(at::kDouble) - expected).norm().item<double>();
        CHECK(error < tolerance * expected.norm().item<double>());
      }
    }
  }
}

}  // namespace

// In float64 it is LibTorch's own batch_norm, leaky_relu and max_pool2d.
TEST_CASE(
    "batch normalisation in float32 is float64's to rounding, gradients and running statistics included") {
  compare(at::kFloat, 1e-6);
}

// A bfloat16 has 8 significant bits; a rounded z can fall on the other side of a kink.
TEST_CASE("batch normalisation in bfloat16 is float64's to its rounding") { compare(at::kBFloat16, 3e-2); }

TEST_CASE("the max-pool with a gradient of our own is LibTorch's, ties included") {
  const at::Tensor z = at::sin(at::arange(4 * 3 * 10 * 9, at::kDouble))
                           .mul(4)
                           .round()  // few values, many ties
                           .view({4, 3, 10, 9})
                           .requires_grad_(true);
  const at::Tensor own = deterministic_max_pooled(z), expected = at::max_pool2d(z, 2);
  CHECK(own.equal(expected));
  const at::Tensor outer = at::cos(at::arange(own.numel(), at::kDouble)).view(own.sizes());
  CHECK(torch::autograd::grad({(own * outer).sum()}, {z})[0].equal(
      torch::autograd::grad({(expected * outer).sum()}, {z})[0]));
}

TEST_CASE("batch normalisation tells who needs its input after its gradient took the memory") {
  const at::Tensor x = at::sin(at::arange(4 * 3 * 2 * 2, at::kFloat)).view({4, 3, 2, 2});
  const at::Tensor input = x.contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  at::Tensor mean = at::zeros({3}), variance = at::ones({3});
  const at::Tensor y = batch_norm(input, {at::ones({3}), at::zeros({3}), mean, variance, true, 0.1});
  const at::Tensor square = input.pow(2).sum();
  torch::autograd::grad({y.pow(2).sum()}, {input});
  CHECK_THROWS_WITH_AS(torch::autograd::grad({square}, {input}), doctest::Contains("inplace operation"),
                       c10::Error);
}

TEST_CASE("batch normalisation does not show the number of threads") {
  for (const Case& what : cases) {
    CAPTURE(what.name);
    at::set_num_threads(1);
    const Outcome one = run(at::kFloat, 0.1, what);
    at::set_num_threads(2);
    const Outcome two = run(at::kFloat, 0.1, what);
    at::set_num_threads(1);
    for (std::size_t index = 0; index < one.tensors.size(); ++index) {
      CHECK(one.tensors[index].equal(two.tensors[index]));
    }
  }
}

TEST_CASE("batch normalisation does not show the processor's vectors") {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const Case& what : cases) {
      CAPTURE(what.name);
      const Outcome best = run(type, 0.1, what);
      for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        CAPTURE(hwy::TargetName(target));
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(target);
        const Outcome other = run(type, 0.1, what);
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
        for (std::size_t index = 0; index < best.tensors.size(); ++index) {
          CHECK(best.tensors[index].equal(other.tensors[index]));
        }
      }
    }
  }
}
