// The tables of the single neuron.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "store/common_rows.hpp"

namespace bncollapse::study {

template <>
struct Table<PointSummary> {
  static constexpr auto name = "point",
                        help =
                            "The finished points of the sweep. gamma, beta and u belong to the mean of the "
                            "initial law.";
  static constexpr std::array key{"point"};
  static constexpr std::tuple columns{
      column("point", &PointSummary::index, "from 0, in the sweep's order"),
      column("parameters", &PointSummary::parameters, "JSON: swept field -> value"),
      column("gamma", &PointSummary::gamma, "initial scale γ"),
      column("beta", &PointSummary::beta, "initial shift β"),
      column("alpha", &PointSummary::alpha, "post-shift α of psBN; 0 for BN"),
      column("u", &PointSummary::u, "threshold u = -(β + α)/γ on x, infinite for γ = 0"),
      column("learning_rate", &PointSummary::learning_rate, "learning rate η"),
      column("noise_std", &PointSummary::noise_std, "standard deviation σ of the gradient"),
      column("batch", &PointSummary::batch, "samples m per step"),
      column("trajectories", &PointSummary::trajectories, "independent neurons"),
      column("steps", &PointSummary::steps, "optimizer steps"),
      column("precision", &PointSummary::precision, "number format of the state, as used"),
      column("approximation", &PointSummary::approximation, "what is approximated; null: nothing"),
      column("note", &PointSummary::note, "for people")};
};

struct PredictionRow : PredictedValue {
  std::int64_t point = 0;
  std::string quantity;
};

template <>
struct Table<PredictionRow> {
  static constexpr auto name = "prediction",
                        help = "What theory predicts of a point. A quantity that does not apply has no row.";
  static constexpr std::array key{"point", "quantity"};
  static constexpr std::tuple columns{
      point_column<PredictionRow>(), column("quantity", &PredictionRow::quantity, "see below"),
      column("value", &PredictedValue::value, "the predicted value"),
      column("error", &PredictedValue::error,
             "estimated absolute error of a quadrature; 0 for a closed form")};
  static constexpr auto quantities = quantity::predicted;
};

struct PredictionSeriesRow {
  std::int64_t point = 0, step = 0;
  std::string quantity;
  double value = 0;
};

template <>
struct Table<PredictionSeriesRow> {
  static constexpr auto name = "prediction_series",
                        help = "What theory predicts under weight decay alone, step by step.";
  static constexpr std::array key{"point", "quantity", "step"};
  static constexpr std::tuple columns{point_column<PredictionSeriesRow>(),
                                      column("step", &PredictionSeriesRow::step, "steps since the start"),
                                      column("quantity", &PredictionSeriesRow::quantity, "see below"),
                                      column("value", &PredictionSeriesRow::value, "the predicted value")};
  static constexpr auto quantities = quantity::predicted_by_step;
};

struct EstimateRow : sim::Mean {
  std::int64_t point = 0, step = 0;
  std::string quantity;
};

template <>
struct Table<EstimateRow> {
  static constexpr auto name = "estimate", help = "Means over the trajectories at the recorded steps.";
  static constexpr std::array key{"point", "quantity", "step"};
  static constexpr std::tuple columns{
      point_column<EstimateRow>(),
      column("step", &EstimateRow::step, "steps since the start"),
      column("quantity", &EstimateRow::quantity, "see below"),
      column("mean", &sim::Mean::mean, "the mean"),
      column("standard_error", &sim::Mean::standard_error, "of the mean; infinite for one trajectory"),
      column("count", &sim::Mean::count, "values in the mean")};
  static constexpr auto quantities = std::apply(
      [](const auto&... estimates) {
        return std::array{estimates.first..., quantity::collapse_probability};
      },
      quantity::estimated);
};

struct GroupMeanRow : sim::GroupMean {
  std::int64_t point = 0, step = 0, position = 0;
};

template <>
struct Table<GroupMeanRow> {
  static constexpr auto name = "group_mean",
                        help =
                            "The drift ΔP by groups of consecutive trajectories, under common "
                            "streams. It is the most precise estimate that is recorded.";
  static constexpr std::array key{"point", "step", "position"};
  static constexpr std::tuple columns{point_column<GroupMeanRow>(),
                                      column("step", &GroupMeanRow::step, "steps since the start"),
                                      column("position", &GroupMeanRow::position, "the group, from 0"),
                                      column("mean", &sim::GroupMean::mean, "the mean of the group"),
                                      column("count", &sim::GroupMean::count, "trajectories in the group")};
};

struct QuantileRow {
  std::int64_t point = 0, step = 0;
  std::string quantity;
  double probability = 0, value = 0;
};

template <>
struct Table<QuantileRow> {
  static constexpr auto name = "quantile",
                        help =
                            "Quantiles over the trajectories, from the histogram, whose bins are taken as "
                            "filled evenly. A quantile outside the bins has no row.";
  static constexpr std::array key{"point", "quantity", "step", "probability"};
  static constexpr std::tuple columns{point_column<QuantileRow>(),
                                      column("step", &QuantileRow::step, "steps since the start"),
                                      column("quantity", &QuantileRow::quantity, "see below"),
                                      column("probability", &QuantileRow::probability, "share below `value`"),
                                      column("value", &QuantileRow::value, "the quantile")};
  static constexpr auto quantities = quantity::with_quantiles;
};

struct HistogramRow {
  std::int64_t point = 0, step = 0;
  std::string quantity;
  double x_lower = 0, x_upper = 0;
  std::int64_t x_count = 0;
  std::optional<double> y_lower = {}, y_upper = {};
  std::optional<std::int64_t> y_count = {};
  std::vector<std::int64_t> counts;
  std::int64_t below = 0, above = 0;
};

template <>
struct Table<HistogramRow> {
  static constexpr auto name = "histogram",
                        help =
                            "Histograms over the trajectories. A histogram of times has bins over (0, "
                            "x_upper], and stands at the last step.";
  static constexpr std::array key{"point", "quantity", "step"};
  static constexpr std::tuple columns{
      point_column<HistogramRow>(),
      column("step", &HistogramRow::step, "steps since the start"),
      column("quantity", &HistogramRow::quantity, "see below"),
      column("x_lower", &HistogramRow::x_lower, "lower end of the first bin"),
      column("x_upper", &HistogramRow::x_upper, "upper end of the last bin"),
      column("x_count", &HistogramRow::x_count, "equal bins along x"),
      column("y_lower", &HistogramRow::y_lower, "the same along y; null for one dimension"),
      column("y_upper", &HistogramRow::y_upper, "the same along y"),
      column("y_count", &HistogramRow::y_count, "the same along y"),
      column("counts", &HistogramRow::counts, "trajectories in each bin, x major"),
      column("below", &HistogramRow::below, "trajectories below the bins"),
      column("above", &HistogramRow::above, "trajectories above the bins")};
  static constexpr auto quantities = quantity::with_histograms;
};

struct PathRow : sim::PathPoint {
  std::int64_t point = 0;
};

template <>
struct Table<PathRow> {
  static constexpr auto name = "path", help = "Whole trajectories, for drawing.";
  static constexpr std::array key{"point", "path", "step"};
  static constexpr std::tuple columns{point_column<PathRow>(),
                                      column("path", &sim::PathPoint::path, "the trajectory, from 0"),
                                      column("step", &sim::PathPoint::step, "steps since the start"),
                                      column("gamma", &sim::PathPoint::gamma, "the scale γ"),
                                      column("beta", &sim::PathPoint::beta, "the shift β")};
};

template <>
struct Table<CurveSample> {
  static constexpr auto name = "curve",
                        help = "Predicted curves with many samples, so that figures compute no theory.";
  static constexpr std::array<const char*, 0> key{};
  static constexpr std::tuple columns{column("curve", &CurveSample::curve, "the curve"),
                                      column("series", &CurveSample::series, "the line of the curve"),
                                      column("x", &CurveSample::x, "abscissa"),
                                      column("y", &CurveSample::y, "ordinate")};
};

}  // namespace bncollapse::study
