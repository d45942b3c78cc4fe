#include "optimizer.hpp"

#include "bncollapse/nets/fields.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;

TEST_CASE("every optimizer moves against the gradient, and all but plain sgd remember and forget") {
  for (const auto& enumerator : bncollapse::fields::Enumeration<OptimizerName>::all) {
    CAPTURE(enumerator.name);
    at::Tensor values = at::tensor({1.0, -2.0}, at::kDouble);
    const at::Tensor gradient = at::tensor({0.5, -0.25}, at::kDouble);
    Optimizer optimizer({.name = enumerator.value, .weight_decay = 0}, values, 2);
    const auto take_step = [&] {
      const at::Tensor before = values.clone();
      optimizer.step(values, gradient, optimizer.rates(0.01, 1));
      return at::Tensor(values - before);
    };
    const at::Tensor first = take_step();
    CHECK((first * gradient < 0).all().item<bool>());
    const bool remembers = enumerator.value != OptimizerName::sgd;
    REQUIRE(optimizer.state().empty() == !remembers);
    for (const auto& named : optimizer.state()) {
      CAPTURE(named.first);
      CHECK((*named.second != 0).all().item<bool>());
    }
    CHECK(at::equal(take_step(), first) == !remembers);
    optimizer.set_steps_taken(2);
    optimizer.forget();
    CHECK(optimizer.steps_taken() == 0);
    CHECK(at::allclose(take_step(), first, 1e-12, 0));
  }
}

// With gradient 0 each step is weight decay's: w <- w - eta lambda w for sgd and adamw.
TEST_CASE("weight decay moves the values that undergo it, and no others") {
  for (const auto& enumerator : bncollapse::fields::Enumeration<OptimizerName>::all) {
    CAPTURE(enumerator.name);
    at::Tensor values = at::tensor({2.0, 2.0}, at::kDouble);
    Optimizer optimizer({.name = enumerator.value, .weight_decay = 0.5, .momentum = 0}, values, 1);
    optimizer.step(values, at::zeros_like(values), optimizer.rates(0.125, 1));
    CHECK(values[0].item<double>() < 2);
    CHECK(values[1].item<double>() == 2);
    if (enumerator.value == OptimizerName::sgd || enumerator.value == OptimizerName::momentum ||
        enumerator.value == OptimizerName::adamw)
      CHECK(values[0].item<double>() == 2 - 0.125 * 0.5 * 2);
  }
}
