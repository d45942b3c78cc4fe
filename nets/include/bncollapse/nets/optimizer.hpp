#pragma once

namespace bncollapse::nets {

/// The update of a parameter w. g is its gradient plus weight_decay * w (L2; adamw: the gradient alone),
/// eta the learning rate, t the step, counted from 1.
///
///   sgd       w <- w - eta g
///   momentum  v <- momentum v + g
///             w <- w - eta v
///   nesterov  v <- momentum v + g
///             w <- w - eta (g + momentum v)
///   adam      m <- beta1 m + (1-beta1) g
///             s <- beta2 s + (1-beta2) g^2
///             w <- w - eta m/(1-beta1^t) / (sqrt(s/(1-beta2^t)) + epsilon)
///   amsgrad   adam with the largest s so far in place of s
///   adamw     w <- (1 - eta weight_decay) w, then adam
///   rmsprop   s <- beta2 s + (1-beta2) g^2
///             w <- w - eta g / (sqrt(s) + epsilon)
///   adagrad   s <- s + g^2
///             w <- w - eta g / (sqrt(s) + epsilon)
///
/// adam: Kingma and Ba, ICLR 2015. amsgrad: Reddi et al., ICLR 2018. adamw: Loshchilov and Hutter, ICLR 2019.
enum class OptimizerName { sgd, momentum, nesterov, adam, amsgrad, adamw, rmsprop, adagrad };

/// Which parameters decay: all of them, or all but gamma and beta.
enum class Decayed { all, weights };

/// Dimensionless.
struct OptimizerSpec {
  OptimizerName name = OptimizerName::momentum;
  double weight_decay = 5e-4;
  Decayed decayed = Decayed::all;
  double momentum = 0.9;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

}  // namespace bncollapse::nets
