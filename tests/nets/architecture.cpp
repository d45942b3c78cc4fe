#include "bncollapse/nets/architecture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/fields.hpp"
#include "message.hpp"

using namespace bncollapse::nets;

// A ResNet's depth counts its linear layer, too; VGG's counts three, of which one is left on CIFAR-10.
TEST_CASE("every architecture has the convolutions of each depth that it allows, and refuses other depths") {
  std::map<Architecture, std::int64_t> linear_layers{{Architecture::resnet, 1}, {Architecture::vgg, 3}};
  for (const auto& enumerator : bncollapse::fields::Enumeration<Architecture>::all) {
    const Architecture architecture = enumerator.value;
    const std::string name(enumerator.name);
    CAPTURE(name);
    int allowed = 0;
    for (std::int64_t depth = 0; depth <= 20; ++depth) {
      CAPTURE(depth);
      const NetworkSpec spec{.architecture = architecture, .depth = depth, .width = 2};
      if (const auto allowed_depths = depth_rule(spec)) {
        CHECK(contains(message_of([&] { plan_network(spec); }), "depth is " + std::to_string(depth)));
        CHECK(contains(*allowed_depths, name));
        continue;
      }
      ++allowed;
      const NetworkPlan plan = plan_network(spec);
      const auto convolutions = std::count_if(plan.layers.begin(), plan.layers.end(),
                                              [](const LayerShape& layer) { return layer.is_convolution; });
      CHECK(convolutions == depth - linear_layers[architecture]);
      CHECK(plan.layers.back().outputs == class_count);
    }
    CHECK(allowed > 0);
  }
}

TEST_CASE("a layer's inputs are the outputs of the layer that feeds it") {
  for (const NetworkSpec& spec :
       {NetworkSpec{.architecture = Architecture::vgg, .depth = 11, .width = 4},
        NetworkSpec{.architecture = Architecture::resnet, .depth = 8, .width = 4}}) {
    const std::vector<LayerShape> layers = plan_network(spec).layers;
    CHECK(layers.front().inputs == image_channels);
    for (const LayerShape& layer : layers) {
      CAPTURE(layer.name);
      if (layer.input_layer >= 0)
        CHECK(layer.inputs == layers[static_cast<std::size_t>(layer.input_layer)].outputs);
    }
  }
}
