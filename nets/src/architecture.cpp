#include "bncollapse/nets/architecture.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {
namespace {

/// Puts layers and operations together, following the size of the image.
class Planner {
 public:
  explicit Planner(Normalisation normalisation) : normalised_(normalisation != Normalisation::none) {}

  void convolve(std::int64_t outputs) {
    const std::size_t layer = convolution(outputs, 1, input_layer_);
    input_layer_ = static_cast<int>(layer);
    plan_.operations.emplace_back(Convolve{.layer = layer, .pooled = false});
  }

  /// After a convolution.
  void max_pool() {
    side_ /= 2;
    std::get<Convolve>(plan_.operations.back()).pooled = true;
  }

  /// What follows reads a residual, whose channels all stay.
  void start_residual() { input_layer_ = -1; }

  void residual_block(std::int64_t outputs, std::int64_t stride) {
    const std::size_t first = convolution(outputs, stride, -1);
    const std::size_t second = convolution(outputs, 1, static_cast<int>(first));
    plan_.operations.emplace_back(ResidualBlock{first, second});
  }

  void global_mean() {
    side_ = 1;
    plan_.operations.emplace_back(GlobalMean{});
  }

  void dense(std::int64_t outputs, bool rectified) {
    const std::size_t layer = plan_.layers.size();
    plan_.layers.push_back({.name = "dense" + std::to_string(++dense_count_),
                            .inputs = channels_,
                            .outputs = outputs,
                            .kernel = side_ * side_,
                            .positions = 1,
                            .input_layer = input_layer_,
                            .is_convolution = false});
    plan_.operations.emplace_back(Dense{layer, rectified});
    channels_ = outputs;
    side_ = 1;
    input_layer_ = static_cast<int>(layer);
  }

  NetworkPlan take() && { return std::move(plan_); }

 private:
  std::size_t convolution(std::int64_t outputs, std::int64_t stride, int input_layer) {
    side_ /= stride;
    plan_.layers.push_back({.name = "conv" + std::to_string(plan_.layers.size() + 1),
                            .inputs = channels_,
                            .outputs = outputs,
                            .kernel = 9,
                            .positions = side_ * side_,
                            .input_layer = input_layer,
                            .normalised = normalised_,
                            .stride = stride});
    channels_ = outputs;
    return plan_.layers.size() - 1;
  }

  NetworkPlan plan_;
  bool normalised_;
  std::int64_t channels_ = image_channels;
  std::int64_t side_ = image_size;  ///< of the image
  int input_layer_ = -1;
  int dense_count_ = 0;
};

void plan_resnet(Planner& planner, const NetworkSpec& spec) {
  const std::int64_t blocks = (spec.depth - 2) / 6;
  planner.convolve(spec.width);
  planner.start_residual();
  for (std::int64_t stage = 0; stage < 3; ++stage) {
    for (std::int64_t block = 0; block < blocks; ++block) {
      planner.residual_block(spec.width << stage, stage > 0 && block == 0 ? 2 : 1);
    }
  }
  planner.global_mean();
}

void plan_vgg(Planner& planner, const NetworkSpec& spec) {
  using Convolutions = std::array<int, 5>;
  const Convolutions convolutions =
      spec.depth == 11 ? Convolutions{1, 1, 2, 2, 2} : Convolutions{2, 2, 3, 3, 3};
  for (std::size_t stage = 0; stage < convolutions.size(); ++stage) {
    for (int position = 0; position < convolutions[stage]; ++position) {
      planner.convolve(spec.width << std::min<std::size_t>(stage, 3));
    }
    planner.max_pool();
  }
}

void plan_basicnet(Planner& planner, const NetworkSpec& spec) {
  for (const std::int64_t multiple : {1, 2, 2}) {
    planner.convolve(multiple * spec.width);
  }
  for (const std::int64_t multiple : {4, 8}) {
    planner.max_pool();
    planner.convolve(multiple * spec.width);
    planner.convolve(multiple * spec.width);
  }
  planner.max_pool();
  planner.dense(16 * spec.width, true);
}

void plan_plain(Planner& planner, const NetworkSpec& spec) {
  const std::int64_t half = spec.depth / 2;
  for (std::int64_t position = 1; position <= spec.depth; ++position) {
    planner.convolve(position <= half ? spec.width : 2 * spec.width);
    if (position == 1 || position == half) {
      planner.max_pool();
    }
  }
  planner.global_mean();
}

/// All that makes an architecture, which NetworkSpec describes; the layer of the class scores follows.
struct Row {
  Architecture architecture;
  const char* depths;
  bool (*allows)(std::int64_t depth);
  void (*plan)(Planner&, const NetworkSpec&);
};

constexpr Row rows[] = {
    {Architecture::resnet, "6n + 2 for a resnet, from 8 to 1202",
     [](std::int64_t depth) { return depth >= 8 && depth <= 1202 && depth % 6 == 2; }, plan_resnet},
    {Architecture::vgg, "11 or 16 for vgg", [](std::int64_t depth) { return depth == 11 || depth == 16; },
     plan_vgg},
    {Architecture::basicnet, "7 for basicnet", [](std::int64_t depth) { return depth == 7; }, plan_basicnet},
    {Architecture::plain, "from 2 to 100 for plain",
     [](std::int64_t depth) { return depth >= 2 && depth <= 100; }, plan_plain},
};

const Row& row_of(Architecture architecture) {
  return *std::find_if(std::begin(rows), std::end(rows),
                       [&](const Row& row) { return row.architecture == architecture; });
}

}  // namespace

std::optional<std::string> depth_rule(const NetworkSpec& spec) {
  const Row& row = row_of(spec.architecture);
  return row.allows(spec.depth) ? std::nullopt : std::optional<std::string>(row.depths);
}

NetworkPlan plan_network(const NetworkSpec& spec) {
  fields::validate(spec);
  Planner planner(spec.normalisation);
  row_of(spec.architecture).plan(planner, spec);
  planner.dense(class_count, false);
  return std::move(planner).take();
}

}  // namespace bncollapse::nets
