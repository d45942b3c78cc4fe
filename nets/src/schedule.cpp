#include "bncollapse/nets/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace bncollapse::nets {

double learning_rate(const Schedule& schedule, std::int64_t step, std::int64_t round_steps) {
  const double progress = static_cast<double>(step % round_steps) / static_cast<double>(round_steps);
  double rate = schedule.learning_rate;
  switch (schedule.kind) {
    case ScheduleKind::constant:
      break;
    case ScheduleKind::cosine:
      rate = schedule.minimum +
             (schedule.learning_rate - schedule.minimum) * (1 + std::cos(std::numbers::pi * progress)) / 2;
      break;
    case ScheduleKind::step:
      for (const double milestone : schedule.milestones) {
        rate *= milestone <= progress ? schedule.factor : 1;
      }
      break;
  }
  if (step < std::min(schedule.warmup_steps, round_steps)) {
    rate *= static_cast<double>(step + 1) / static_cast<double>(schedule.warmup_steps);
  }
  return rate;
}

}  // namespace bncollapse::nets
