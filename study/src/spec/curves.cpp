#include <fmt/format.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "bncollapse/study/prediction.hpp"
#include "bncollapse/theory/decay.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/fields.hpp"
#include "bncollapse/theory/optimizer_decay.hpp"
#include "spec/curve_kind.hpp"
#include "spec/make_entry_kind.hpp"

namespace bncollapse::study {
namespace {

enum class Spacing { linear, logarithmic };

/// Evenly spaced values, both ends included.
std::vector<double> grid(double from, double to, std::int64_t count, Spacing spacing) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    values.push_back(spacing == Spacing::linear ? std::lerp(from, to, share)
                                                : from * std::pow(to / from, share));
  }
  return values;
}

std::string series_name(const Point& point) { return fmt::format("point {}", point.summary.index); }

/// The laws of x of all points, each once, under their names; a second law of a family has its parameter
/// added.
std::map<std::string, theory::LawPtr> laws_of(const std::vector<Point>& points) {
  std::map<std::string, theory::LawPtr> laws;
  for (const Point& point : points) {
    const theory::LawPtr& law = point.experiment.model.x_law;
    const std::string name(fields::name_of(law->name()));
    const auto [named, is_new] = laws.try_emplace(name, law);
    if (!is_new && named->second->parameter() != law->parameter()) {
      laws.try_emplace(fmt::format("{} {:g}", name, law->parameter()), law);
    }
  }
  return laws;
}

/// A curve over the threshold u, a series for each law of the points.
struct OverThreshold : Curve {
  double from = -4, to = 4;
  std::int64_t count = 401;

  std::size_t count_samples(const std::vector<Point>& points) const override {
    return laws_of(points).size() * static_cast<std::size_t>(count);
  }

 protected:
  /// Samples f(law, u).
  template <class Function>
  void add_series(std::string_view curve, const std::vector<Point>& points, const Function& function,
                  CurveSamples& samples) const {
    for (const auto& [series, law] : laws_of(points)) {
      for (const double u : grid(from, to, count, Spacing::linear))
        samples.add({std::string(curve), series, u, function(*law, u)});
    }
  }
};

struct DriftCoefficient final : OverThreshold {
  static constexpr std::string_view name = "drift_coefficient";
  static constexpr std::string_view help =
      "A(u) over u and, as curve even_drift_coefficient, its even average: a series for each law of the points";

  std::size_t count_samples(const std::vector<Point>& points) const override {
    return 2 * OverThreshold::count_samples(points);
  }
  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    const double leak = points.front().experiment.model.leak;
    add_series(
        name, points,
        [&](const theory::Law& law, double u) { return theory::drift_coefficient(law, u, leak); }, samples);
    add_series(
        "even_drift_coefficient", points,
        [&](const theory::Law& law, double u) {
          return theory::even_average_drift_coefficient(law, u, leak);
        },
        samples);
  }
};

struct ActivationProbability final : OverThreshold {
  static constexpr std::string_view name = "activation_probability";
  static constexpr std::string_view help = "Q(u) over u: a series for each law of the points";

  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    add_series(
        name, points, [](const theory::Law& law, double u) { return law.survival(u); }, samples);
  }
};

struct ExactDriftRatio final : Curve {
  static constexpr std::string_view name = "exact_drift_ratio";
  static constexpr std::string_view help =
      "exact one-step drift / Theorem 1 over epsilon, series \"u = U\", for the spec's laws, leak and batch";
  std::vector<double> thresholds = {-1, 0, 1};
  double from = 0.005, to = 1;
  std::int64_t count = 61;

  std::size_t count_samples(const std::vector<Point>&) const override {
    return thresholds.size() * static_cast<std::size_t>(count);
  }
  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    /// Of the exact drift, up to which the curve shows it.
    constexpr double largest_relative_error = 0.01;
    const sim::Model& model = points.front().experiment.model;
    for (const double u : thresholds) {
      const theory::Neuron neuron{.gamma = 1, .beta = -u, .alpha = 0, .leak = model.leak};
      for (const double epsilon : grid(from, to, count, Spacing::logarithmic)) {
        theory::Noise noise = model.noise;
        noise.mean = 0;
        noise.std = 1;
        const theory::SgdStep step{.learning_rate = epsilon * std::sqrt(static_cast<double>(model.batch)),
                                   .weight_decay = 0,
                                   .batch = model.batch};
        const auto [exact, error] = theory::exact_drift(*model.x_law, neuron, noise, step, samples.pause());
        const double theorem1 = theory::theorem1_drift(*model.x_law, neuron, noise, step);
        // A point that the quadrature does not know is left out.
        if (theorem1 != 0 && error <= largest_relative_error * std::abs(exact))
          samples.add({std::string(name), fmt::format("u = {:g}", u), epsilon, exact / theorem1});
      }
    }
  }
};

