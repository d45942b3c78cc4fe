#include "network.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "batch_norm.hpp"
#include "counter_random.hpp"

namespace bncollapse::nets {
namespace {

constexpr double running_momentum = 0.1;  // share of the new batch in the running statistics

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

/// The identity; its gradient is made contiguous in channels-last order. Means hand back gradients in another
/// order, which spreads to the layers below and slows them.
struct ChannelsLastGradient : torch::autograd::Function<ChannelsLastGradient> {
  static at::Tensor forward(torch::autograd::AutogradContext*, const at::Tensor& x) { return x; }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 const torch::autograd::variable_list& gradients) {
    return {gradients[0].contiguous(at::MemoryFormat::ChannelsLast)};
  }
};

/// Every stride-th row and column, with `added` channels of zeros behind; channels-last both ways.
struct PaddedShortcut : torch::autograd::Function<PaddedShortcut> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            std::int64_t stride, std::int64_t added) {
    context->saved_data["stride"] = stride;
    context->saved_data["shape"] = x.sizes().vec();
    const at::Tensor part = picked(x, stride);
    at::Tensor result = at::empty({part.size(0), part.size(1) + added, part.size(2), part.size(3)},
                                  x.options(), at::MemoryFormat::ChannelsLast)
                            .zero_();
    result.narrow(1, 0, part.size(1)).copy_(part);
    return result;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const std::vector<std::int64_t> shape = context->saved_data["shape"].toIntVector();
    at::Tensor result = at::empty(shape, gradients[0].options(), at::MemoryFormat::ChannelsLast).zero_();
    picked(result, context->saved_data["stride"].toInt()).copy_(gradients[0].narrow(1, 0, shape[1]));
    return {result, {}, {}};
  }
  static at::Tensor picked(const at::Tensor& x, std::int64_t stride) {
    return x.slice(2, 0, x.size(2), stride).slice(3, 0, x.size(3), stride);
  }
};

class Forward {
 public:
  Forward(const Network& network, Pass pass, at::ScalarType type, const Observer& observer)
      : network_(network), pass_(pass), type_(type), observer_(observer) {}

  at::Tensor operator()(at::Tensor x) const {
    x = x.to(type_);
    at::Tensor again = x;  // for the shortcut
    for (const Operation& operation : network_.operations) {
      x = std::visit(Overloaded{
                         [&](const Convolve& convolve) {
                           return convolution(convolve.layer, x, {}, convolve.pooled, &again);
                         },
                         [&](const ResidualBlock& block) {
                           const at::Tensor inner = convolution(block.first, x);
                           return convolution(block.second, inner, shortcut(block, again), false, &again);
                         },
                         [&](const GlobalMean&) {
                           return ChannelsLastGradient::apply(x).mean({2, 3});
                         },
                         [&](const Dense& dense) {
                           const Layer& layer = network_.layers[dense.layer];
                           at::Tensor scores =
                               at::linear(x.flatten(1), layer.weight.to(type_), layer.bias.to(type_));
                           observe(dense.layer, scores);
                           return dense.rectified ? rectified(std::move(scores), network_.spec.leak) : scores;
                         },
                     },
                     operation);
    }
    return x.to(type_ == at::kDouble ? at::kDouble : at::kFloat);
  }

 private:
  /// A convolution with all that follows it: normalisation, sum with the residual, rectifier, max-pool.
  at::Tensor convolution(std::size_t index, const at::Tensor& x, const at::Tensor& residual = {},
                         bool pooled = false, at::Tensor* again = nullptr) const {
    const Layer& layer = network_.layers[index];
    const at::Tensor bias = layer.bias.defined() ? layer.bias.to(type_) : at::Tensor();
    if (x.is_cpu()) {
      begin_layer();
    }
    at::Tensor z = at::conv2d(x, layer.weight.to(type_), bias, network_.shapes[index].stride, 1);
    const double leak = network_.spec.leak;
    if (layer.mean.defined() && !observer_ && !layer.outputs.defined()) {
      return batch_norm(z, batch_normalisation(layer),
                        {.leak = leak, .residual = residual, .pooled = pooled, .again = again});
    }
    if (layer.normalised()) {
      z = normalised(layer, z);
    }
    z = summed(layer, residual, z);
    observe(index, z);
    z = rectified(z, leak);
    z = pooled ? max_pooled(z) : z;
    if (again != nullptr) {
      *again = z;
    }
    return z;
  }

  void observe(std::size_t index, const at::Tensor& z) const {
    if (observer_) {
      observer_(index, z);
    }
  }

  at::Tensor normalised(const Layer& layer, const at::Tensor& x) const {
    if (network_.spec.normalisation == Normalisation::instance) {
      return at::instance_norm(x, layer.gamma, shift(layer), {}, {}, true, 0, variance_epsilon, false);
    }
    return batch_norm(x, batch_normalisation(layer));
  }

  at::Tensor shift(const Layer& layer) const {
    return network_.spec.alpha == 0 ? layer.beta : layer.beta + network_.spec.alpha;
  }

  BatchNormalisation batch_normalisation(const Layer& layer) const {
    return {.gamma = layer.gamma,
            .shift = shift(layer),
            .mean = layer.mean,
            .variance = layer.variance,
            .batch_statistics = pass_ != Pass::evaluate,
            .momentum = pass_ == Pass::train ? running_momentum : 0};
  }

