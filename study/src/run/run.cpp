#include "bncollapse/study/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/workload.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "run/run_folder.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {
namespace {

double work_of(const sim::Experiment& experiment) {
  return static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
}

[[noreturn]] void fail(const Point& point, const sim::Diverged& error) {
  throw RunError(fmt::format("point {} {}: {}; take a smaller learning rate", point.summary.index,
                             shown(point.summary.parameters), error.what()));
}

sim::Estimates simulate(const Point& point, const sim::Engine& engine, const sim::RunControl& control) {
  try {
    return engine.run(point.experiment, control);
  } catch (const sim::Diverged& error) {
    fail(point, error);
  }
}

/// Adds what the engine approximates to what the points' specs do.
void name_approximations(std::vector<Point>& points, const sim::Engine& engine) {
  for (Point& point : points) {
    const std::string_view more = engine.approximation(point.experiment);
    if (more.empty()) continue;
    std::optional<std::string>& approximation = point.summary.approximation;
    approximation = approximation ? fmt::format("{}; {}", *approximation, more) : std::string(more);
  }
}

/// Finished points of other approximations must not stand beside those to come.
void require_same_approximations(const std::vector<Point>& points, const StoredRun& finished) {
  for (std::size_t i = 0; i < finished.points.size(); ++i) {
    const auto& before = finished.points[i].summary.approximation;
    const auto& now = points.at(i).summary.approximation;
    if (before == now) continue;
    throw InputError(
        fmt::format("point {} was finished with the approximation \"{}\", this engine has \"{}\"; go on with "
                    "the engine of the first run, or take another folder with --out",
                    i, before.value_or("none"), now.value_or("none")));
  }
}

PointResult result_of(const Point& point, sim::Estimates estimates, const WorkWatch& watch) {
  PointResult result{point.summary, predict(point.experiment, watch), std::move(estimates)};
  if (result.estimates.first_activation) {
    auto survival = predict_first_activation(point.experiment, *result.estimates.first_activation, watch);
    if (!survival.empty())
      result.prediction.series[quantity::first_activation_survival] = std::move(survival);
  }
  return result;
}

/// A run's points, by one process or by a communicator of them.
class PointRunner {
 public:
  PointRunner(const std::vector<Point>& points, const sim::Engine& engine, const RunWatch& watch,
              const sim::Communicator* communicator)
      : points_(points), engine_(engine), watch_(watch), communicator_(communicator) {
    progress_.points = static_cast<std::int64_t>(points.size());
    for (const Point& point : points) progress_.steps += work_of(point.experiment);
  }

  /// @param store  of the root, null at the other members
  void run(RunStore* store) {
    const std::size_t first = start(store);
    communicator_ == nullptr ? run_alone(first, store) : run_shared(first, store);
  }

  /// Watches work beside the simulation: it ends where the caller wants to stop, and shows where it takes
  /// long.
  WorkWatch watch(std::string what) {
    return [this, what = std::move(what), shown = Clock::now()](double share) mutable {
      stop_if_told(watch_.stop);
      if (Clock::now() - shown < std::chrono::milliseconds(100)) return;
      Progress now = progress_;
      now.beside = fmt::format("{} {:.0f} %", what, 100 * share);
      show(now);
      shown = Clock::now();
    };
  }

 private:
  /// The first point that is not finished, from the store of the root.
  std::size_t start(const RunStore* store) {
    if (store != nullptr) progress_.points_done = static_cast<std::int64_t>(store->finished_points().size());
    if (communicator_ != nullptr) {
      sim::Bytes bytes(sizeof progress_.points_done);
      std::memcpy(bytes.data(), &progress_.points_done, bytes.size());
      bytes = communicator_->broadcast(bytes);
      std::memcpy(&progress_.points_done, bytes.data(), bytes.size());
    }
    const auto first = static_cast<std::size_t>(progress_.points_done);
    for (std::size_t i = 0; i < first; ++i) progress_.steps_before += work_of(points_[i].experiment);
    progress_.steps_done = progress_.steps_before;
    if (first > 0) tell(fmt::format("{} of {} points were finished before", first, points_.size()));
    tell_notes();
    show(progress_);
    return first;
  }

