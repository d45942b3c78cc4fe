// A particle of the splitting method.
#pragma once

#include <cstdint>
#include <vector>

namespace bncollapse::sim {

/// A state in which a particle's score was higher than ever before. The score is -(beta + alpha)/|gamma|: for
/// Gaussian x, P = Q(score).
struct Checkpoint {
  double score = 0;
  std::int64_t step = 0;
  double gamma = 0, beta = 0;
};

/// A trajectory as its checkpoints, ascending in score and step; the first is its start.
struct Particle {
  std::vector<Checkpoint> path;

  double max_score() const { return path.back().score; }
};

/// Whether to go on, to be asked many times per second.
struct Consent {
  bool (*ask)(const void* whom);
  const void* whom;

  bool operator()() const { return ask(whom); }
};

}  // namespace bncollapse::sim
