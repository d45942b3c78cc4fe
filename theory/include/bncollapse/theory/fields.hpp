#pragma once

#include <optional>
#include <tuple>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/fields/validate.hpp"
#include "bncollapse/theory/decay.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/neuron.hpp"
#include "bncollapse/theory/optimizer.hpp"

// The fields of theory's structs.
namespace bncollapse::fields {

inline constexpr Range degrees_of_freedom =
    from_to(theory::smallest_degrees_of_freedom, theory::largest_degrees_of_freedom);

// Fields that several structs have.
template <class Struct>
constexpr auto leak_field(double Struct::*member) {
  return field("leak", member, "slope of the rectifier for z <= 0: 0 is ReLU, 1 is linear", Symbol{"a"},
               from_to(0, 1));
}
template <class Struct>
constexpr auto alpha_field(double Struct::*member) {
  return field("alpha", member, "constant post-shift of psBN; 0 is BN", Label{"Post-shift"}, Symbol{"alpha"},
               any_parameter);
}
template <class Struct>
constexpr auto weight_decay_field(double Struct::*member) {
  return field("weight_decay", member, "weight decay", Symbol{"lambda"}, zero_or_more);
}

template <>
struct Fields<theory::Neuron> {
  using Struct = theory::Neuron;
  static constexpr auto all =
      std::tuple{field("gamma", &Struct::gamma, "scale of the normalisation", Symbol{"gamma"}, any_parameter),
                 field("beta", &Struct::beta, "shift of the normalisation", Symbol{"beta"}, any_parameter),
                 alpha_field(&Struct::alpha), leak_field(&Struct::leak)};
};

template <>
struct Fields<theory::LawDescription> {
  using Struct = theory::LawDescription;
  static constexpr auto all = std::tuple{
      field("law", &Struct::law, "name of the law", Label{"Law of x"}),
      field("dof", &Struct::dof, "degrees of freedom", Symbol{"nu"}, degrees_of_freedom,
            only_for("law", "student_t")),
      field("shape", &Struct::shape, "shape; 0 is the Gaussian", any_parameter,
            only_for("law", "skew_normal")),
      field("file", &Struct::file,
            "CSV with the columns lower,upper,count or x; in a spec, a relative path starts from its folder",
            only_for("law", "empirical"))};
};

template <>
struct Fields<theory::Noise> {
  using Struct = theory::Noise;
  static constexpr auto all = std::tuple{field("law", &Struct::law, "law of g", Label{"Law of the noise"}),
                                         field("mean", &Struct::mean, "mean of g; Theorem 1 takes 0",
                                               Label{"Mean gradient"}, Symbol{"mu"}, any_parameter),
                                         field("std", &Struct::std, "standard deviation of g",
                                               Label{"Gradient noise"}, Symbol{"sigma"}, zero_or_more),
                                         field("dof", &Struct::dof, "degrees of freedom", Symbol{"nu"},
                                               degrees_of_freedom, only_for("law", "student_t"))};
};

template <>
struct Fields<theory::SgdStep> {
  using Struct = theory::SgdStep;
  static constexpr auto all = std::tuple{
      field("learning_rate", &Struct::learning_rate, "learning rate", Symbol{"eta"}, zero_or_more),
      weight_decay_field(&Struct::weight_decay),
      field("batch", &Struct::batch, "independent samples averaged in a step", Symbol{"m"}, from_to(1, 1e9))};
};

template <>
struct Fields<theory::WeightDecay> {
  using Struct = theory::WeightDecay;
  static constexpr auto all =
      std::tuple{field("learning_rate", &Struct::learning_rate, "learning rate", Symbol{"eta"}, zero_or_more),
                 weight_decay_field(&Struct::weight_decay)};
  static std::optional<Fault> fault(const Struct& decay) {
    if (decay.learning_rate * decay.weight_decay < 1) return {};
    return Fault{"weight_decay", text_of("is ", decay.weight_decay, "; it must stay below 1/learning_rate")};
  }
};

template <>
struct Fields<theory::Optimizer> {
  using Struct = theory::Optimizer;
  static constexpr auto all = std::tuple{
      field("name", &Struct::name, "update rule", Label{"Optimizer"}),
      field("learning_rate", &Struct::learning_rate, "learning rate; with a schedule, the highest",
            Symbol{"eta"}, zero_or_more),
      weight_decay_field(&Struct::weight_decay),
      field("momentum", &Struct::momentum, "coefficient of the momentum", Symbol{"rho"}, from_below(0, 1),
            only_for("name", "momentum", "nesterov")),
      field("beta1", &Struct::beta1, "decay of the first moment", Symbol{"beta_1"}, from_below(0, 1),
            only_for("name", "adam", "adamw")),
      field("beta2", &Struct::beta2, "decay of the second moment", Symbol{"beta_2"}, from_below(0, 1),
            only_for("name", "adam", "adamw")),
      field("epsilon", &Struct::epsilon, "added to the root of the second moment", positive,
            only_for("name", "adam", "adamw")),
      field("first_moment", &Struct::first_moment, "stored first moment at the start", any_parameter,
            only_for("name", "adam", "adamw")),
      field("second_moment", &Struct::second_moment, "stored second moment at the start",
            Label{"Stored second moment"}, zero_or_more, only_for("name", "adam", "adamw")),
      field("steps_taken", &Struct::steps_taken, "steps taken before the start; 1e9 ends the bias correction",
            Label{"Earlier steps"}, at_least_or_infinite(0), only_for("name", "adam", "adamw"))};
};

}  // namespace bncollapse::fields