  /// By one process, whose engine may take several points at once.
  void run_alone(std::size_t next, RunStore* store) {
    std::vector<const sim::Experiment*> experiments;
    for (std::size_t i = next; i < points_.size(); ++i) experiments.push_back(&points_[i].experiment);
    const double before = progress_.steps_done;
    const sim::RunControl control{
        .on_progress =
            [&](std::int64_t done) {
              Progress now = progress_;
              now.steps_done = std::clamp(before + static_cast<double>(done), now.steps_done, now.steps);
              show(now);
            },
        .stop = watch_.stop,
        .on_splitting = [&](double share) { show_splitting(points_[next], share); }};
    try {
      engine_.run_many(experiments, control, [&](sim::Estimates&& estimates) {
        finish(points_[next], std::move(estimates), store);
        ++next;
      });
    } catch (const sim::Diverged& error) {
      fail(points_[next], error);
    }
  }

  /// By a communicator.
  void run_shared(std::size_t next, RunStore* store) {
    const auto members = static_cast<std::size_t>(communicator_->size());
    while (next < points_.size()) {
      if (members > 1 && points_.size() - next >= members) {
        const Point& mine = points_[next + static_cast<std::size_t>(communicator_->rank())];
        for (const sim::Bytes& bytes : communicator_->gather(sim::to_bytes(estimate(mine, nullptr)))) {
          finish(points_[next++], sim::estimates_from_bytes(bytes), store);
        }
        if (store == nullptr) next += members;
      } else {
        finish(points_[next], estimate(points_[next], communicator_), store);
        ++next;
      }
    }
  }

  /// Each note once, with the number of points that it is about.
  void tell_notes() const {
    std::map<std::string, int> counts;
    for (const Point& point : points_) ++counts[point.summary.note];
    for (const auto& [note, count] : counts) {
      if (!note.empty()) tell(fmt::format("{} of {} points: {}", count, points_.size(), note));
    }
  }

  sim::Estimates estimate(const Point& point, const sim::Communicator* communicator) const {
    const double work = work_of(point.experiment);
    const sim::RunControl control{.on_progress =
                                      [&](std::int64_t done) {
                                        const double share =
                                            communicator == nullptr ? 1 : communicator->size();
                                        Progress now = progress_;
                                        now.steps_done += std::min(share * static_cast<double>(done), work);
                                        show(now);
                                      },
                                  .stop = watch_.stop,
                                  .communicator = communicator,
                                  .on_splitting = [&](double share) { show_splitting(point, share); }};
    return simulate(point, engine_, control);
  }

  void finish(const Point& point, sim::Estimates estimates, RunStore* store) {
    if (store != nullptr) {
      store->write(result_of(point, std::move(estimates),
                             watch(fmt::format("predictions of point {}", point.summary.index))));
    }
    ++progress_.points_done;
    progress_.steps_done += work_of(point.experiment);
    show(progress_);
  }

  /// The point's trajectories are done, and its particles are advanced.
  void show_splitting(const Point& point, double share) const {
    Progress now = progress_;
    now.steps_done += work_of(point.experiment);
    now.beside = fmt::format("splitting {:.0f} %", 100 * share);
    show(now);
  }

  void show(const Progress& progress) const {
    if (watch_.on_progress) watch_.on_progress(progress);
  }
  void tell(const std::string& message) const {
    if (watch_.on_message) watch_.on_message(message);
  }

  using Clock = std::chrono::steady_clock;

  const std::vector<Point>& points_;
  const sim::Engine& engine_;
  const RunWatch& watch_;
  const sim::Communicator* communicator_;
  Progress progress_;
};

}  // namespace

std::vector<Verdict> run_spec(Spec spec, const std::filesystem::path& folder, const sim::Engine& engine,
                              Store::Existing existing, const RunWatch& watch, const RunShare& share) {
  std::vector<Point>& points = spec.points;
  require_memory(workload_of(points, spec.resolved.at("curves"), share.threads), spec);
  name_approximations(points, engine);
  PointRunner runner(points, engine, watch, share.communicator);
  try {
    if (share.communicator != nullptr && !share.communicator->is_root()) {
      runner.run(nullptr);
      return {};
    }
    RunStore store = open_run<RunStore>(
        spec, folder, fmt::format("{} ({})", engine.name(), engine.description()), existing, watch.stop);
    if (watch.on_begun) watch.on_begun();
    if (!store.finished_points().empty()) require_same_approximations(points, store.read());
    runner.run(&store);
    store.write(curve_samples(spec.resolved.at("curves"), points, runner.watch("curves")));
    return judge_run(store, folder, runner.watch("verdicts"));
  } catch (const theory::InvalidArgument& error) {
    throw out_of_domain(spec.file, error);
  }
}

}  // namespace bncollapse::study
