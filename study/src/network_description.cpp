#include "network_description.hpp"

#include "bncollapse/nets/training.hpp"
#include "common_description.hpp"
#include "enum_names.hpp"
#include "figure_names.hpp"
#include "network_check_kind.hpp"

namespace bncollapse::study {
namespace {

Json empty() { return Json::object(); }

Description data() {
  return object(
      "the images",
      {{"dataset", text("cifar10: real images; synthetic: images of the same shape made here, with learnable "
                        "classes",
                        {"cifar10", "synthetic"})
                       .defaults_to("cifar10")},
       {"train_images", integer("images of the training set, drawn by data.seed; null: all (50000; "
                                "synthetic 5000)",
                                from_to(2, 50000))
                            .or_null()
                            .defaults_to(nullptr)},
       {"test_images", integer("images of the test set; null: all (10000; synthetic 1000)", from_to(1, 10000))
                           .or_null()
                           .defaults_to(nullptr)},
       {"labels",
        text("random: labels drawn once and for all, which can only be learnt by heart", {"true", "random"})
            .defaults_to("true")},
       {"augmentation", text("crop_flip: random crops after padding by 4, and flips", {"crop_flip", "none"})
                            .defaults_to("crop_flip")},
       {"seed", integer("seed of the subset, of random labels and of synthetic images", from_to(0, 1e15))
                    .defaults_to(1)}});
}

Description network() {
  return object("the network",
                {{"architecture",
                  text("resnet: depth 6n + 2; vgg: 11 or 16; basicnet: 7; plain: any number of convolutions",
                       enum_names<nets::Architecture>())
                      .defaults_to("resnet")},
                 {"depth", integer("weight layers (plain: convolutions)", from_to(2, 1202)).defaults_to(20)},
                 {"width", integer("channels of the first stage", from_to(1, 4096)).defaults_to(16)},
                 {"normalisation",
                  text("of every convolution", enum_names<nets::Normalisation>()).defaults_to("batch")},
                 {"gamma", number("initial scale", finite_value).defaults_to(1)},
                 {"beta", number("initial shift", finite_value).defaults_to(0)},
                 {"alpha", number("psBN's constant post-shift; 0 is BN", finite_value).defaults_to(0)},
                 {"slope", number("slope of the rectifier for z <= 0: 0 ReLU, between Leaky ReLU, 1 linear",
                                  from_to(0, 1))
                               .defaults_to(0)}});
}

Description schedule() {
  return object(
      "learning rate within a round; every round starts anew (warm restart)",
      {{"kind", text("shape", enum_names<nets::ScheduleKind>()).defaults_to("cosine")},
       {"minimum", number("cosine: lowest learning rate", zero_or_more).defaults_to(0)},
       {"milestones",
        list("step: shares of the round at which the learning rate drops",
             number("share", {.lower = 0, .upper = 1, .lower_open = true, .upper_open = true}), 0, 100)
            .defaults_to({0.5, 0.75})},
       {"factor", number("step: what each drop multiplies by", {.lower = 0, .upper = 1, .lower_open = true})
                      .defaults_to(0.1)},
       {"warmup_steps",
        integer("steps of a linear rise at the start of the first round", from_to(0, 1e9)).defaults_to(0)}});
}

Description optimizer() {
  return object(
      "the optimizer of all parameters",
      {{"name", text("adam, amsgrad, rmsprop, adagrad: weight decay is added to the gradient (L2); adamw: "
                     "decoupled",
                     enum_names<nets::OptimizerName>())
                    .defaults_to("sgd")},
       {"learning_rate", number("learning rate eta at a round's start", positive).defaults_to(0.1)},
       {"weight_decay", number("weight decay lambda", zero_or_more).defaults_to(5e-4)},
       {"decayed", text("all: every parameter decays; weights: all but gamma and beta", {"all", "weights"})
                       .defaults_to("all")},
       {"momentum", number("sgd, nesterov: coefficient", from_below(0, 1)).defaults_to(0.9)},
       {"beta1", number("Adam: decay of the first moment", from_below(0, 1)).defaults_to(0.9)},
       {"beta2", number("Adam, rmsprop: decay of the second moment", from_below(0, 1)).defaults_to(0.999)},
       {"epsilon", number("added to the root of the second moment", positive).defaults_to(1e-8)},
       {"schedule", schedule().defaults_to(empty())}});
}

Description training() {
  return object(
      "how it is trained",
      {{"rounds", integer("rounds of the schedule", from_to(1, 1000)).defaults_to(5)},
       {"epochs", integer("epochs of a round", from_to(1, 100000)).defaults_to(40)},
       {"batch", integer("images of a mini-batch", from_to(2, 50000)).defaults_to(128)},
       {"precision", text("of convolutions and activations; tf32: float32 whose products a CUDA device "
                          "(compute capability 8 or "
                          "later) takes with 10 bits of fraction",
                          enum_names<nets::Precision>())
                         .defaults_to("float32")},
       {"shuffle_weights_after",
        integer("after this round the numbers within every parameter tensor are shuffled (and the optimizer "
                "forgets); 0: never",
                from_to(0, 1000))
            .defaults_to(0)}});
}

Description recorded_steps() {
  Description rule = object(
      "a rule for the steps",
      {{"every", integer("every n-th step from 0 on", from_to(1, largest_count)).left_out_if_absent()},
       {"in_round",
        list("steps counted from each round's start", integer("step", from_to(0, largest_count)), 1, 10000)
            .left_out_if_absent()}});
  rule.exactly_one = {"every", "in_round"};
  return either(
      "steps at which the channels are recorded on the way",
      {list("steps, ascending; 0 is the start", integer("step", from_to(0, largest_count)), 0, 10000),
       std::move(rule)});
}

Description record() {
  return object(
      "what is recorded beside losses, accuracies and the channels at each round's end",
      {{"steps", recorded_steps().defaults_to(Json::array())},
       {"images",
        integer("training images for the channels at these steps; null: 512, or all where there are fewer",
                from_to(1, 50000))
            .or_null()
            .defaults_to(nullptr)},
       {"gradient_batches",
        integer(
            "mini-batches for the moments of the gradients of gamma and beta at each round's end; 0: none",
            from_to(0, 1e6))
            .defaults_to(0)},
       {"pruned", boolean("the network without its collapsed filters at each round's end: accuracy and speed")
                      .defaults_to(false)},
       {"checkpoints", text("last: only where the training stands; rounds: each round's end is kept, too",
                            {"last", "rounds"})
                           .defaults_to("last")}});
}

Description describe() {
  std::vector<Field> fields = heading_fields();
  const std::vector<Field> own{
      {"data", data().defaults_to(empty())},
      {"network", network()},
      {"optimizer", optimizer().defaults_to(empty())},
      {"training", training().defaults_to(empty())},
      {"record", record().defaults_to(empty())},
      {"sweep", sweep_description().or_null().defaults_to(nullptr)},
      {"checks", list("claims to judge", tagged_by_kind("one check", "check", network_check_kinds()), 0, 1000)
                     .defaults_to(Json::array())},
      {"figure",
       text("name of the figure that draws this run; empty for none", network_figures()).defaults_to("")}};
  fields.insert(fields.end(), own.begin(), own.end());
  return object("an experiment with networks that are trained", std::move(fields));
}

}  // namespace

const Description& network_description() {
  static const Description description = describe();
  return description;
}

}  // namespace bncollapse::study
