#include "evaluation.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace bncollapse::nets {

double accuracy_of(const at::Tensor& probabilities, const at::Tensor& labels) {
  return probabilities.argmax(1).eq(labels).to(at::kDouble).mean().item<double>();
}

Evaluation evaluate(const Network& network, const ImageBatches& data, at::ScalarType type) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> logarithms, labels;
  for (std::int64_t first = 0; first < data.size(); first += evaluation_batch) {
    const Batch batch = data.in_order(first, std::min(evaluation_batch, data.size() - first));
    logarithms.push_back(at::log_softmax(network.forward(batch.images, Pass::evaluate, type), 1));
    labels.push_back(batch.labels);
  }
  const at::Tensor all = at::cat(logarithms);
  const at::Tensor truth = at::cat(labels);
  return {.probabilities = all.exp().cpu(),
          .accuracy = accuracy_of(all, truth),
          .loss = -all.gather(1, truth.unsqueeze(1)).to(at::kDouble).mean().item<double>()};
}

double images_per_second(const Network& network, const ImageBatches& data, at::ScalarType type) {
  using Clock = std::chrono::steady_clock;
  const at::NoGradGuard no_gradients;
  const Batch batch = data.in_order(0, std::min(evaluation_batch, data.size()));
  double best = 0;
  for (int attempt = 0; attempt < 4; ++attempt) {  // the first warms up
    const Clock::time_point start = Clock::now();
    network.forward(batch.images, Pass::evaluate, type).sum().item<float>();
    const std::chrono::duration<double> seconds = Clock::now() - start;
    best = std::max(best, static_cast<double>(batch.labels.size(0)) / seconds.count());
  }
  return best;
}

}  // namespace bncollapse::nets
