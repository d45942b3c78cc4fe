// Experiments on one device, in step.
//
// A Device gives memory and runs tasks (device_kernels.hpp) in the order in which they are given, to one
// thread at a time:
//   make_current()         before a thread asks for anything else
//   preferred_trajectories()  of a chunk
//   samples_per_launch, waits_per_launch (of a neuron)  that keep it busy and let the host look soon enough
//   allocate(bytes)         memory, given back by its destructor; data() is its address there
//   upload(to, from, n)    waits for nothing, if it can; the host's `from` may change when it returns
//   download(to, from, n)  waits for all that was given before
//   fetch(from, n)          begins to bring one array to the host, which goes on
//   fetched()               waits for the array of the last fetch; the host's copy, good until the next fetch
//   clear(to, n)           all bits 0
//   each(n, task)          task(element) for each of n elements; also for each of a vector of tasks
//   groups(n, task)        task(phase, group, thread, shared) for all threads of n groups, a barrier between
//                          phases; also for each of a vector of tasks
//   pace()                 waits for what was given before the last pace()
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "device_arrays.hpp"
#include "device_trajectories.hpp"
#include "host/progress.hpp"
#include "host/run_loop.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// What experiments must share so that one launch can serve them all: the kernels, and all that says when
/// which of them runs.
inline bool run_together(const Experiment& a, const Experiment& b) {
  const auto needs_the_host = [](const Experiment& experiment) {
    return experiment.model.x_law->name() != theory::LawName::gaussian;
  };
  const auto alone = [](const Experiment& experiment) {
    return experiment.rejection_free || experiment.splitting.has_value();
  };
  const auto kernels = [](const Experiment& experiment) {
    const PlannedStep<float> planned(experiment);
    const StepPlan<float>& plan = planned.plan();
    return std::tuple(plan.optimizer.rule, plan.draw_kind, plan.antithetic, plan.control_variate,
                      plan.first_activation, plan.collapse_time);
  };
  const Recording &x = a.recording, &y = b.recording;
  return !alone(a) && !alone(b) && a.precision == b.precision && a.trajectories == b.trajectories &&
         a.steps == b.steps && x.steps == y.steps && x.paths == y.paths && x.path_stride == y.path_stride &&
         a.model.batch == b.model.batch && needs_the_host(a) == needs_the_host(b) && kernels(a) == kernels(b);
}

/// @tparam T  the experiments' precision
template <class Device, class T>
class DeviceRunner {
 public:
  using Trajectories = DeviceTrajectories<Device, T>;

  /// A member's experiment and its plan, on the host.
  struct Member {
    const Experiment& experiment;
    const StepPlan<T>& plan;
  };

  /// @param members       one or more, of which any two run_together
  /// @param chunk_blocks  the most blocks of a chunk
  /// @param threads       of the host
  DeviceRunner(Device& device, std::span<const Member> members, int block_size, std::int64_t chunk_blocks,
               int threads, Progress& progress)
      : device_(device),
        arrays_(device),
        members_(make_members(members, block_size, chunk_blocks, threads)),
        first_(*members_.front()),
        block_size_(block_size),
        recording_(first_.experiment().recording),
        progress_(progress) {
    arrays_.add(sums_, static_cast<std::size_t>(std::ssize(members_) * chunk_blocks));
    arrays_.add(first_diverged_, members_.size());
    arrays_.place();
    fill_steady_rates();
  }

  /// Runs `blocks` blocks of each experiment, which hold `trajectories` trajectories from `first_trajectory`
  /// on: all of them or none hold paths. Results of each experiment. Throws Interrupted.
  std::vector<BlockResults> run(std::int64_t first_trajectory, std::int64_t blocks,
                                std::int64_t trajectories) {
    first_trajectory_ = first_trajectory;
    trajectories_ = trajectories;
    blocks_ = blocks;
    results_.assign(members_.size(), {});
    for (BlockResults& results : results_) {
      results.blocks = blocks;
      results.records.reserve(recording_.steps.size() * static_cast<std::size_t>(blocks));
    }
    looks_.clear();
    sums_are_coming_ = false;
    device_.clear(first_diverged_, members_.size());
    for (const auto& member : members_) member->begin(first_trajectory, blocks, trajectories);
    start();
    run_all_steps(first_.experiment(), *this);
    if (first_.plan().first_activation || first_.plan().collapse_time) {
      each(trajectories_, [](const Trajectories& member, std::size_t) { return member.times_task(); });
    }
    read_sums();
    find_diverged();
    report();
    return std::move(results_);
  }

