// The hand-written layers beside LibTorch's own, forwards and backwards, on the shapes of ResNet-20 of width
// 16 at batch 128, one thread, channels-last on both sides: whether they are still worth their code with the
// LibTorch at hand. Argument: rounds. A JSON object a line.

#include <ATen/Parallel.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "batch_norm.hpp"
#include "measure.hpp"
#include "torch.hpp"

namespace {

using namespace bncollapse;
using Tensors = std::vector<at::Tensor>;

struct Shape {
  std::int64_t channels, size;
};
constexpr std::int64_t batch = 128;

at::Tensor images(Shape shape, at::ScalarType type) {
  return at::randn({batch, shape.channels, shape.size, shape.size})
      .to(type, false, false, at::MemoryFormat::ChannelsLast);
}

/// Seconds of `forward` and of its gradients with respect to the inputs, which are made anew each time, since
/// ours may overwrite what it read.
double seconds_of(const std::function<Tensors()>& make_inputs,
                  const std::function<at::Tensor(const Tensors&)>& forward) {
  Tensors inputs = make_inputs();
  for (at::Tensor& input : inputs) input.requires_grad_();
  // A layer's input comes from another layer: a leaf must not be written to.
  Tensors read;
  for (const at::Tensor& input : inputs) read.push_back(input.dim() == 4 ? input * 1 : input);
  const double start = bench::cpu_seconds_now();
  const at::Tensor y = forward(read);
  torch::autograd::grad({y}, read, {at::ones_like(y)});
  return bench::cpu_seconds_now() - start;
}

struct Layer {
  std::string name;
  std::function<Tensors(Shape, at::ScalarType)> inputs;
  std::function<at::Tensor(const Tensors&)> ours, libtorchs;
};

nets::BatchNormalisation normalisation(const Tensors& inputs) {
  const std::int64_t channels = inputs[0].size(1);
  return {inputs[1], inputs[2], at::zeros({channels}), at::ones({channels}), true, 0.1};
}
at::Tensor libtorchs_normalisation(const Tensors& inputs) {
  const auto [gamma, shift, mean, variance, batch_statistics, momentum] = normalisation(inputs);
  return at::batch_norm(inputs[0], gamma, shift, mean, variance, batch_statistics, momentum,
                        nets::variance_epsilon, false);
}
Tensors normalisation_inputs(Shape shape, at::ScalarType type) {
  return {images(shape, type), at::ones({shape.channels}), at::zeros({shape.channels})};
}

std::vector<Layer> layers() {
  const auto with_residual = [](Shape shape, at::ScalarType type) {
    Tensors inputs = normalisation_inputs(shape, type);
    inputs.push_back(images(shape, type));
    return inputs;
  };
  return {
      {"normalisation, rectifier", normalisation_inputs,
       [](const Tensors& in) { return nets::batch_norm(in[0], normalisation(in), {.leak = 0}); },
       [](const Tensors& in) { return libtorchs_normalisation(in).relu_(); }},
      {"normalisation, shortcut, rectifier", with_residual,
       [](const Tensors& in) {
         return nets::batch_norm(in[0], normalisation(in), {.leak = 0, .residual = in[3]});
       },
       [](const Tensors& in) { return libtorchs_normalisation(in).add_(in[3]).relu_(); }},
      {"normalisation, rectifier, max-pool", normalisation_inputs,
       [](const Tensors& in) {
         return nets::batch_norm(in[0], normalisation(in), {.leak = 0, .pooled = true});
       },
       [](const Tensors& in) { return at::max_pool2d(libtorchs_normalisation(in).relu_(), 2); }},
  };
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 9;
  at::set_num_threads(1);
  for (const Layer& layer : layers()) {
    for (const Shape shape : {Shape{16, 32}, Shape{32, 16}, Shape{64, 8}}) {
      for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
        const auto inputs = [&] { return layer.inputs(shape, type); };
        std::vector<double> ours, theirs, ratios;
        for (int round = -1; round < rounds; ++round) {  // the first warms up
          const double own = seconds_of(inputs, layer.ours), their = seconds_of(inputs, layer.libtorchs);
          if (round < 0) continue;
          ours.push_back(own);
          theirs.push_back(their);
          ratios.push_back(their / own);
        }
        std::cout << nlohmann::json{{"layer", layer.name},
                                    {"channels", shape.channels},
                                    {"precision", type == at::kFloat ? "float32" : "bfloat16"},
                                    {"ms", 1e3 * bench::median(ours)},
                                    {"libtorch_ms", 1e3 * bench::median(theirs)},
                                    {"over_libtorch", bench::median(ratios)},
                                    {"libtorch", TORCH_VERSION}}
                  << std::endl;
      }
    }
  }
}
