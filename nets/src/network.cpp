#include "network.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "batch_norm.hpp"
#include "bncollapse/nets/dataset.hpp"
#include "counter_random.hpp"
#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {
namespace {

constexpr double running_momentum = 0.1;  // share of the new batch in the running statistics

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

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
      x = std::visit(
          Overloaded{
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
                at::Tensor scores = at::linear(x.flatten(1), layer.weight.to(type_), layer.bias.to(type_));
                observe(dense.layer, scores);
                return dense.rectified ? rectified(std::move(scores), network_.spec.slope) : scores;
              },
          },
          operation);
    }
    return x.to(type_ == at::kDouble ? at::kDouble : at::kFloat);
  }

 private:
  /// A convolution with all that follows it: normalisation, sum with the stream, rectifier, max-pool.
  at::Tensor convolution(std::size_t index, const at::Tensor& x, const at::Tensor& stream = {},
                         bool pooled = false, at::Tensor* again = nullptr) const {
    const Layer& layer = network_.layers[index];
    const at::Tensor bias = layer.bias.defined() ? layer.bias.to(type_) : at::Tensor();
    if (x.is_cpu()) {
      begin_layer();
    }
    at::Tensor z = at::conv2d(x, layer.weight.to(type_), bias, layer.stride, 1);
    const double slope = network_.spec.slope;
    if (layer.mean.defined() && !observer_ && !layer.outputs.defined()) {
      return batch_norm(z, batch_normalisation(layer),
                        {.slope = slope, .stream = stream, .pooled = pooled, .again = again});
    }
    if (layer.normalised()) {
      z = normalised(layer, z);
    }
    z = summed(layer, stream, std::move(z));
    observe(index, z);
    z = rectified(z, slope);
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

  /// The stream (zero where undefined) plus a layer's output, which in a pruned network lacks channels.
  at::Tensor summed(const Layer& layer, const at::Tensor& stream, at::Tensor z) const {
    if (!layer.outputs.defined()) {
      return stream.defined() ? z + stream : z;
    }
    const at::Tensor base = layer.constant.to(type_).view({1, -1, 1, 1});
    const at::Tensor sum = stream.defined() ? stream + base
                                            : base.expand({z.size(0), base.size(1), z.size(2), z.size(3)})
                                                  .contiguous(at::MemoryFormat::ChannelsLast);
    return sum.index_add(1, layer.outputs, z);
  }

  at::Tensor shortcut(const ResidualBlock& block, const at::Tensor& x) const {
    const std::int64_t stride = network_.layers[block.first].stride;
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

/// Puts layers and operations together, following the size of the image.
class Builder {
 public:
  Builder(const NetworkSpec& spec, std::uint64_t seed, at::ScalarType type) : seed_(seed), type_(type) {
    network_.spec = spec;
  }

  void convolve(std::int64_t outputs) {
    const std::size_t layer = convolution(outputs, 1, input_layer_);
    input_layer_ = static_cast<int>(layer);
    network_.operations.emplace_back(Convolve{.layer = layer, .pooled = false});
  }

  void max_pool() {
    size_ /= 2;
    std::get<Convolve>(network_.operations.back()).pooled = true;
  }

  void start_stream() { input_layer_ = -1; }

  void residual_block(std::int64_t outputs, std::int64_t stride) {
    const std::size_t first = convolution(outputs, stride, -1);
    const std::size_t second = convolution(outputs, 1, static_cast<int>(first));
    network_.operations.emplace_back(ResidualBlock{first, second});
  }

  void global_mean() {
    size_ = 1;
    network_.operations.emplace_back(GlobalMean{});
  }

  void dense(std::int64_t outputs, bool rectified) {
    const std::int64_t kernel = size_ * size_;
    const std::int64_t fan_in = channels_ * kernel;
    const std::size_t index = network_.layers.size();
    Layer layer;
    layer.name = "dense" + std::to_string(++dense_count_);
    layer.weight = uniform({outputs, fan_in}, 1 / std::sqrt(static_cast<double>(fan_in)));
    layer.bias = at::zeros({outputs}, type_);
    network_.shapes.push_back({.name = layer.name,
                               .inputs = channels_,
                               .outputs = outputs,
                               .kernel = kernel,
                               .positions = 1,
                               .input_layer = input_layer_,
                               .normalised = false});
    network_.layers.push_back(std::move(layer));
    network_.operations.emplace_back(Dense{index, rectified});
    channels_ = outputs;
    size_ = 1;
    input_layer_ = static_cast<int>(index);
  }

  Network take() && { return std::move(network_); }

 private:
  std::size_t convolution(std::int64_t outputs, std::int64_t stride, int input_layer) {
    const NetworkSpec& spec = network_.spec;
    Layer layer;
    layer.name = "conv" + std::to_string(network_.layers.size() + 1);
    layer.stride = stride;
    layer.weight = normal({outputs, channels_, 3, 3}, std::sqrt(2 / static_cast<double>(9 * channels_)));
    if (spec.normalisation == Normalisation::none) {
      layer.bias = at::zeros({outputs}, type_);
    } else {
      layer.gamma = at::full({outputs}, spec.gamma, type_);
      layer.beta = at::full({outputs}, spec.beta, type_);
    }
    if (spec.normalisation == Normalisation::batch) {
      layer.mean = at::zeros({outputs}, type_);
      layer.variance = at::ones({outputs}, type_);
    }
    size_ /= stride;
    network_.shapes.push_back({.name = layer.name,
                               .inputs = channels_,
                               .outputs = outputs,
                               .kernel = 9,
                               .positions = size_ * size_,
                               .input_layer = input_layer,
                               .normalised = layer.normalised()});
    channels_ = outputs;
    network_.layers.push_back(std::move(layer));
    return network_.layers.size() - 1;
  }

  static double unit(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

  CounterRandom random() const {
    return {seed_, Purpose::initial_weights, static_cast<std::uint32_t>(network_.layers.size())};
  }

  at::Tensor normal(at::IntArrayRef shape, double deviation) const {
    return filled(shape, [random = random(), deviation](std::uint64_t index) {
      const auto words = random(index);
      return deviation * std::sqrt(-2 * std::log(unit(words[0]))) *
             std::cos(2 * std::numbers::pi * unit(words[1]));
    });
  }

  at::Tensor uniform(at::IntArrayRef shape, double limit) const {
    return filled(shape, [random = random(), limit](std::uint64_t index) {
      return limit * (2 * unit(random(index)[0]) - 1);
    });
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

  Network network_;
  std::uint64_t seed_;
  at::ScalarType type_;
  std::int64_t channels_ = image_channels;
  std::int64_t size_ = image_size;
  int input_layer_ = -1;
  int dense_count_ = 0;
};

void build_resnet(Builder& builder, const NetworkSpec& spec) {
  const std::int64_t blocks = (spec.depth - 2) / 6;
  builder.convolve(spec.width);
  builder.start_stream();
  for (std::int64_t stage = 0; stage < 3; ++stage) {
    for (std::int64_t block = 0; block < blocks; ++block) {
      builder.residual_block(spec.width << stage, stage > 0 && block == 0 ? 2 : 1);
    }
  }
  builder.global_mean();
}

void build_vgg(Builder& builder, const NetworkSpec& spec) {
  const std::vector<int> convolutions =
      spec.depth == 11 ? std::vector{1, 1, 2, 2, 2} : std::vector{2, 2, 3, 3, 3};
  for (std::size_t stage = 0; stage < convolutions.size(); ++stage) {
    for (int position = 0; position < convolutions[stage]; ++position) {
      builder.convolve(spec.width << std::min<std::size_t>(stage, 3));
    }
    builder.max_pool();
  }
}

void build_basicnet(Builder& builder, const NetworkSpec& spec) {
  for (const std::int64_t multiple : {1, 2, 2}) {
    builder.convolve(multiple * spec.width);
  }
  for (const std::int64_t multiple : {4, 8}) {
    builder.max_pool();
    builder.convolve(multiple * spec.width);
    builder.convolve(multiple * spec.width);
  }
  builder.max_pool();
  builder.dense(16 * spec.width, true);
}

void build_plain(Builder& builder, const NetworkSpec& spec) {
  const std::int64_t half = spec.depth / 2;
  for (std::int64_t position = 1; position <= spec.depth; ++position) {
    builder.convolve(position <= half ? spec.width : 2 * spec.width);
    if (position == 1 || position == half) {
      builder.max_pool();
    }
  }
  builder.global_mean();
}

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
  fields::validate(spec);
  Builder builder(spec, seed, type);
  switch (spec.architecture) {
    case Architecture::resnet:
      build_resnet(builder, spec);
      break;
    case Architecture::vgg:
      build_vgg(builder, spec);
      break;
    case Architecture::basicnet:
      build_basicnet(builder, spec);
      break;
    case Architecture::plain:
      build_plain(builder, spec);
      break;
  }
  builder.dense(class_count, false);
  return std::move(builder).take();
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
