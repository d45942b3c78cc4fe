#include "bncollapse/nets/collapse.hpp"

#include <algorithm>
#include <cmath>

#include "bncollapse/theory/invalid_argument.hpp"

namespace bncollapse::nets {
namespace {

std::int64_t multiplications(const LayerShape& shape, std::int64_t inputs, std::int64_t outputs) {
  return inputs * outputs * shape.kernel * shape.positions;
}

std::int64_t marked(const std::vector<bool>& marks) { return std::count(marks.begin(), marks.end(), true); }

}  // namespace

FilterMarks collapsed_filters(const std::vector<LayerRecord>& records, const CollapseCriterion& by) {
  FilterMarks result;
  for (const LayerRecord& record : records) {
    std::vector<bool>& marks = result.emplace_back();
    for (const ChannelRecord& channel : record.channels) {
      const double magnitude =
          by.magnitude == CollapseCriterion::Magnitude::gamma ? std::abs(channel.gamma) : channel.maximum;
      marks.push_back(magnitude < by.threshold);
    }
  }
  return result;
}

std::int64_t multiplications(const std::vector<LayerShape>& shapes) {
  std::int64_t total = 0;
  for (const LayerShape& shape : shapes) {
    total += multiplications(shape, shape.inputs, shape.outputs);
  }
  return total;
}

std::int64_t multiplications(const std::vector<LayerShape>& shapes, const FilterMarks& marks) {
  std::vector<std::int64_t> kept;
  std::size_t normalised = 0;
  for (const LayerShape& shape : shapes) {
    std::int64_t removed = 0;
    if (shape.normalised) {
      if (normalised == marks.size() || marks[normalised].size() != static_cast<std::size_t>(shape.outputs)) {
        throw theory::InvalidArgument("marks", "has no marks for the " + std::to_string(shape.outputs) +
                                                   " filters of layer " + shape.name);
      }
      removed = marked(marks[normalised++]);
    }
    kept.push_back(std::max<std::int64_t>(shape.outputs - removed, 1));
  }
  std::int64_t total = 0;
  for (std::size_t layer = 0; layer < shapes.size(); ++layer) {
    const LayerShape& shape = shapes[layer];
    const std::int64_t inputs =
        shape.input_layer < 0 ? shape.inputs : kept[static_cast<std::size_t>(shape.input_layer)];
    total += multiplications(shape, inputs, kept[layer]);
  }
  return total;
}

Collapse collapse(const std::vector<LayerShape>& shapes, const FilterMarks& marks) {
  Collapse result;
  std::int64_t removed = 0;
  std::size_t filters = 0;
  for (const std::vector<bool>& layer : marks) {
    result.layer_shares.push_back(static_cast<double>(marked(layer)) / static_cast<double>(layer.size()));
    removed += marked(layer);
    filters += layer.size();
  }
  result.share = filters == 0 ? 0 : static_cast<double>(removed) / static_cast<double>(filters);
  result.flops_removed =
      1 - static_cast<double>(multiplications(shapes, marks)) / static_cast<double>(multiplications(shapes));
  return result;
}

}  // namespace bncollapse::nets
