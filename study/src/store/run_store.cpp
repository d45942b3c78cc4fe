#include "bncollapse/study/run_store.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "bncollapse/study/quantity.hpp"
#include "store/neuron_rows.hpp"
#include "store/read_points.hpp"
#include "store/store_file.hpp"

namespace bncollapse::study {

static std::int64_t index_of(const StoredPoint& point) { return point.summary.index; }

namespace {

/// The histograms of times; the others are for drawing.
const std::string times_alone = fmt::format("WHERE quantity IN ('{}', '{}')", quantity::first_activation.name,
                                            quantity::collapse_time.name);

void insert_prediction(SQLite::Database& database, std::int64_t point, const PointPrediction& prediction) {
  Insert<PredictionRow> insert_value(database);
  for (const auto& [quantity, predicted] : prediction.values) insert_value({predicted, point, quantity});
  Insert<PredictionSeriesRow> insert_series(database);
  for (const auto& [quantity, values] : prediction.series) {
    for (const auto& [step, value] : values) insert_series({point, step, quantity, value});
  }
}

void insert_means(SQLite::Database& database, std::int64_t point, const sim::Record& record) {
  Insert<EstimateRow> insert(database);
  const auto insert_estimate = [&](const auto& estimated) {
    const auto& [quantity, member] = estimated;
    if (const std::optional<sim::Mean> mean = record.*member) insert({*mean, point, record.step, quantity});
  };
  std::apply([&](const auto&... estimated) { (insert_estimate(estimated), ...); }, quantity::estimated);
  Insert<GroupMeanRow> insert_group(database);
  std::int64_t position = 0;
  for (const sim::GroupMean& group : record.change_by_group)
    insert_group({group, point, record.step, position++});
}

void insert_histograms(SQLite::Database& database, std::int64_t point, std::int64_t step,
                       const sim::RecordHistograms& histograms) {
  Insert<HistogramRow> insert(database);
  Insert<QuantileRow> insert_quantile(database);
  const auto insert_histogram = [&](const Quantity& quantity, const sim::Histogram& histogram) {
    const sim::Bins& bins = histogram.bins;
    insert({.point = point,
            .step = step,
            .quantity = quantity,
            .x_lower = bins.lower,
            .x_upper = bins.upper,
            .x_count = bins.count,
            .counts = histogram.counts,
            .below = histogram.below,
            .above = histogram.above});
    for (const double probability : quantity::quantile_probabilities) {
      const double value = histogram.quantile(probability);
      if (std::isfinite(value)) insert_quantile({point, step, quantity, probability, value});
    }
  };
  insert_histogram(quantity::gamma, histograms.gamma);
  insert_histogram(quantity::beta, histograms.beta);
  insert_histogram(quantity::u, histograms.u);
  const sim::Histogram2d& both = histograms.gamma_beta;
  insert({.point = point,
          .step = step,
          .quantity = quantity::gamma_beta,
          .x_lower = both.x.lower,
          .x_upper = both.x.upper,
          .x_count = both.x.count,
          .y_lower = both.y.lower,
          .y_upper = both.y.upper,
          .y_count = both.y.count,
          .counts = both.counts,
          .above = both.outside});
}

void insert_times(SQLite::Database& database, const PointSummary& point, const Quantity& quantity,
                  const std::optional<sim::TimeHistogram>& times) {
  if (!times) return;
  const auto count = static_cast<std::int64_t>(times->counts.size());
  Insert<HistogramRow>{database}({.point = point.index,
                                  .step = point.steps,
                                  .quantity = quantity,
                                  .x_upper = static_cast<double>(times->bin_width * count),
                                  .x_count = count,
                                  .counts = times->counts,
                                  .above = times->never});
}

void insert_estimates(SQLite::Database& database, const PointSummary& point,
                      const sim::Estimates& estimates) {
  for (const sim::Record& record : estimates.records) {
    insert_means(database, point.index, record);
    if (record.histograms) insert_histograms(database, point.index, record.step, *record.histograms);
  }
  insert_times(database, point, quantity::first_activation, estimates.first_activation);
  insert_times(database, point, quantity::collapse_time, estimates.collapse_time);
  if (estimates.rare_collapse) {
    Insert<EstimateRow>{database}(
        {estimates.rare_collapse->probability, point.index, point.steps, quantity::collapse_probability});
  }
  Insert<PathRow> insert_path(database);
  for (const sim::PathPoint& path : estimates.paths) insert_path({path, point.index});
}

StoredRun read_run(SQLite::Database& database) {
  StoredRun run{stored_json(meta(database, meta_key::spec)), {}};
  std::vector<StoredPoint>& points = run.points;
  for_each_row<PointSummary>(
      database, "WHERE point < ? ORDER BY point",
      [&](PointSummary& summary) {
        points.push_back({std::move(summary), {}, {}, {}, {}, {}});
      },
      points_of_spec(database));
  for_each_row_of<PredictionRow>(points, database, "", [](StoredPoint& point, const PredictionRow& row) {
    point.predictions[row.quantity] = static_cast<const PredictedValue&>(row);
  });
  for_each_row_of<PredictionSeriesRow>(points, database, "",
                                       [](StoredPoint& point, const PredictionSeriesRow& row) {
                                         point.series[row.quantity][row.step] = row.value;
                                       });
  for_each_row_of<EstimateRow>(points, database, "", [](StoredPoint& point, const EstimateRow& row) {
    point.estimates[row.quantity][row.step] = static_cast<const sim::Mean&>(row);
  });
  for_each_row_of<GroupMeanRow>(
      points, database, "ORDER BY point, step, position",
      [](StoredPoint& point, const GroupMeanRow& row) { point.groups[row.step].push_back(row); });
  for_each_row_of<HistogramRow>(points, database, times_alone, [](StoredPoint& point, HistogramRow& row) {
    point.times[row.quantity] = {std::llround(row.x_upper / static_cast<double>(row.x_count)),
                                 std::move(row.counts), row.above};
  });
  return run;
}

}  // namespace

std::int64_t TimeCounts::total() const {
  std::int64_t sum = never;
  for (const std::int64_t count : counts) sum += count;
  return sum;
}

void RunStore::write(const PointResult& result) {
  file().commit_long([&](SQLite::Database& database) {
    Insert<PointSummary>{database}(result.summary);
    insert_prediction(database, result.summary.index, result.prediction);
    insert_estimates(database, result.summary, result.estimates);
  });
}

void RunStore::write(const std::vector<CurveSample>& curves) {
  file().commit_long([&](SQLite::Database& database) {
    database.exec("DELETE FROM curve");
    Insert<CurveSample> insert(database);
    for (const CurveSample& sample : curves) insert(sample);
  });
}

StoredRun RunStore::read() const { return file().read(read_run); }

StoredRun read_stored_run(const std::filesystem::path& folder) {
  return with_store(neuron_store_format(), folder, read_run);
}

}  // namespace bncollapse::study
