#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::sim {

class Communicator;

/// How a caller watches, stops and shares a run. All may be left empty.
struct RunControl {
  /// Called now and then, from one thread at a time, with the trajectory-steps done so far.
  std::function<void(std::int64_t done)> on_progress;
  /// Set to true (from a signal handler, say) to stop: `run` then throws Interrupted.
  const std::atomic<bool>* stop = nullptr;
  /// Processes that share this run's trajectories, each calling `run` for the same experiment. Rank 0 gets
  /// the estimates, the same bits as without a communicator; the others get none.
  const Communicator* communicator = nullptr;
  /// Called as `on_progress` is while an experiment's splitting follows its trajectories, with the share of
  /// the way to the collapse that the replicas have gone. It never falls.
  std::function<void(double share)> on_splitting = {};
};

/// A run stopped by RunControl::stop. No partial estimates exist.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// A trajectory that left the finite numbers (a far too large learning rate, say). No estimates exist.
class Diverged : public std::runtime_error {
 public:
  Diverged(std::int64_t step, std::int64_t trajectory);
  /// The first step looked at, a recorded one or the last, at which it was no longer finite.
  std::int64_t step() const noexcept { return step_; }
  std::int64_t trajectory() const noexcept { return trajectory_; }

 private:
  std::int64_t step_, trajectory_;
};

/// An engine that cannot run here (no device, an instruction set the processor lacks), with the reason.
class EngineUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs experiments. Every engine gives the same estimates, bit for bit, for the same experiment, whatever
/// the number of threads; but for one that says that it approximates.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  /// What it runs on, for people: vector width, threads, device.
  virtual std::string description() const = 0;
  /// What the engine approximates in an experiment, for people; empty where its estimates are the exact bits.
  virtual std::string_view approximation(const Experiment&) const { return {}; }
  /// Throws theory::InvalidArgument, Diverged, Interrupted.
  virtual Estimates run(const Experiment& experiment, const RunControl& control = {}) const = 0;
  /// The experiments one after another, or together where one alone does not fill the engine: the estimates
  /// of `run`, handed to `take` in order. `on_progress` counts the steps of all. Throws what `run` throws;
  /// Diverged once all experiments before the one at fault are taken.
  /// @param control  without a communicator
  virtual void run_many(std::span<const Experiment* const> experiments, const RunControl& control,
                        const std::function<void(Estimates&&)>& take) const;
};

/// reference: one lane at a time; cpu: the widest vectors that this processor has; cuda_approximate: cuda
/// with the hardware's approximate functions, which `automatic` never takes.
enum class EngineName { automatic, reference, cpu, cuda, cuda_approximate };

/// @param threads  OpenMP threads; 0 takes all that the process may use
/// Throws EngineUnavailable.
std::unique_ptr<Engine> make_engine(EngineName name, int threads = 0);

}  // namespace bncollapse::sim
