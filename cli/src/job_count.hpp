#pragma once

#include <cstdint>
#include <map>

namespace bncollapse::cli {

/// How many trainings run side by side: a given number, or one found by measurement. The latter is 1 at
/// first. Another training is added as long as the last one made all together faster by `worthwhile`, there
/// is memory for another, and there are fewer than `most`. Times are in seconds of any clock.
class JobCount {
 public:
  static constexpr double worthwhile = 0.1;      ///< share of the steps per second before
  static constexpr double fullest_memory = 0.9;  ///< share of the device's
  static constexpr double window = 5;            ///< seconds of each measurement
  static constexpr int reports_of_start = 2;     ///< of a training that warms up; they do not count

  static JobCount given(int jobs) { return JobCount(jobs, jobs); }
  static JobCount measured(int most) { return JobCount(1, most); }

  int jobs() const { return jobs_; }

  /// Takes what a training reports about once per second.
  /// @param memory  share of the device's memory that is in use
  void report(std::int64_t training, std::int64_t step, double memory, double now);
  void ended(std::int64_t training);

 private:
  struct Span {
    int reports = 0;
    std::int64_t first_step = 0, last_step = 0;
    double first_time = 0, last_time = 0;
  };

  JobCount(int jobs, int most) : jobs_(jobs), most_(most), settled_(jobs >= most) {}

  void decide(double rate);
  void start_measuring();

  int jobs_, most_;
  bool settled_;
  double rate_before_ = 0;  ///< steps per second of one training less
  double memory_ = 0;
  std::map<std::int64_t, Span> running_;
};

}  // namespace bncollapse::cli
