#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/validate.hpp"
#include "bncollapse/nets/architecture.hpp"
#include "bncollapse/nets/training.hpp"
#include "bncollapse/theory/fields.hpp"

// The fields of a training, by the places that they have in a spec.
namespace bncollapse::fields {

template <>
struct Enumeration<nets::Architecture> {
  using enum nets::Architecture;
  static constexpr std::array all{Enumerator{resnet, "resnet", "residual network of depth 6n + 2"},
                                  Enumerator{vgg, "vgg", "VGG of depth 11 or 16"},
                                  Enumerator{basicnet, "basicnet", "seven convolutions and a hidden layer"},
                                  Enumerator{plain, "plain", "`depth` convolutions, 2 to 100"}};
};

template <>
struct Enumeration<nets::Normalisation> {
  using enum nets::Normalisation;
  static constexpr std::array all{
      Enumerator{none, "none", "no normalisation; convolutions have a bias", "no normalisation"},
      Enumerator{batch, "batch", "batch normalisation, over the images of a mini-batch", "BN"},
      Enumerator{instance, "instance", "instance normalisation, over the positions of one image",
                 "instance norm"}};
};

template <>
struct Enumeration<nets::OptimizerName> {
  using enum nets::OptimizerName;
  static constexpr std::array all{
      Enumerator{sgd, "sgd", "stochastic gradient descent without momentum; weight decay as L2", "SGD"},
      Enumerator{momentum, "momentum", "with momentum (heavy ball); weight decay as L2", "SGD, momentum"},
      Enumerator{nesterov, "nesterov", "with Nesterov's momentum; weight decay as L2", "SGD, Nesterov"},
      Enumerator{adam, "adam", "Adam; weight decay as L2, added to the gradient", "Adam, L2"},
      Enumerator{amsgrad, "amsgrad", "AMSGrad; weight decay as L2", "AMSGrad, L2"},
      Enumerator{adamw, "adamw", "Adam with decoupled weight decay", "AdamW"},
      Enumerator{rmsprop, "rmsprop", "RMSProp; weight decay as L2", "RMSprop, L2"},
      Enumerator{adagrad, "adagrad", "Adagrad; weight decay as L2", "Adagrad, L2"}};
};

template <>
struct Enumeration<nets::Decayed> {
  static constexpr std::array all{Enumerator{nets::Decayed::all, "all", "every parameter"},
                                  Enumerator{nets::Decayed::weights, "weights", "all but gamma and beta"}};
};

template <>
struct Enumeration<nets::ScheduleKind> {
  using enum nets::ScheduleKind;
  static constexpr std::array all{
      Enumerator{constant, "constant", "the same at every step"},
      Enumerator{cosine, "cosine", "falls to `minimum` within each round, along half a cosine"},
      Enumerator{step, "step", "multiplied by `factor` at each of the round's `milestones`"}};
};

template <>
struct Enumeration<nets::Augmentation> {
  using enum nets::Augmentation;
  static constexpr std::array all{
      Enumerator{crop_flip, "crop_flip", "random crops after padding by 4, and flips"},
      Enumerator{none, "none", "the images as they are"}};
};

template <>
struct Enumeration<nets::Precision> {
  using enum nets::Precision;
  static constexpr std::array all{
      Enumerator{float32, "float32", "24 bits of fraction"},
      Enumerator{
          tf32, "tf32",
          "float32 whose products have 10 bits of fraction (CUDA devices of compute capability 8 or later)"},
      Enumerator{bfloat16, "bfloat16", "7 bits of fraction"}};
};

template <>
struct Enumeration<nets::Device> {
  using enum nets::Device;
  static constexpr std::array all{Enumerator{cpu, "cpu"}, Enumerator{cuda, "cuda"}};
};

template <>
struct Fields<nets::NetworkSpec> {
  using Struct = nets::NetworkSpec;
  static constexpr auto all =
      std::tuple{field("architecture", &Struct::architecture, "family of the network", Label{"Network"}),
                 field("depth", &Struct::depth, "number of layers with weights; for plain, of convolutions",
                       from_to(2, 1202)),
                 field("width", &Struct::width, "channels of the first stage", Symbol{"w"}, from_to(1, 4096)),
                 field("normalisation", &Struct::normalisation, "normalisation after every convolution"),
                 field("gamma", &Struct::gamma, "initial scale", Symbol{"gamma_0"}, Label{"Initial scale"},
                       any_parameter, only_for("normalisation", "batch", "instance")),
                 field("beta", &Struct::beta, "initial shift", Symbol{"beta_0"}, Label{"Initial shift"},
                       any_parameter, only_for("normalisation", "batch", "instance")),
                 alpha_field(&Struct::alpha),
                 leak_field(&Struct::leak)};
  static std::optional<Fault> fault(const Struct& network) {
    if (std::optional<std::string> allowed = nets::depth_rule(network)) {
      return Fault{"depth", text_of("is ", network.depth, "; it must be ", *allowed)};
    }
    if (network.alpha != 0 && network.normalisation == nets::Normalisation::none) {
      return Fault{"alpha", text_of("is ", network.alpha, "; it must be 0 where there is no normalisation")};
    }
    return {};
  }
};

template <>
struct Fields<nets::OptimizerSpec> {
  using Struct = nets::OptimizerSpec;
  static constexpr auto all =
      std::tuple{field("name", &Struct::name, "update rule", Label{"Optimizer"}),
                 weight_decay_field(&Struct::weight_decay),
                 field("decayed", &Struct::decayed, "which parameters decay"),
                 field("momentum", &Struct::momentum, "coefficient of the momentum", Symbol{"rho"},
                       from_below(0, 1), only_for("name", "momentum", "nesterov")),
                 field("beta1", &Struct::beta1, "decay of the first moment", Symbol{"beta_1"},
                       from_below(0, 1), only_for("name", "adam", "amsgrad", "adamw")),
                 field("beta2", &Struct::beta2, "decay of the second moment", Symbol{"beta_2"},
                       from_below(0, 1), only_for("name", "adam", "amsgrad", "adamw", "rmsprop")),
                 field("epsilon", &Struct::epsilon, "added to the root of the second moment", positive,
                       only_for("name", "adam", "amsgrad", "adamw", "rmsprop", "adagrad"))};
};

template <>
struct Fields<nets::Schedule> {
  using Struct = nets::Schedule;
  static constexpr auto all = std::tuple{
      field("learning_rate", &Struct::learning_rate, "learning rate at a round's start", Symbol{"eta"},
            positive),
      section("schedule", "learning rate within a round; every round starts anew (warm restart)"),
      field("schedule.kind", &Struct::kind, "shape of the schedule"),
      field("schedule.minimum", &Struct::minimum, "lowest learning rate", zero_or_more,
            only_for("schedule.kind", "cosine")),
      field("schedule.milestones", &Struct::milestones,
            "when the learning rate drops, as shares of the round", between(0, 1), Entries{0, 100},
            only_for("schedule.kind", "step")),
      field("schedule.factor", &Struct::factor, "factor of the learning rate at each drop", above_to(0, 1),
            only_for("schedule.kind", "step")),
      field("schedule.warmup_steps", &Struct::warmup_steps,
            "steps of a linear rise at the start of the first round", Unit{"steps"}, from_to(0, 1e9))};
  static std::optional<Fault> fault(const Struct& schedule) {
    if (schedule.kind == nets::ScheduleKind::cosine && schedule.minimum > schedule.learning_rate) {
      return Fault{"schedule.minimum",
                   text_of("is ", schedule.minimum, "; it must be at most the learning rate, ",
                           schedule.learning_rate)};
    }
    return not_ascending(schedule.milestones, "schedule.milestones", "milestones");
  }
};

/// Of images at a recorded step.
inline constexpr Range recorded_images = from_to(1, 50'000);

template <>
struct Fields<nets::Recording> {
  using Struct = nets::Recording;
  static constexpr auto all = std::tuple{
      field("steps", &Struct::steps, "steps at which the channels are recorded", Unit{"steps"},
            from_to(0, largest_count), Internal{}),
      field("images", &Struct::images, "training images at these steps", recorded_images, Internal{}),
      field("gradient_batches", &Struct::gradient_batches,
            "number of mini-batches over which the moments of gamma's and beta's gradients are taken at each "
            "round's end: 2 or more; 0: no moments",
            Range{.lower = 0, .upper = 1e6, .exception = 1})};
  static std::optional<Fault> fault(const Struct& recording) {
    return not_ascending(recording.steps, "steps", "steps");
  }
};

template <>
struct Fields<nets::Training> {
  using Struct = nets::Training;
  static constexpr auto all = std::tuple{
      field("seed", &Struct::seed, "seed of every random draw", from_to(0, 9007199254740991.0)),
      field("data.augmentation", &Struct::augmentation, "augmentation of the training images"),
      field("network", &Struct::network, "the network", Required{}),
      field("optimizer", &Struct::optimizer, "the optimizer of all parameters"),
      field("optimizer", &Struct::schedule, "its learning rate"),
      section("training", "how it is trained"),
      field("training.rounds", &Struct::rounds, "rounds of the schedule", from_to(1, 1000)),
      field("training.epochs", &Struct::epochs, "epochs per round", Label{"Epochs in a round"},
            from_to(1, 100'000)),
      field("training.batch", &Struct::batch, "images per mini-batch", Label{"Batch size"}, Symbol{"m"},
            from_to(2, 50'000)),
      field("training.precision", &Struct::precision, "number format of convolutions and activations"),
      field("record", &Struct::recording,
            "what is recorded beside losses, accuracies and the channels at each round's end"),
      field("device", &Struct::device, "where it is trained", Internal{}),
      field("threads", &Struct::threads, "of the CPU; one gives the same bits on every run", thread_count,
            Internal{})};
};

}  // namespace bncollapse::fields