/// A curve over the steps, a series for each point.
struct OverSteps : Curve {
  std::int64_t count = 401;

  std::size_t count_samples(const std::vector<Point>& points) const override {
    return points.size() * static_cast<std::size_t>(count);
  }

 protected:
  std::vector<double> times(const sim::Experiment& experiment) const {
    std::vector<double> times;
    for (std::int64_t i = 0; i < count; ++i) {
      times.push_back(static_cast<double>(experiment.steps) * static_cast<double>(i) /
                      static_cast<double>(count - 1));
    }
    return times;
  }
};

struct ActivationUnderDecay final : OverSteps {
  static constexpr std::string_view name = "activation_under_decay";
  static constexpr std::string_view help = "P_t over the steps under weight decay alone, series \"point I\"";

  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    for (const Point& point : points) {
      const auto decay = exponential_decay(point.experiment);
      if (!decay) continue;
      const theory::Neuron start = mean_initial_neuron(point.experiment);
      for (const double t : times(point.experiment)) {
        const theory::Neuron neuron = theory::decayed_neuron(start, *decay, t);
        samples.add({std::string(name), series_name(point), t,
                     theory::activation_probability(*point.experiment.model.x_law, neuron)});
      }
    }
  }
};

struct FirstActivationSurvival final : OverSteps {
  static constexpr std::string_view name = "first_activation_survival";
  static constexpr std::string_view help =
      "Pr[T > t] of the first active sample over the steps, series \"point I\"";

  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    for (const Point& point : points) {
      const sim::Experiment& experiment = point.experiment;
      const auto decay = exponential_decay(experiment);
      if (!decay) continue;
      const theory::FirstActivation law(experiment.model.x_law, mean_initial_neuron(experiment), *decay,
                                        experiment.model.batch);
      std::int64_t last = -1;
      for (const double time : times(experiment)) {
        const auto t = std::llround(time);
        if (t == last) continue;
        last = t;
        samples.add({std::string(name), series_name(point), static_cast<double>(t), law.survival(t)});
      }
    }
  }
};

/// An optimizer beside others; its other constants are the spec's.
struct ComparedOptimizer {
  theory::OptimizerName name = theory::OptimizerName::sgd;
  double learning_rate = 0, weight_decay = 0;
};

struct InactiveDecay final : Curve {
  static constexpr std::string_view name = "inactive_decay";
  static constexpr std::string_view help =
      "|gamma_t| of an inactive neuron over t, from |initial.gamma| down: series \"point I\", or \"NAME, weight "
      "decay L\" of each of `optimizers` for the first point";
  double to = 1e-3;
  std::int64_t count = 101, horizon = 1'000'000;
  std::vector<ComparedOptimizer> optimizers;

  std::size_t count_samples(const std::vector<Point>& points) const override {
    return (optimizers.empty() ? points.size() : optimizers.size()) * static_cast<std::size_t>(count);
  }
  void add(const std::vector<Point>& points, CurveSamples& samples) const override {
    if (optimizers.empty()) {
      for (const Point& point : points)
        add_series(series_name(point), point, point.experiment.optimizer, samples);
    }
    for (const ComparedOptimizer& compared : optimizers) {
      theory::Optimizer optimizer = points.front().experiment.optimizer;
      optimizer.name = compared.name;
      optimizer.learning_rate = compared.learning_rate;
      optimizer.weight_decay = compared.weight_decay;
      add_series(fmt::format("{}, weight decay {:g}", fields::name_of(compared.name), compared.weight_decay),
                 points.front(), optimizer, samples);
    }
  }

 private:
  void add_series(const std::string& series, const Point& point, const theory::Optimizer& optimizer,
                  CurveSamples& samples) const {
    const double start = std::abs(point.summary.gamma);
    if (!(to < start)) return;
    samples.add({std::string(name), series, 0, start});
    std::vector<double> gammas = grid(start, to, count, Spacing::logarithmic);
    gammas.erase(gammas.begin());
    const auto steps =
        theory::inactive_steps_to(gammas, start, optimizer, horizon, samples.watch(gammas.size()));
    for (std::size_t i = 0; i < steps.size(); ++i)
      samples.add({std::string(name), series, static_cast<double>(steps[i]), gammas[i]});
  }
};

