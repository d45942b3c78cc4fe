#include "pruning.hpp"

#include <algorithm>

namespace bncollapse::nets {
namespace {

/// Which of a layer's filters stay.
at::Tensor kept_filters(const Layer& layer, const std::vector<bool>& marks) {
  std::vector<std::int64_t> kept;
  for (std::size_t filter = 0; filter < marks.size(); ++filter) {
    if (!marks[filter]) {
      kept.push_back(static_cast<std::int64_t>(filter));
    }
  }
  if (kept.empty()) {
    kept.push_back(layer.gamma.abs().argmax().item<std::int64_t>());
  }
  return at::tensor(kept, at::kLong).to(layer.gamma.device());
}

at::Tensor rectified(const at::Tensor& z, double leak) { return at::where(z > 0, z, leak * z); }

/// What the rectifier sees of the filters that are removed, 0 for those that stay.
at::Tensor removed_output(const Layer& layer, const at::Tensor& kept, double alpha, Removed removed) {
  constexpr double far_below = -1e30;  // no shortcut lifts it to 0
  const at::Tensor output =
      removed == Removed::inactive ? at::full_like(layer.beta, far_below) : layer.beta + alpha;
  return output.index_fill(0, kept, 0);
}

/// Takes the inputs that do not stay out of a layer and adds what they gave to its shift.
void remove_inputs(Layer& layer, const at::Tensor& kept, const at::Tensor& removed_inputs) {
  const at::Tensor by_input = layer.weight.view({layer.weight.size(0), removed_inputs.size(0), -1});
  const at::Tensor shift = at::matmul(by_input.sum(2), removed_inputs);
  if (layer.mean.defined()) {
    layer.mean = layer.mean - shift;
  } else if (layer.bias.defined()) {
    layer.bias = layer.bias + shift;
  }
  layer.weight = layer.weight.dim() == 4 ? layer.weight.index_select(1, kept)
                                         : by_input.index_select(1, kept).flatten(1);
}

void remove_outputs(Layer& layer, const at::Tensor& kept) {
  for (at::Tensor* tensor : {&layer.weight, &layer.gamma, &layer.beta, &layer.mean, &layer.variance}) {
    if (tensor->defined()) {
      *tensor = tensor->index_select(0, kept);
    }
  }
}

/// Layers whose output is added to the residual, or starts it.
std::vector<bool> residual_layers(const Network& network) {
  std::vector<bool> result(network.layers.size(), false);
  for (const Operation& operation : network.operations) {
    if (const auto* block = std::get_if<ResidualBlock>(&operation)) {
      result[0] = result[block->second] = true;
    }
  }
  return result;
}

}  // namespace

Network pruned(const Network& network, const FilterMarks& marks, Removed removed) {
  const at::NoGradGuard no_gradients;
  Network result = network;
  for (Layer& layer : result.layers) {
    layer.weight = layer.weight.detach().contiguous();
  }
  const std::vector<bool> in_residual = residual_layers(network);
  std::vector<at::Tensor> kept(network.layers.size());
  std::size_t normalised = 0;
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    if (network.layers[index].normalised()) {
      kept[index] = kept_filters(network.layers[index], marks.at(normalised++));
    }
  }
  for (std::size_t index = 0; index < network.layers.size(); ++index) {
    Layer& layer = result.layers[index];
    const int input = network.shapes[index].input_layer;
    if (input >= 0 && kept[static_cast<std::size_t>(input)].defined()) {
      const auto feeding = static_cast<std::size_t>(input);
      const at::Tensor constant =
          removed_output(network.layers[feeding], kept[feeding], network.spec.alpha, removed);
      remove_inputs(layer, kept[feeding], rectified(constant, network.spec.leak));
      result.shapes[index].inputs = kept[feeding].size(0);
    }
    if (kept[index].defined()) {
      if (in_residual[index]) {
        layer.outputs = kept[index];
        layer.constant = removed_output(network.layers[index], kept[index], network.spec.alpha, removed);
      }
      remove_outputs(layer, kept[index]);
      result.shapes[index].outputs = kept[index].size(0);
    }
    if (layer.weight.dim() == 4) {
      layer.weight = layer.weight.contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
  return result;
}

}  // namespace bncollapse::nets