  // What run_all_steps asks for.
  bool look(std::int64_t step) {
    looks_.push_back(step);
    return true;
  }
  void take_record(std::size_t index) {
    if (!first_.is_gaussian()) {
      for (const auto& member : members_) member->fill_record_probability();
    }
    read_sums();  // of the record before, while the device does what came after it
    device_.groups(static_cast<int>(blocks_), tasks([&](const Trajectories& member, std::size_t i) {
                     return member.record_task(index, sums_ + static_cast<std::int64_t>(i) * blocks_);
                   }));
    device_.fetch(sums_, members_.size() * static_cast<std::size_t>(blocks_));
    sums_are_coming_ = true;
  }
  bool holds_paths() const { return first_.holds_paths(); }
  void take_paths(std::int64_t step) {
    for (std::size_t i = 0; i < members_.size(); ++i) members_[i]->take_paths(step, results_[i].paths);
  }
  std::int64_t trajectories() const { return trajectories_; }
  SliceSize slice_size() const {
    const std::int64_t work = Device::samples_per_launch / first_.plan().samples_per_step();
    const std::int64_t together = std::ssize(members_);
    const std::int64_t lanes = std::min(std::max(work, least_per_launch), trajectories_);
    return slice_of(work / together, lanes);
  }
  void begin_slices(std::int64_t first_step, std::int64_t steps) {
    slices_.clear();
    for (const auto& member : members_) slices_.push_back(member->slice(first_step, steps));
  }
  void step_slice(std::int64_t begin, std::int64_t count, bool is_last) {
    for (Slice<T>& slice : slices_) {
      slice.begin = static_cast<int>(begin);
      slice.count = static_cast<int>(count);
    }
    advance(count, is_last);
    const std::int64_t steps = std::ssize(members_) * count * slices_.front().steps;
    unseen_samples_ += steps * first_.plan().samples_per_step();
    unseen_steps_ += steps;
    if (unseen_samples_ >= samples_between_looks) settle();
  }
  void end_slices(std::int64_t) {}
  /// Rounds, until all blocks have reached the step `to`.
  void step_rejection_free(std::int64_t from, std::int64_t to) {
    Trajectories& member = *members_.front();
    const StepPlan<T>& plan = first_.plan();
    const std::int64_t longest = std::min(SteppingRound::longest, to - from);
    const Rates<T> rates = member.slice(from, longest).rates;
    const std::int64_t steps =
        std::clamp<std::int64_t>(Device::samples_per_launch / (plan.batch * trajectories_), 1, longest);
    std::int64_t behind = trajectories_ * from;
    do {
      device_.groups(static_cast<int>(blocks_), member.sort_task(from, to));
      device_.each(trajectories_, member.wait_task(from, next_look()));
      for (std::int64_t offset = 0; offset < longest; offset += steps) {
        if (plan.draw_kind == DrawKind::gaussian_pairs) {
          step_sets<DrawKind::gaussian_pairs>(member, offset, steps, rates);
        } else {
          step_sets<DrawKind::any>(member, offset, steps, rates);
        }
        unseen_samples_ += trajectories_ * steps * plan.batch;
        if (unseen_samples_ >= samples_between_looks) settle();
      }
      const std::int64_t now_behind = member.steps_behind();
      unseen_steps_ += now_behind - std::exchange(behind, now_behind);
      settle();
    } while (behind < trajectories_ * to);
  }

  /// The counts of all chunks so far, of each experiment.
  std::vector<Counts> counts() {
    arrays_.read_counts();
    std::vector<Counts> counts;
    for (const auto& member : members_) counts.push_back(member->counts());
    return counts;
  }

 private:
  /// About as many until the host looks at RunControl again.
  static constexpr std::int64_t samples_between_looks = Device::samples_per_launch / 2;
  /// Trajectories that a launch has at least, so that it fills the device.
  static constexpr std::int64_t least_per_launch = std::int64_t{1} << 18;

  std::vector<std::unique_ptr<Trajectories>> make_members(std::span<const Member> members, int block_size,
                                                          std::int64_t chunk_blocks, int threads) {
    std::vector<std::unique_ptr<Trajectories>> made;
    for (const Member& member : members) {
      made.push_back(std::make_unique<Trajectories>(device_, arrays_, member.experiment, member.plan,
                                                    block_size, chunk_blocks, threads));
    }
    return made;
  }
  void fill_steady_rates() {
    std::vector<SteadyRatesTask<T>> tasks;
    for (const auto& member : members_) {
      if (member->rates().is_steady()) tasks.push_back(member->rates().steady_task());
    }
    if (!tasks.empty()) device_.each(members_.front()->rates().count(), tasks);
  }