  /// The residual (zero where undefined) plus a layer's output, which in a pruned network lacks channels.
  at::Tensor summed(const Layer& layer, const at::Tensor& residual, const at::Tensor& z) const {
    if (!layer.outputs.defined()) {
      return residual.defined() ? z + residual : z;
    }
    const at::Tensor base = layer.constant.to(type_).view({1, -1, 1, 1});
    const at::Tensor sum = residual.defined() ? residual + base
                                              : base.expand({z.size(0), base.size(1), z.size(2), z.size(3)})
                                                    .contiguous(at::MemoryFormat::ChannelsLast);
    return sum.index_add(1, layer.outputs, z);
  }

  at::Tensor shortcut(const ResidualBlock& block, const at::Tensor& x) const {
    const std::int64_t stride = network_.shapes[block.first].stride;
    const Layer& last = network_.layers[block.second];
    const std::int64_t added = (last.constant.defined() ? last.constant : last.weight).size(0) - x.size(1);
    if (stride == 1 && added == 0) {
      return x;
    }
    return PaddedShortcut::apply(x, stride, added);
  }

  const Network& network_;
  Pass pass_;
  at::ScalarType type_;
  const Observer& observer_;
};

/// A layer's initial weights.
class Initialiser {
 public:
  /// @param position  of the layer in the network
  Initialiser(std::uint64_t seed, std::size_t position, at::ScalarType type)
      : random_(seed, RandomPurpose::initial_weights, static_cast<std::uint32_t>(position)), type_(type) {}

  Layer layer(const LayerShape& shape, const NetworkSpec& spec) const {
    Layer layer;
    layer.name = shape.name;
    const std::int64_t fan_in = shape.inputs * shape.kernel;
    if (shape.is_convolution) {
      layer.weight = normal({shape.outputs, shape.inputs, 3, 3}, std::sqrt(2 / static_cast<double>(fan_in)));
    } else {
      layer.weight = uniform({shape.outputs, fan_in}, 1 / std::sqrt(static_cast<double>(fan_in)));
    }
    if (shape.normalised) {
      layer.gamma = at::full({shape.outputs}, spec.gamma, type_);
      layer.beta = at::full({shape.outputs}, spec.beta, type_);
    } else {
      layer.bias = at::zeros({shape.outputs}, type_);
    }
    if (shape.normalised && spec.normalisation == Normalisation::batch) {
      layer.mean = at::zeros({shape.outputs}, type_);
      layer.variance = at::ones({shape.outputs}, type_);
    }
    return layer;
  }

 private:
  static double unit(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

  at::Tensor normal(at::IntArrayRef shape, double deviation) const {
    return filled(shape, [this, deviation](std::uint64_t index) {
      const auto words = random_(index);
      return deviation * std::sqrt(-2 * std::log(unit(words[0]))) *
             std::cos(2 * std::numbers::pi * unit(words[1]));
    });
  }

  at::Tensor uniform(at::IntArrayRef shape, double limit) const {
    return filled(shape,
                  [this, limit](std::uint64_t index) { return limit * (2 * unit(random_(index)[0]) - 1); });
  }

  template <class Value>
  at::Tensor filled(at::IntArrayRef shape, const Value& value) const {
    at::Tensor tensor = at::empty(shape, at::kDouble);
    double* data = tensor.data_ptr<double>();
    for (std::int64_t index = 0; index < tensor.numel(); ++index) {
      data[index] = value(static_cast<std::uint64_t>(index));
    }
    return tensor.to(type_);
  }

  CounterRandom random_;
  at::ScalarType type_;
};

template <class Select>
std::vector<Parameter> named_tensors(std::vector<Layer>& layers, bool normalisation, const Select& select) {
  std::vector<Parameter> result;
  for (Layer& layer : layers) {
    for (const auto& [name, tensor] : select(layer)) {
      if (tensor->defined()) {
        result.push_back({layer.name + "." + name, tensor, normalisation});
      }
    }
  }
  return result;
}

using Named = std::vector<std::pair<const char*, at::Tensor*>>;

}  // namespace

Network make_network(const NetworkSpec& spec, std::uint64_t seed, at::ScalarType type) {
  NetworkPlan plan = plan_network(spec);
  Network network;
  network.spec = spec;
  for (std::size_t position = 0; position < plan.layers.size(); ++position) {
    network.layers.push_back(Initialiser(seed, position, type).layer(plan.layers[position], spec));
  }
  network.shapes = std::move(plan.layers);
  network.operations = std::move(plan.operations);
  return network;
}

at::Tensor Network::forward(const at::Tensor& images, Pass pass, at::ScalarType type,
                            const Observer& observer) const {
  return Forward(*this, pass, type, observer)(images);
}

std::vector<Parameter> Network::parameters() {
  std::vector<Parameter> result = named_tensors(layers, false, [](Layer& layer) {
    return Named{{"weight", &layer.weight}, {"bias", &layer.bias}};
  });
  const std::vector<Parameter> normalisation = named_tensors(layers, true, [](Layer& layer) {
    return Named{{"gamma", &layer.gamma}, {"beta", &layer.beta}};
  });
  result.insert(result.end(), normalisation.begin(), normalisation.end());
  return result;
}

std::vector<Parameter> Network::buffers() {
  return named_tensors(layers, true, [](Layer& layer) {
    return Named{{"mean", &layer.mean}, {"variance", &layer.variance}};
  });
}

}  // namespace bncollapse::nets
