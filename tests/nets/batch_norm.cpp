#include "batch_norm.hpp"

#include <hwy/targets.h>

#include <limits>
#include <type_traits>
#include <vector>

#include "device_normaliser.hpp"
#include "no_cuda_device.hpp"
#include "skip.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

struct Outcome {
  std::vector<at::Tensor> tensors;  // output, gradients of x, gamma and shift, running mean and variance
};

struct Case {
  const char* name;
  double leak;
  bool residual, pooled;
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

using Normalise = at::Tensor (*)(const at::Tensor&, const BatchNormalisation&, const Activation&);

/// 21 channels and 40 x 12 x 10 positions are no multiple of a block or a vector.
struct Size {
  std::int64_t images = 40, channels = 21;
};

/// Images with means of up to three deviations.
Outcome run(at::ScalarType type, double momentum, const Case& what, const Size& size = {},
            Normalise normalise = batch_norm, at::Device device = at::kCPU) {
  const auto [images, channels] = size;
  const at::Tensor ramp = at::arange(images * channels * 12 * 10, at::kDouble);
  const at::Tensor values =
      (at::sin(ramp * 0.37 + at::sqrt(ramp)) + at::sin(ramp * 1.3)).view({images, channels, 12, 10}) +
      at::linspace(-2, 2, channels, at::kDouble).view({1, channels, 1, 1});
  const auto numbers = at::TensorOptions(type == at::kDouble ? at::kDouble : at::kFloat).device(device);
  const auto leaf = [&](const at::Tensor& of) {
    return of.to(at::kBFloat16)
        .to(device, type)
        .contiguous(at::MemoryFormat::ChannelsLast)
        .requires_grad_(true);
  };
  const at::Tensor x = leaf(values);
  const at::Tensor residual = leaf(at::cos(ramp * 0.51).view({images, channels, 12, 10}));
  const auto line = [&](double from, double to) {
    return at::linspace(from, to, channels, at::kDouble).to(numbers).requires_grad_(true);
  };
  const at::Tensor gamma = line(-1, 2), shift = line(-0.5, 0.3);
  at::Tensor mean = at::full({channels}, 0.2, numbers), variance = at::full({channels}, 0.7, numbers);
  at::Tensor again;
  const at::Tensor y = normalise(x, {gamma, shift, mean, variance, true, momentum},
                                 {.leak = what.leak,
                                  .residual = what.residual ? residual : at::Tensor(),
                                  .pooled = what.pooled,
                                  .again = what.twice ? &again : nullptr});
  const at::Tensor outer = at::cos(at::arange(y.numel(), at::kDouble) * 0.77).view(y.sizes()).to(device);
  Outcome outcome{{y.detach()}};
  std::vector<at::Tensor> inputs{x, gamma, shift};
  if (what.residual) {
    inputs.push_back(residual);
  }
  const at::Tensor wide = y.to(numbers), wide_again = what.twice ? again.to(numbers) : wide;
  for (const at::Tensor& gradient :
       torch::autograd::grad({(wide * outer.to(numbers)).sum() + wide_again.pow(3).sum()}, inputs)) {
    outcome.tensors.push_back(gradient);
  }
  outcome.tensors.insert(outcome.tensors.end(), {mean, variance});
  return outcome;
}

/// With LibTorch's own in float64.
void compare(at::ScalarType type, double tolerance, const Size& size = {}, Normalise normalise = batch_norm,
             at::Device device = at::kCPU) {
  CAPTURE(size.channels);
  for (const Case& what : cases) {
    CAPTURE(what.name);
    for (const double momentum : {0.0, 0.1}) {
      const Outcome actual = run(type, momentum, what, size, normalise, device);
      const Outcome reference = run(at::kDouble, momentum, what, size);
      for (std::size_t index = 0; index < reference.tensors.size(); ++index) {
        CAPTURE(index);
        const at::Tensor& expected = reference.tensors[index];
        const double error =
            (actual.tensors[index].to(at::kCPU, at::kDouble) - expected).norm().item<double>();
        CHECK(error < tolerance * expected.norm().item<double>());
      }
    }
  }
}

enum class Order { forwards, backwards };

/// A device on the host: one group and one thread after another, phases in between, as on a device.
template <Order order>
struct HostDevice {
  template <class Task>
  void run(const Task& task, int groups) const {
    static_assert(std::is_trivially_copyable_v<Task>);
    const auto turn = [](int index, int count) {
      return order == Order::forwards ? index : count - 1 - index;
    };
    for (int group = 0; group < groups; ++group) {
      // What a device leaves there: nothing that anyone may rely on.
      std::vector<double> shared(Task::shared_doubles, std::numeric_limits<double>::quiet_NaN());
      for (int phase = 0; phase < Task::phases; ++phase) {
        for (int thread = 0; thread < Task::threads; ++thread) {
          task(phase, turn(group, groups), turn(thread, Task::threads), shared.data());
        }
      }
    }
  }
};
template <Order order>
constexpr Normalise on_host = fused_batch_norm<DeviceNormaliser<HostDevice<order>>>;

// One channel a thread and four; one group of channels, full ones, a last one that is not; sums in one piece
// and in several. (No gamma is 0, where float32 and float64 would choose different ones of a window.)
const std::vector<Size> device_sizes{{.images = 40, .channels = 21},
                                     {.images = 17, .channels = 5},
                                     {.images = 2, .channels = 12},
                                     {.images = 40, .channels = 32},
                                     {.images = 20, .channels = 44}};

void require_equal(const Outcome& one, const Outcome& other) {
  for (std::size_t index = 0; index < one.tensors.size(); ++index) {
    CAPTURE(index);
    CHECK(one.tensors[index].equal(other.tensors[index]));
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
    require_equal(one, two);
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
        require_equal(best, other);
      }
    }
  }
}

