#include "host/plan_experiment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace bncollapse::sim {
namespace {

using theory::LawName;

SampleLaw ratio_law(InitialEvenRatio::Law law) {
  switch (law) {
    case InitialEvenRatio::Law::gaussian:
      break;
    case InitialEvenRatio::Law::uniform:
      return SampleLaw::uniform;
    case InitialEvenRatio::Law::rademacher:
      return SampleLaw::rademacher;
  }
  return SampleLaw::gaussian;
}

struct PlanStart {
  using Kind = StartPlan::Kind;

  StartPlan operator()(const InitialPoint& point) const {
    return {.kind = Kind::point, .gamma_offset = point.gamma, .beta_offset = point.beta};
  }
  StartPlan operator()(const InitialTable& table) const {
    return {.kind = Kind::table,
            .gamma_rows = table.gamma.data(),
            .beta_rows = table.beta.data(),
            .rows = std::ssize(table.gamma)};
  }
  StartPlan operator()(const InitialNormal& normal) const {
    return {.kind = Kind::normal,
            .gamma_offset = normal.gamma_mean,
            .gamma_scale = normal.gamma_std,
            .beta_offset = normal.beta_mean,
            .beta_scale = normal.beta_std};
  }
  StartPlan operator()(const InitialUniform& uniform) const {
    return {.kind = Kind::uniform,
            .gamma_offset = uniform.gamma_lower,
            .gamma_scale = uniform.gamma_upper - uniform.gamma_lower,
            .beta_offset = uniform.beta_lower,
            .beta_scale = uniform.beta_upper - uniform.beta_lower};
  }
  StartPlan operator()(const InitialEvenRatio& even) const {
    return {.kind = Kind::ratio,
            .gamma_offset = even.gamma,
            .beta_scale = even.gamma * even.ratio_std,
            .ratio = plain_source<double>(ratio_law(even.law))};
  }
};

}  // namespace

template <class T>
PlannedStep<T>::PlannedStep(const Experiment& experiment) {
  const Model& model = experiment.model;
  const Recording& recording = experiment.recording;
  const theory::Law& law = *model.x_law;

  switch (law.name()) {
    case LawName::gaussian:
      break;
    case LawName::laplace:
      plan_.x = plain_source<T>(SampleLaw::laplace);
      break;
    case LawName::logistic:
      plan_.x = plain_source<T>(SampleLaw::logistic);
      break;
    case LawName::uniform:
      plan_.x = plain_source<T>(SampleLaw::uniform);
      break;
    case LawName::student_t:
      plan_.x = student_t_source<T>(law.parameter());
      break;
    case LawName::skew_normal:
      plan_.x = skew_normal_source<T>(law.parameter());
      break;
    case LawName::empirical:
      tabulate(law);
      break;
  }
  plan_.noise = noise_source<T>(model.noise);
  plan_.noise_mean = static_cast<T>(model.noise.mean);
  plan_.noise_std = static_cast<T>(model.noise.std);
  if (model.batch_mode == BatchMode::gaussian_limit) {
    plan_.draw_kind = DrawKind::gaussian_limit;
  } else if (plan_.x.law == SampleLaw::gaussian && plan_.noise.law == SampleLaw::gaussian) {
    plan_.draw_kind = DrawKind::gaussian_pairs;
  } else {
    plan_.draw_kind = DrawKind::any;
  }
  plan_.key = random_stream_key(experiment.seed, experiment.random_stream);
  plan_.alpha = static_cast<T>(model.alpha);
  plan_.leak = static_cast<T>(model.leak);
  plan_.batch = model.batch;
  plan_.inverse_batch = static_cast<T>(1 / static_cast<double>(model.batch));

  plan_.optimizer = theory::rule_constants<T>(experiment.optimizer);

  plan_.antithetic = recording.antithetic;
  plan_.control_variate = recording.control_variate;
  plan_.first_activation = recording.first_activation;
  plan_.collapse_time = recording.collapse_time;
  plan_.gamma_threshold = static_cast<T>(recording.gamma_threshold);
  plan_.upper_threshold = static_cast<T>(law.upper_quantile(recording.probability_threshold));
  plan_.lower_threshold = static_cast<T>(law.quantile(recording.probability_threshold));
}

template <class T>
void PlannedStep<T>::tabulate(const theory::Law& empirical) {
  const std::vector<double> edges = empirical.breakpoints();
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    // From rounded values, so that no draw leaves its bin.
    const T below = static_cast<T>(empirical.cdf(edges[i])),
            above = static_cast<T>(empirical.cdf(edges[i + 1]));
    if (above > below) {
      bins_.push_back(
          {below, static_cast<T>(edges[i]), static_cast<T>(edges[i + 1] - edges[i]) / (above - below)});
    }
  }
  std::size_t bin = 0;
  for (int part = 0; part < empirical_guide_size; ++part) {
    const T begin = static_cast<T>(part) / static_cast<T>(empirical_guide_size);
    while (bin + 1 < bins_.size() && bins_[bin + 1].cumulative <= begin) ++bin;
    guide_.push_back(static_cast<std::int32_t>(bin));
  }
  plan_.x = plain_source<T>(SampleLaw::empirical);
  plan_.x.bins = bins_.data();
  plan_.x.bin_count = static_cast<int>(bins_.size());
  plan_.x.guide = guide_.data();
}

template class PlannedStep<float>;
template class PlannedStep<double>;

StartPlan plan_start(const Initial& initial) { return std::visit(PlanStart{}, initial); }

std::int64_t end_of_rate(const Schedule& schedule, std::int64_t step, std::int64_t to) {
  if (schedule.kind == Schedule::Kind::constant) return to;
  return std::min((step / schedule.period + 1) * schedule.period, to);
}

template <class T>
RateTable<T>::RateTable(const Experiment& experiment)
    : experiment_(experiment),
      steady_(experiment.schedule.kind == Schedule::Kind::constant &&
              !theory::has_bias_correction(experiment.optimizer)) {}

template <class T>
Rates<T> RateTable<T>::from(std::int64_t first_step, std::int64_t wanted) {
  wanted = std::min(wanted, rate_table_capacity);
  if (steady_) first_step = 0;
  if (first_step < begin_ || first_step + wanted > end_) {
    fill(first_step, steady_ ? wanted : std::min(rate_table_capacity, experiment_.steps - first_step));
  }
  const std::int64_t offset = first_step - begin_;
  return {rate_.data() + offset, shrink_.data() + offset, root_.data() + offset};
}

template <class T>
void RateTable<T>::fill(std::int64_t first_step, std::int64_t count) {
  begin_ = first_step;
  end_ = first_step + count;
  rate_.clear();
  shrink_.clear();
  root_.clear();
  const theory::Optimizer& optimizer = experiment_.optimizer;
  for (std::int64_t t = begin_ + 1; t <= end_; ++t) {
    const double rate = learning_rate_at(experiment_.schedule, optimizer.learning_rate, t);
    double unseen1 = 0, unseen2 = 0;
    if (theory::has_bias_correction(optimizer)) {
      const double taken = optimizer.steps_taken + static_cast<double>(t);
      unseen1 = std::pow(optimizer.beta1, taken);
      unseen2 = std::pow(optimizer.beta2, taken);
    }
    const theory::RuleRates rates = theory::rule_rates(optimizer, rate, unseen1, unseen2);
    rate_.push_back(static_cast<T>(rates.rate));
    shrink_.push_back(static_cast<T>(rates.shrink));
    root_.push_back(static_cast<T>(rates.root));
  }
}

template class RateTable<float>;
template class RateTable<double>;

}  // namespace bncollapse::sim