  /// task_of(member, its place) of all members.
  template <class TaskOf>
  auto tasks(const TaskOf& task_of) {
    std::vector<decltype(task_of(*members_.front(), 0))> tasks;
    for (std::size_t i = 0; i < members_.size(); ++i) tasks.push_back(task_of(*members_[i], i));
    return tasks;
  }
  /// task_of(member, its place) for `count` elements of each member.
  template <class TaskOf>
  void each(std::int64_t count, const TaskOf& task_of) {
    device_.each(count, tasks(task_of));
  }

  /// The number of the look that comes after the present steps, counted from 1.
  std::uint32_t next_look() const { return static_cast<std::uint32_t>(looks_.size() + 1); }

  void start() {
    each(trajectories_, [](const Trajectories& member, std::size_t) { return member.start_task(); });
    if (first_.is_gaussian()) {
      each(trajectories_,
           [](const Trajectories& member, std::size_t) { return member.start_probability_task(); });
    } else {
      for (const auto& member : members_) member->fill_start_probability();
    }
  }

  template <DrawKind draw_kind>
  void step_sets(const Trajectories& member, std::int64_t offset, std::int64_t steps, const Rates<T>& rates) {
    if (member.plan().has_extras()) {
      device_.each(trajectories_,
                   member.template stepping_set_task<draw_kind, true>(offset, steps, rates, next_look()));
    } else {
      device_.each(trajectories_,
                   member.template stepping_set_task<draw_kind, false>(offset, steps, rates, next_look()));
    }
  }

  /// Lets the device get no further behind than a look, and reports.
  void settle() {
    device_.pace();
    report();
  }
  /// Tells the caller, and stops where the caller wants to.
  void report() {
    progress_.add(std::exchange(unseen_steps_, 0));
    unseen_samples_ = 0;
    progress_.check();
    if (progress_.abandoned()) throw Interrupted();
  }

  void advance(std::int64_t count, bool ends_at_look) {
    with_rule(first_.plan().optimizer.rule, [&](auto rule) {
      with_draw_kind(first_.plan().draw_kind, [&](auto kind) {
        using Rule = decltype(rule);
        constexpr DrawKind draw_kind = decltype(kind)::value;
        first_.plan().has_extras() ? advance_by<Rule, draw_kind, true>(count, ends_at_look)
                                   : advance_by<Rule, draw_kind, false>(count, ends_at_look);
      });
    });
  }
  template <class Rule, DrawKind draw_kind, bool extras>
  void advance_by(std::int64_t count, bool ends_at_look) {
    each(count, [&](const Trajectories& member, std::size_t i) {
      return member.template advance_task<Rule, draw_kind, extras>(slices_[i], ends_at_look, next_look());
    });
  }

  /// The latest record's, if they are not read yet.
  void read_sums() {
    if (!std::exchange(sums_are_coming_, false)) return;
    const auto* from = static_cast<const RecordSums*>(device_.fetched());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      for (std::int64_t block = 0; block < blocks_; ++block) {
        results_[i].records.push_back(*from++);
      }
    }
  }

  void find_diverged() {
    each(trajectories_, [&](const Trajectories& member, std::size_t i) {
      return member.divergence_task(first_diverged_ + i);
    });
    std::vector<std::uint64_t> turned(members_.size());
    device_.download(turned.data(), first_diverged_, turned.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (turned[i] == 0) continue;
      const std::uint64_t first = ~turned[i];
      using Task = DivergenceTask;
      const auto block = static_cast<std::int64_t>(first >> (Task::look_bits + Task::place_bits));
      const auto look = first >> Task::place_bits & ((std::uint64_t{1} << Task::look_bits) - 1);
      const auto place = static_cast<std::int64_t>(first & ((std::uint64_t{1} << Task::place_bits) - 1));
      results_[i].diverged = Divergence{looks_[static_cast<std::size_t>(look - 1)],
                                        first_trajectory_ + block * block_size_ + place};
    }
  }

  Device& device_;
  DeviceArrays<Device> arrays_;
  std::vector<std::unique_ptr<Trajectories>> members_;
  const Trajectories& first_;
  int block_size_;
  const Recording& recording_;
  Progress& progress_;

  RecordSums* sums_ = nullptr;  ///< of the latest record: by member, block
  bool sums_are_coming_ = false;
  std::uint64_t* first_diverged_ = nullptr;  ///< one per member, see DivergenceTask

  std::vector<BlockResults> results_;  ///< one per member
  std::vector<std::int64_t> looks_;    ///< the steps at which the reference engine looks for divergence
  std::vector<Slice<T>> slices_;       ///< one per member
  std::int64_t first_trajectory_ = 0, blocks_ = 0, trajectories_ = 0;
  std::int64_t unseen_samples_ = 0, unseen_steps_ = 0;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
