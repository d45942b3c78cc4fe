#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <string>

#include "bncollapse/study/prediction.hpp"
#include "bncollapse/theory/decay.hpp"
#include "bncollapse/theory/drift.hpp"
#include "spec/curve_kind.hpp"

namespace bncollapse::study {
namespace {

constexpr double largest_argument = 1e12;

std::vector<double> grid(const Json& curve, bool logarithmic) {
  const double from = curve.at("from"), to = curve.at("to");
  const int count = curve.at("count");
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / (count - 1);
    values.push_back(logarithmic ? from * std::pow(to / from, share) : std::lerp(from, to, share));
  }
  return values;
}

FieldSchema count_field(int default_value) {
  return integer("number of samples", from_to(2, 100000)).defaults_to(default_value);
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

/// Samples f(law, u) over u for each law of the points.
template <class Function>
void add_over_u(const char* name, const Json& curve, const std::vector<Point>& points,
                const Function& function, CurveSamples& samples) {
  for (const auto& [series, law] : laws_of(points)) {
    for (const double u : grid(curve, false)) samples.add({name, series, u, function(*law, u)});
  }
}

void add_drift_coefficient(const Json& curve, const std::vector<Point>& points, CurveSamples& samples) {
  const double leak = points.front().experiment.model.leak;
  add_over_u(
      "drift_coefficient", curve, points,
      [&](const theory::Law& law, double u) { return theory::drift_coefficient(law, u, leak); }, samples);
  add_over_u(
      "even_drift_coefficient", curve, points,
      [&](const theory::Law& law, double u) { return theory::even_average_drift_coefficient(law, u, leak); },
      samples);
}

void add_activation_probability(const Json& curve, const std::vector<Point>& points, CurveSamples& samples) {
  add_over_u(
      "activation_probability", curve, points,
      [](const theory::Law& law, double u) { return law.survival(u); }, samples);
}

/// Of the exact drift, up to which a curve shows it.
constexpr double largest_relative_error = 0.01;

void add_exact_drift_ratio(const Json& curve, const std::vector<Point>& points, CurveSamples& samples) {
  const sim::Model& model = points.front().experiment.model;
  const double sigma = 1;
  for (const double u : curve.at("u").get<std::vector<double>>()) {
    const theory::Neuron neuron{.gamma = 1, .beta = -u, .alpha = 0, .leak = model.leak};
    for (const double epsilon : grid(curve, true)) {
      theory::Noise noise = model.noise;
      noise.mean = 0;
      noise.std = sigma;
      const theory::SgdStep step{.learning_rate = epsilon * std::sqrt(static_cast<double>(model.batch)),
                                 .weight_decay = 0,
                                 .batch = model.batch};
      const auto [exact, error] = theory::exact_drift(*model.x_law, neuron, noise, step, samples.pause());
      const double theorem1 = theory::theorem1_drift(*model.x_law, neuron, noise, step);
      // A point that the quadrature does not know is left out.
      if (theorem1 != 0 && error <= largest_relative_error * std::abs(exact))
        samples.add({"exact_drift_ratio", fmt::format("u = {:g}", u), epsilon, exact / theorem1});
    }
  }
}

void add_activation_under_decay(const Json& curve, const std::vector<Point>& points, CurveSamples& samples) {
  const int count = curve.at("count");
  for (const Point& point : points) {
    const auto decay = exponential_decay(point.experiment);
    if (!decay) continue;
    const theory::Neuron start = mean_initial_neuron(point.experiment);
    for (int i = 0; i < count; ++i) {
      const double t = static_cast<double>(point.experiment.steps) * i / (count - 1);
      const theory::Neuron neuron = theory::decayed_neuron(start, *decay, t);
      samples.add({"activation_under_decay", series_name(point), t,
                   theory::activation_probability(*point.experiment.model.x_law, neuron)});
    }
  }
}

void add_first_activation_survival(const Json& curve, const std::vector<Point>& points,
                                   CurveSamples& samples) {
  const int count = curve.at("count");
  for (const Point& point : points) {
    const sim::Experiment& experiment = point.experiment;
    const auto decay = exponential_decay(experiment);
    if (!decay) continue;
    const theory::FirstActivation law(experiment.model.x_law, mean_initial_neuron(experiment), *decay,
                                      experiment.model.batch);
    std::int64_t last = -1;
    for (int i = 0; i < count; ++i) {
      const auto t = std::llround(static_cast<double>(experiment.steps) * i / (count - 1));
      if (t == last) continue;
      last = t;
      samples.add({"first_activation_survival", series_name(point), static_cast<double>(t), law.survival(t)});
    }
  }
}

void add_inactive_decay_of(const theory::Optimizer& optimizer, double start, const std::string& series,
                           const Json& curve, CurveSamples& samples) {
  const double to = curve.at("to");
  const int count = curve.at("count");
  if (!(to < start)) return;
  samples.add({"inactive_decay", series, 0, start});
  std::vector<double> gammas;
  for (int i = 1; i < count; ++i)
    gammas.push_back(start * std::pow(to / start, static_cast<double>(i) / (count - 1)));
  const auto steps =
      theory::inactive_steps_to(gammas, start, optimizer, curve.at("horizon"), samples.watch(gammas.size()));
  for (std::size_t i = 0; i < steps.size(); ++i)
    samples.add({"inactive_decay", series, static_cast<double>(steps[i]), gammas[i]});
}

void add_inactive_decay(const Json& curve, const std::vector<Point>& points, CurveSamples& samples) {
  for (const Point& point : points) {
    const double start = std::abs(point.summary.gamma);
    if (curve.at("optimizers").empty()) {
      add_inactive_decay_of(point.experiment.optimizer, start, series_name(point), curve, samples);
    }
  }
  const Point& first = points.front();
  for (const Json& entry : curve.at("optimizers")) {
    theory::Optimizer optimizer = first.experiment.optimizer;
    optimizer.name =
        fields::enumerator_of<theory::OptimizerName>(entry.at("name").get<std::string>()).value();
    optimizer.learning_rate = entry.at("learning_rate");
    optimizer.weight_decay = entry.at("weight_decay");
    add_inactive_decay_of(
        optimizer, std::abs(first.summary.gamma),
        fmt::format("{}, weight decay {:g}", entry.at("name").get<std::string>(), optimizer.weight_decay),
        curve, samples);
  }
}

FieldSchema compared_optimizer() {
  const Range positive{.lower = 0, .upper = largest_argument, .lower_open = true};
  return object("an optimizer; its other constants are the spec's",
                {{"name", text("name", fields::names_of<theory::OptimizerName>())},
                 {"learning_rate", number("learning rate", positive)},
                 {"weight_decay", number("weight decay", positive)}});
}

std::size_t count_of(const Json& curve) { return curve.at("count").get<std::size_t>(); }

std::size_t count_over_u(const Json& curve, const std::vector<Point>& points) {
  return laws_of(points).size() * count_of(curve);
}

std::size_t count_of_points(const Json& curve, const std::vector<Point>& points) {
  return points.size() * count_of(curve);
}

const CurveKind& curve_kind(const Json& curve) {
  const auto& kinds = curve_kinds();
  return *std::find_if(kinds.begin(), kinds.end(), [&](const CurveKind& candidate) {
    return candidate.name == curve.at("curve").get_ref<const std::string&>();
  });
}

}  // namespace

const std::vector<CurveKind>& curve_kinds() {
  const Range u_range = from_to(-100, 100);
  const Range epsilon_range{.lower = 0, .upper = 10, .lower_open = true};
  const std::vector<Field> u_fields{{"from", number("lowest u", u_range).defaults_to(-4)},
                                    {"to", number("highest u", u_range).defaults_to(4)},
                                    {"count", count_field(401)}};
  static const std::vector<CurveKind> kinds{
      {"drift_coefficient",
       "A(u) over u and, as curve even_drift_coefficient, its even average: a series for each law of the "
       "points",
       u_fields,
       [](const Json& curve, const std::vector<Point>& points) { return 2 * count_over_u(curve, points); },
       add_drift_coefficient},
      {"activation_probability", "Q(u) over u: a series for each law of the points", u_fields, count_over_u,
       add_activation_probability},
      {"exact_drift_ratio",
       "exact one-step drift / Theorem 1 over epsilon, series \"u = U\", for the spec's laws, leak and "
       "batch",
       {{"u", list("thresholds", number("u", u_range), 1, 20).defaults_to({-1, 0, 1})},
        {"from", number("lowest epsilon", epsilon_range).defaults_to(0.005)},
        {"to", number("highest epsilon", epsilon_range).defaults_to(1)},
        {"count", count_field(61)}},
       [](const Json& curve, const std::vector<Point>&) { return curve.at("u").size() * count_of(curve); },
       add_exact_drift_ratio},
      {"activation_under_decay",
       "P_t over the steps under weight decay alone, series \"point I\"",
       {{"count", count_field(401)}},
       count_of_points,
       add_activation_under_decay},
      {"first_activation_survival",
       "Pr[T > t] of the first active sample over the steps, series \"point I\"",
       {{"count", count_field(401)}},
       count_of_points,
       add_first_activation_survival},
      {"inactive_decay",
       "|gamma_t| of an inactive neuron over t, from |initial.gamma| down: series \"point I\", or \"NAME, "
       "weight decay "
       "L\" of each of `optimizers` for the first point",
       {{"to", number("lowest |gamma|", {.lower = 0, .lower_open = true}).defaults_to(1e-3)},
        {"count", count_field(101)},
        {"horizon", integer("most steps", from_to(1, 1e9)).defaults_to(1000000)},
        {"optimizers", list("optimizers side by side; empty: each point's own", compared_optimizer(), 0, 50)
                           .defaults_to(Json::array())}},
       [](const Json& curve, const std::vector<Point>& points) {
         return (curve.at("optimizers").empty() ? points.size() : curve.at("optimizers").size()) *
                count_of(curve);
       },
       add_inactive_decay}};
  return kinds;
}

double curve_sample_count(const Json& curves, const std::vector<Point>& points) {
  double count = 0;
  for (const Json& curve : curves) count += static_cast<double>(curve_kind(curve).count(curve, points));
  return count;
}

std::vector<CurveSample> curve_samples(const Json& curves, const std::vector<Point>& points,
                                       const WorkWatch& watch) {
  CurveSamples samples(curves.size(), watch);
  for (const Json& curve : curves) {
    const CurveKind& kind = curve_kind(curve);
    samples.begin_curve(kind.count(curve, points));
    kind.add(curve, points, samples);
    samples.end_curve();
  }
  return samples.take();
}

}  // namespace bncollapse::study