constexpr Range sample_count = from_to(2, 100'000);
constexpr Range threshold_range = from_to(-100, 100);
constexpr Range epsilon_range = fields::above_to(0, 10);

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::OverThreshold> {
  using Struct = study::OverThreshold;
  static constexpr auto all =
      std::tuple{field("from", &Struct::from, "lowest u", study::threshold_range),
                 field("to", &Struct::to, "highest u", study::threshold_range),
                 field("count", &Struct::count, "number of samples", study::sample_count)};
};
template <>
struct Fields<study::DriftCoefficient> : Fields<study::OverThreshold> {};
template <>
struct Fields<study::ActivationProbability> : Fields<study::OverThreshold> {};

template <>
struct Fields<study::ExactDriftRatio> {
  using Struct = study::ExactDriftRatio;
  static constexpr auto all =
      std::tuple{field("u", &Struct::thresholds, "thresholds", study::threshold_range, Entries{1, 20}),
                 field("from", &Struct::from, "lowest epsilon", study::epsilon_range),
                 field("to", &Struct::to, "highest epsilon", study::epsilon_range),
                 field("count", &Struct::count, "number of samples", study::sample_count)};
};

template <>
struct Fields<study::OverSteps> {
  using Struct = study::OverSteps;
  static constexpr auto all =
      std::tuple{field("count", &Struct::count, "number of samples", study::sample_count)};
};
template <>
struct Fields<study::ActivationUnderDecay> : Fields<study::OverSteps> {};
template <>
struct Fields<study::FirstActivationSurvival> : Fields<study::OverSteps> {};

template <>
struct Fields<study::ComparedOptimizer> {
  using Struct = study::ComparedOptimizer;
  static constexpr auto all =
      std::tuple{field("name", &Struct::name, "name", Required{}),
                 field("learning_rate", &Struct::learning_rate, "learning rate", positive, Required{}),
                 field("weight_decay", &Struct::weight_decay, "weight decay", positive, Required{})};
};

template <>
struct Fields<study::InactiveDecay> {
  using Struct = study::InactiveDecay;
  static constexpr auto all =
      std::tuple{field("to", &Struct::to, "lowest |gamma|", above(0)),
                 field("count", &Struct::count, "number of samples", study::sample_count),
                 field("horizon", &Struct::horizon, "most steps", from_to(1, 1e9)),
                 field("optimizers", &Struct::optimizers,
                       "optimizers side by side, their other constants the spec's; empty: each point's own",
                       Entries{0, 50})};
};

}  // namespace bncollapse::fields

namespace bncollapse::study {
namespace {

template <class Struct>
CurveKind curve_kind() {
  return make_entry_kind<Curve, Struct>();
}

std::vector<std::unique_ptr<const Curve>> read_curves(const Json& entries) {
  std::vector<std::unique_ptr<const Curve>> curves;
  for (const Json& entry : entries) curves.push_back(kind_of(curve_kinds(), "curve", entry).read(entry));
  return curves;
}

}  // namespace

const std::vector<CurveKind>& curve_kinds() {
  static const std::vector<CurveKind> kinds{
      curve_kind<DriftCoefficient>(),        curve_kind<ActivationProbability>(),
      curve_kind<ExactDriftRatio>(),         curve_kind<ActivationUnderDecay>(),
      curve_kind<FirstActivationSurvival>(), curve_kind<InactiveDecay>()};
  return kinds;
}

double curve_sample_count(const Json& entries, const std::vector<Point>& points) {
  double count = 0;
  for (const auto& curve : read_curves(entries)) count += static_cast<double>(curve->count_samples(points));
  return count;
}

std::vector<CurveSample> curve_samples(const Json& entries, const std::vector<Point>& points,
                                       const WorkWatch& watch) {
  const auto curves = read_curves(entries);
  CurveSamples samples(curves.size(), watch);
  for (const auto& curve : curves) {
    samples.begin_curve(curve->count_samples(points));
    curve->add(points, samples);
    samples.end_curve();
  }
  return samples.take();
}

}  // namespace bncollapse::study
