#include "job_count.hpp"

#include <algorithm>
#include <cstddef>

namespace bncollapse::cli {

void JobCount::report(std::int64_t training, std::int64_t step, double memory, double now) {
  if (settled_) return;
  memory_ = memory;
  Span& span = running_[training];
  if (++span.reports <= reports_of_start) return;
  if (span.reports == reports_of_start + 1) {
    span.first_step = step;
    span.first_time = now;
    if (running_.size() == static_cast<std::size_t>(jobs_))
      start_measuring();  // it works beside the others now
  }
  span.last_step = step;
  span.last_time = now;
  if (running_.size() < static_cast<std::size_t>(jobs_)) return;
  double rate = 0;
  for (const auto& [other, other_span] : running_) {
    const double seconds = other_span.last_time - other_span.first_time;
    if (other_span.reports <= reports_of_start || seconds < window) return;
    rate += static_cast<double>(other_span.last_step - other_span.first_step) / seconds;
  }
  decide(rate);
}

void JobCount::ended(std::int64_t training) {
  running_.erase(training);
  start_measuring();
}

void JobCount::decide(double rate) {
  if (rate < (1 + worthwhile) * rate_before_) {
    --jobs_;  // the last one was not worth it; it ends as any other and is not replaced
    settled_ = true;
    return;
  }
  rate_before_ = rate;
  const double with_another = memory_ * (jobs_ + 1) / jobs_;
  if (jobs_ == most_ || with_another > fullest_memory) {
    settled_ = true;
  } else {
    ++jobs_;
  }
}

/// From what each has told last.
void JobCount::start_measuring() {
  for (auto& [training, span] : running_) {
    if (span.reports <= reports_of_start) continue;
    span.first_step = std::max(span.first_step, span.last_step);
    span.first_time = std::max(span.first_time, span.last_time);
  }
}

}  // namespace bncollapse::cli