TEST_CASE("a device's batch normalisation, on the host, is float64's to float32's rounding") {
  for (const Size& size : device_sizes) compare(at::kFloat, 1e-6, size, on_host<Order::backwards>);
}

TEST_CASE("a device's batch normalisation in bfloat16, on the host, is float64's to its rounding") {
  for (const Size& size : device_sizes) compare(at::kBFloat16, 3e-2, size, on_host<Order::backwards>);
}

TEST_CASE("a device's batch normalisation does not show the order of groups and threads") {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const Case& what : cases) {
      CAPTURE(what.name);
      const Size size{.channels = 24};
      require_equal(run(type, 0.1, what, size, on_host<Order::forwards>),
                    run(type, 0.1, what, size, on_host<Order::backwards>));
    }
  }
}

TEST_CASE("a device's batch normalisation keeps what is not finite") {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    for (const bool pooled : {false, true}) {
      at::Tensor x = at::sin(at::arange(2 * 4 * 4 * 4, at::kFloat)).view({2, 4, 4, 4});
      x.select(1, 2).fill_(std::numeric_limits<float>::quiet_NaN());
      at::Tensor mean = at::zeros({4}), variance = at::ones({4});
      const at::Tensor y = on_host<Order::forwards>(
          channels_last(x.to(type)), {at::ones({4}), at::zeros({4}), mean, variance, true, 0.1},
          {.leak = 0.5, .pooled = pooled});
      CHECK(y.select(1, 2).isnan().all().item<bool>());
      CHECK(y.select(1, 1).isfinite().all().item<bool>());
    }
  }
}

TEST_CASE("CUDA: batch normalisation is float64's to rounding, the host's outputs, and the same bits again") {
  SKIP_IF(no_cuda_device());
  for (const Size& size : device_sizes) {
    compare(at::kFloat, 1e-6, size, batch_norm, at::kCUDA);
    compare(at::kBFloat16, 3e-2, size, batch_norm, at::kCUDA);
    for (const Case& what : cases) {
      CAPTURE(what.name);
      const Outcome device = run(at::kFloat, 0.1, what, size, batch_norm, at::kCUDA);
      const Outcome host = run(at::kFloat, 0.1, what, size, on_host<Order::forwards>);
      CHECK(device.tensors.front().cpu().equal(host.tensors.front()));
      require_equal(device, run(at::kFloat, 0.1, what, size, batch_norm, at::kCUDA));
    }
  }
}
