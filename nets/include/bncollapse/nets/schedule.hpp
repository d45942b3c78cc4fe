#pragma once

#include <cstdint>
#include <vector>

namespace bncollapse::nets {

/// The learning rate within a round of T steps, at its step t = 0 .. T-1; it starts anew with every round
/// (warm restart; Loshchilov and Hutter, ICLR 2017).
///
///   constant  learning_rate
///   cosine    minimum + (learning_rate - minimum) (1 + cos(pi t/T)) / 2
///   step      learning_rate * factor^k, k the number of milestones (shares of the round) at or before t/T
enum class ScheduleKind { constant, cosine, step };

struct Schedule {
  ScheduleKind kind = ScheduleKind::cosine;
  double learning_rate = 0.1;
  double minimum = 0;                            ///< cosine
  std::vector<double> milestones = {0.5, 0.75};  ///< step, rising, each between 0 and 1
  double factor = 0.1;                           ///< step
  std::int64_t warmup_steps = 0;  ///< the first steps of the first round, times (step + 1) / warmup_steps
};

/// The learning rate of a step, counted from 0 over all rounds of `round_steps` steps each.
double learning_rate(const Schedule& schedule, std::int64_t step, std::int64_t round_steps);

}  // namespace bncollapse::nets
