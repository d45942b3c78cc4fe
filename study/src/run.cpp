#include "bncollapse/study/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <utility>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/version.hpp"
#include "bncollapse/theory/invalid_argument.hpp"

namespace bncollapse::study {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

RunEnvironment environment(const sim::Engine& engine) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {.engine = fmt::format("{} ({})", engine.name(), engine.description()),
          .host = host_name(),
          .build = build_description(),
          .started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))};
}

/// Written beside its place and then moved there, so that it is there whole or not at all.
void write_file(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream stream(part, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw RunError(fmt::format("{}: cannot be written: {}", path.string(), std::strerror(errno)));
  std::error_code error;
  std::filesystem::rename(part, path, error);
  if (error) throw RunError(fmt::format("{}: cannot be written: {}", path.string(), error.message()));
}

double work_of(const sim::Experiment& experiment) {
  return static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
}

sim::Estimates simulate(const Point& point, const sim::Engine& engine, const sim::RunControl& control) {
  try {
    return engine.run(point.experiment, control);
  } catch (const sim::Diverged& error) {
    throw RunError(fmt::format("point {} {}: {}; take a smaller learning rate", point.summary.index,
                               point.summary.parameters.dump(), error.what()));
  }
}

PointResult run_point(const Point& point, const sim::Engine& engine, const sim::RunControl& control) {
  PointResult result{point.summary, predict(point.experiment), simulate(point, engine, control)};
  if (result.estimates.first_activation) {
    auto survival = predict_first_activation(point.experiment, *result.estimates.first_activation);
    if (!survival.empty())
      result.prediction.series[quantity::first_activation_survival] = std::move(survival);
  }
  return result;
}

void tell(const RunWatch& watch, const std::string& message) {
  if (watch.on_message) watch.on_message(message);
}

void run_points(const std::vector<Point>& points, const sim::Engine& engine, RunStore& store,
                const RunWatch& watch) {
  Progress progress{.points_done = store.finished_points(),
                    .points = static_cast<std::int64_t>(points.size())};
  for (const Point& point : points) {
    const double work = work_of(point.experiment);
    progress.steps += work;
    if (point.summary.index < progress.points_done) progress.steps_done += work;
  }
  if (progress.points_done > 0) {
    tell(watch, fmt::format("{} of {} points were finished before", progress.points_done, progress.points));
  }
  const auto report = [&](const Progress& now) {
    if (watch.on_progress) watch.on_progress(now);
  };
  report(progress);
  for (const Point& point : points) {
    if (point.summary.index < store.finished_points()) continue;
    if (!point.summary.note.empty())
      tell(watch, fmt::format("point {}: {}", point.summary.index, point.summary.note));
    const sim::RunControl control{.on_progress =
                                      [&](std::int64_t done) {
                                        Progress now = progress;
                                        now.steps_done +=
                                            std::min(static_cast<double>(done), work_of(point.experiment));
                                        report(now);
                                      },
                                  .stop = watch.stop};
    store.write(run_point(point, engine, control));
    ++progress.points_done;
    progress.steps_done += work_of(point.experiment);
    report(progress);
  }
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

std::vector<Verdict> run_spec(const Spec& spec, const std::filesystem::path& folder,
                              const sim::Engine& engine, RunStore::Existing existing, const RunWatch& watch) {
  const std::vector<Point> points = sweep_points(spec);
  RunStore store(folder, spec, environment(engine), existing);
  write_file(folder / "spec.resolved.json", spec.resolved.dump(2) + "\n");
  try {
    run_points(points, engine, store, watch);
    const std::vector<Verdict> verdicts = judge(store.read());
    store.write(curve_samples(spec.resolved.at("curves"), points), verdicts);
    write_file(folder / "verdicts.json", to_json(verdicts).dump(2) + "\n");
    return verdicts;
  } catch (const theory::InvalidArgument& error) {
    throw InputError(fmt::format("{}: {}", spec.file, error.what()));
  }
}

Json to_json(const std::vector<Verdict>& verdicts) {
  Json result = Json::array();
  for (const Verdict& verdict : verdicts) {
    result.push_back({{"check_name", verdict.check},
                      {"claim", verdict.claim},
                      {"point", verdict.point ? Json(*verdict.point) : Json(nullptr)},
                      {"field", verdict.field},
                      {"measured", number_or_null(verdict.measured)},
                      {"standard_error", number_or_null(verdict.standard_error)},
                      {"predicted", verdict.predicted ? number_or_null(*verdict.predicted) : Json(nullptr)},
                      {"deviation", number_or_null(verdict.deviation)},
                      {"tolerance", number_or_null(verdict.tolerance)},
                      {"tolerance_source", verdict.tolerance_source},
                      {"verdict", to_string(verdict.outcome)},
                      {"note", verdict.note}});
  }
  return result;
}

}  // namespace bncollapse::study
