// From an experiment to the plain data that kernels take.
#pragma once

#include <cstdint>
#include <vector>

#include "bncollapse/sim/experiment.hpp"
#include "shared/step_plan.hpp"

namespace bncollapse::sim {

/// A StepPlan with the tables that it points to.
template <class T>
class PlannedStep {
 public:
  explicit PlannedStep(const Experiment& experiment);
  PlannedStep(const PlannedStep&) = delete;
  PlannedStep& operator=(const PlannedStep&) = delete;

  const StepPlan<T>& plan() const { return plan_; }

 private:
  void tabulate(const theory::Law& empirical);

  std::vector<EmpiricalBin<T>> bins_;
  std::vector<std::int32_t> guide_;
  StepPlan<T> plan_;
};

/// Points to the rows of a table, which must stay.
StartPlan plan_start(const Initial& initial);

/// The last of the steps after `step`, up to `to`, that share its learning rate; the schedule is constant or
/// step.
std::int64_t end_of_rate(const Schedule& schedule, std::int64_t step, std::int64_t to);

/// The most steps whose rates a RateTable gives at a time.
inline constexpr std::int64_t rate_table_capacity = 65536;

/// The rates of consecutive steps, computed in double.
template <class T>
class RateTable {
 public:
  explicit RateTable(const Experiment& experiment);

  /// Whether all steps share their rates.
  bool is_steady() const { return steady_; }
  /// The rates from step first_step + 1 on, of at least min(wanted, rate_table_capacity) steps; valid until
  /// the next call.
  Rates<T> from(std::int64_t first_step, std::int64_t wanted);

 private:
  void fill(std::int64_t first_step, std::int64_t count);

  const Experiment& experiment_;
  bool steady_;
  std::int64_t begin_ = 0, end_ = 0;
  std::vector<T> rate_, shrink_, root_;
};

}  // namespace bncollapse::sim
