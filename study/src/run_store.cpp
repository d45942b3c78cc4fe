#include "bncollapse/study/run_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>
#include <utility>

#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "row_checksums.hpp"
#include "store_file.hpp"
#include "store_schema.hpp"

namespace bncollapse::study {
namespace {

constexpr std::array quantile_probabilities{0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};

std::vector<unsigned char> little_endian(const std::vector<std::int64_t>& counts) {
  std::vector<unsigned char> bytes;
  bytes.reserve(counts.size() * sizeof(std::int64_t));
  for (const std::int64_t count : counts) {
    const auto bits = std::bit_cast<std::uint64_t>(count);
    for (int shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<unsigned char>(bits >> shift & 0xff));
  }
  return bytes;
}

std::vector<std::int64_t> counts_of(const SQLite::Column& blob) {
  const auto* bytes = static_cast<const unsigned char*>(blob.getBlob());
  std::vector<std::int64_t> counts(static_cast<std::size_t>(blob.getBytes()) / sizeof(std::int64_t));
  for (std::size_t i = 0; i < counts.size(); ++i) {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) bits |= std::uint64_t{bytes[8 * i + byte]} << 8 * byte;
    counts[i] = std::bit_cast<std::int64_t>(bits);
  }
  return counts;
}

void insert_summary(SQLite::Database& database, const PointSummary& point) {
  Insert(database, "point", 14)
      .row(point.index, point.parameters.dump(), point.gamma, point.beta, point.alpha, checked(point.u, "u"),
           point.learning_rate, point.noise_std, point.batch, point.trajectories, point.steps,
           point.precision, point.approximation, point.note);
}

void insert_prediction(SQLite::Database& database, std::int64_t point, const PointPrediction& prediction) {
  Insert value_row(database, "prediction", 4);
  for (const auto& [quantity, predicted] : prediction.values) {
    value_row.row(point, quantity, checked(predicted.value, "the prediction " + quantity), predicted.error);
  }
  Insert series_row(database, "prediction_series", 4);
  for (const auto& [quantity, values] : prediction.series) {
    for (const auto& [step, value] : values) series_row.row(point, step, quantity, checked(value, quantity));
  }
}

void insert_means(SQLite::Database& database, std::int64_t point, const sim::Record& record) {
  Insert estimate(database, "estimate", 6);
  const auto insert = [&](const char* quantity, const sim::Mean& mean) {
    estimate.row(point, record.step, quantity, checked(mean.mean, quantity),
                 checked(mean.standard_error, quantity), mean.count);
  };
  insert(quantity::probability, record.probability);
  insert(quantity::probability_change, record.probability_change);
  if (record.change_antithetic) insert(quantity::probability_change_antithetic, *record.change_antithetic);
  if (record.change_control_variate)
    insert(quantity::probability_change_control_variate, *record.change_control_variate);
  insert(quantity::gamma, record.gamma);
  insert(quantity::beta, record.beta);
  insert(quantity::collapsed_share, record.collapsed_share);
  insert(quantity::small_gamma_share, record.small_gamma_share);
  insert(quantity::inactive_share, record.inactive_share);
  Insert group_row(database, "group_mean", 5);
  std::int64_t position = 0;
  for (const sim::GroupMean& group : record.change_by_group) {
    group_row.row(point, record.step, position++, checked(group.mean, "the mean of a group"), group.count);
  }
}

void insert_histograms(SQLite::Database& database, std::int64_t point, std::int64_t step,
                       const sim::RecordHistograms& histograms) {
  Insert histogram_row(database, "histogram", 12);
  Insert quantile_row(database, "quantile", 5);
  const auto insert = [&](const char* quantity, const sim::Histogram& histogram) {
    const sim::Bins& bins = histogram.bins;
    histogram_row.row(point, step, quantity, bins.lower, bins.upper, bins.count, nullptr, nullptr, nullptr,
                      little_endian(histogram.counts), histogram.below, histogram.above);
    for (const double probability : quantile_probabilities) {
      const double value = histogram.quantile(probability);
      if (std::isfinite(value)) quantile_row.row(point, step, quantity, probability, value);
    }
  };
  insert(quantity::gamma, histograms.gamma);
  insert(quantity::beta, histograms.beta);
  insert(quantity::u, histograms.u);
  const sim::Histogram2d& both = histograms.gamma_beta;
  histogram_row.row(point, step, quantity::gamma_beta, both.x.lower, both.x.upper, both.x.count, both.y.lower,
                    both.y.upper, both.y.count, little_endian(both.counts), std::int64_t{0}, both.outside);
}

void insert_times(SQLite::Database& database, std::int64_t point, std::int64_t steps, const char* quantity,
                  const sim::TimeHistogram& times) {
  const auto count = static_cast<std::int64_t>(times.counts.size());
  Insert(database, "histogram", 12)
      .row(point, steps, quantity, 0.0, static_cast<double>(times.bin_width * count), count, nullptr, nullptr,
           nullptr, little_endian(times.counts), std::int64_t{0}, times.never);
}

void insert_estimates(SQLite::Database& database, const PointSummary& point,
                      const sim::Estimates& estimates) {
  for (const sim::Record& record : estimates.records) {
    insert_means(database, point.index, record);
    if (record.histograms) insert_histograms(database, point.index, record.step, *record.histograms);
  }
  if (estimates.first_activation) {
    insert_times(database, point.index, point.steps, quantity::first_activation, *estimates.first_activation);
  }
  if (estimates.collapse_time) {
    insert_times(database, point.index, point.steps, quantity::collapse_time, *estimates.collapse_time);
  }
  if (estimates.rare_collapse) {
    const sim::Mean& probability = estimates.rare_collapse->probability;
    Insert(database, "estimate", 6)
        .row(point.index, point.steps, quantity::collapse_probability, probability.mean,
             probability.standard_error, probability.count);
  }
  Insert path_row(database, "path", 5);
  for (const sim::PathPoint& path : estimates.paths) {
    path_row.row(point.index, path.path, path.step, checked(path.gamma, "gamma"), checked(path.beta, "beta"));
  }
}

void read_points(SQLite::Database& database, const std::string& file, StoredRun& run) {
  SQLite::Statement query(database, "SELECT * FROM point WHERE point < ? ORDER BY point");
  query.bind(1, points_of_spec(database));
  while (query.executeStep()) {
    PointSummary point;
    point.index = query.getColumn("point").getInt64();
    point.parameters = stored_json(query.getColumn("parameters").getString(), file);
    point.gamma = query.getColumn("gamma").getDouble();
    point.beta = query.getColumn("beta").getDouble();
    point.alpha = query.getColumn("alpha").getDouble();
    point.u = query.getColumn("u").getDouble();
    point.learning_rate = query.getColumn("learning_rate").getDouble();
    point.noise_std = query.getColumn("noise_std").getDouble();
    point.batch = query.getColumn("batch").getInt64();
    point.trajectories = query.getColumn("trajectories").getInt64();
    point.steps = query.getColumn("steps").getInt64();
    point.precision = query.getColumn("precision").getString();
    if (const auto column = query.getColumn("approximation"); !column.isNull())
      point.approximation = column.getString();
    point.note = query.getColumn("note").getString();
    run.points.push_back({point, {}, {}, {}, {}, {}});
  }
}

/// Calls `visit(point, row)` for each row of a query whose first column is the point.
template <class Visit>
void for_each_row(SQLite::Database& database, StoredRun& run, const std::string& sql, const Visit& visit) {
  SQLite::Statement query(database, sql);
  while (query.executeStep()) {
    const auto index = static_cast<std::size_t>(query.getColumn(0).getInt64());
    if (index < run.points.size()) visit(run.points[index], query);
  }
}

StoredRun read_run(SQLite::Database& database, const std::string& file) {
  StoredRun run;
  run.spec = stored_json(meta(database, "spec"), file);
  read_points(database, file, run);
  using Row = SQLite::Statement;
  for_each_row(database, run, "SELECT point, quantity, value, error FROM prediction",
               [](StoredPoint& point, Row& row) {
                 point.predictions[row.getColumn(1).getString()] = {row.getColumn(2).getDouble(),
                                                                    row.getColumn(3).getDouble()};
               });
  for_each_row(database, run, "SELECT point, quantity, step, value FROM prediction_series",
               [](StoredPoint& point, Row& row) {
                 point.series[row.getColumn(1).getString()][row.getColumn(2).getInt64()] =
                     row.getColumn(3).getDouble();
               });
  for_each_row(database, run, "SELECT point, quantity, step, mean, standard_error, count FROM estimate",
               [](StoredPoint& point, Row& row) {
                 point.estimates[row.getColumn(1).getString()][row.getColumn(2).getInt64()] = {
                     row.getColumn(3).getDouble(), row.getColumn(4).getDouble(), row.getColumn(5).getInt64()};
               });
  for_each_row(database, run,
               "SELECT point, step, mean, count FROM group_mean ORDER BY point, step, position",
               [](StoredPoint& point, Row& row) {
                 point.groups[row.getColumn(1).getInt64()].push_back(
                     {row.getColumn(2).getDouble(), row.getColumn(3).getInt64()});
               });
  for_each_row(database, run,
               fmt::format("SELECT point, quantity, x_upper, x_count, counts, above FROM histogram "
                           "WHERE quantity IN ('{}', '{}')",
                           quantity::first_activation, quantity::collapse_time),
               [](StoredPoint& point, Row& row) {
                 TimeCounts& times = point.times[row.getColumn(1).getString()];
                 times.width = std::llround(row.getColumn(2).getDouble() / row.getColumn(3).getDouble());
                 times.counts = counts_of(row.getColumn(4));
                 times.never = row.getColumn(5).getInt64();
               });
  return run;
}

}  // namespace

std::int64_t TimeCounts::total() const {
  std::int64_t sum = never;
  for (const std::int64_t count : counts) sum += count;
  return sum;
}

RunStore::RunStore(const std::filesystem::path& folder, const Spec& spec, const RunEnvironment& environment,
                   Existing existing, const std::atomic<bool>* stop)
    : file_(std::make_unique<StoreFile>(folder, spec, existing, stop, [&](SQLite::Database& database) {
        create_tables(database, store_schema, spec, environment,
                      {{"precision", spec.resolved.at("simulation").at("precision").get<std::string>()}});
      })) {}

RunStore::~RunStore() = default;

std::int64_t RunStore::finished_points() const {
  return file_->with([](SQLite::Database& database) {
    SQLite::Statement query(database, "SELECT count(*) FROM point WHERE point < ?");
    query.bind(1, points_of_spec(database));
    query.executeStep();
    return query.getColumn(0).getInt64();
  });
}

void RunStore::write(const PointResult& result) {
  file_->commit_long([&](SQLite::Database& database) {
    insert_summary(database, result.summary);
    insert_prediction(database, result.summary.index, result.prediction);
    insert_estimates(database, result.summary, result.estimates);
  });
}

void RunStore::write(const std::vector<CurveSample>& curves, const std::vector<Verdict>& verdicts) {
  file_->commit_long([&](SQLite::Database& database) {
    database.exec("DELETE FROM curve");
    Insert curve_row(database, "curve", 4);
    for (const CurveSample& sample : curves) {
      curve_row.row(sample.curve, sample.series, checked(sample.x, sample.curve),
                    checked(sample.y, sample.curve));
    }
    replace_verdicts(database, verdicts);
  });
}

StoredRun RunStore::read() const {
  return file_->read([&](SQLite::Database& database) { return read_run(database, file_->path()); });
}

namespace {

Cell cell_of(const SQLite::Column& column) {
  switch (column.getType()) {
    case SQLITE_INTEGER:
      return column.getInt64();
    case SQLITE_FLOAT:
      return column.getDouble();
    case SQLITE_TEXT:
      return column.getString();
    case SQLITE_BLOB:
      return counts_of(column);
    default:
      return std::monostate{};
  }
}

}  // namespace

StoredRun read_stored_run(const std::filesystem::path& folder) {
  return with_store(folder, [&](SQLite::Database& database) {
    return read_run(database, (folder / store_file_name).string());
  });
}

bool is_file_of_run(const std::filesystem::path& path, const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const std::string store = store_file_name;
  std::error_code error;
  const fs::path beside = fs::absolute(path, error).parent_path();
  if (fs::equivalent(beside, folder / "checkpoints", error)) return true;
  // Of this run, or of another.
  const bool is_inside = fs::equivalent(beside, folder, error) || fs::exists(beside / store, error);
  for (const std::string& name :
       {store, store + "-journal", store + "-wal", store + "-shm", std::string("spec.resolved.json"),
        std::string("verdicts.json"), std::string(".lock")}) {
    if ((is_inside && path.filename() == name) || fs::equivalent(path, folder / name, error)) return true;
  }
  return false;
}

std::size_t StoredTable::column(const std::string& wanted) const {
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), wanted) - columns.begin());
}

class StoredTables::File {
 public:
  explicit File(const std::filesystem::path& folder)
      : path_((folder / store_file_name).string()), database_(open_store(folder)) {}

  template <class Read>
  auto with(const Read& read) {
    return guarded(path_, [&] { return read(database_); });
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  SQLite::Database database_;
};

StoredTables::StoredTables(const std::filesystem::path& folder) : file_(std::make_unique<File>(folder)) {
  file_->with([&](SQLite::Database& database) {
    SQLite::Statement query(database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid");
    while (query.executeStep()) {
      if (const std::string name = query.getColumn(0).getString(); name != checksum_table)
        names_.push_back(name);
    }
  });
}

StoredTables::~StoredTables() = default;

void StoredTables::fail_as_damaged(const std::string& reason) const {
  study::fail_as_damaged(file_->path(), reason);
}

StoredTable StoredTables::read(const std::string& table) const {
  if (std::find(names_.begin(), names_.end(), table) == names_.end()) {
    throw InputError(fmt::format("{}: has no table {}; it has {}", file_->path(), theory::shortened(table),
                                 fmt::join(names_, ", ")));
  }
  return file_->with([&](SQLite::Database& database) {
    StoredTable result{table, {}, {}};
    SQLite::Statement query(database, "SELECT * FROM \"" + table + '"');
    for (int i = 0; i < query.getColumnCount(); ++i) result.columns.emplace_back(query.getColumnName(i));
    const auto point = static_cast<int>(result.column("point"));
    const std::int64_t points = points_of_spec(database);
    while (query.executeStep()) {
      if (point < query.getColumnCount() && query.getColumn(point).getInt64() >= points) continue;
      auto& row = result.rows.emplace_back();
      for (int i = 0; i < query.getColumnCount(); ++i) row.push_back(cell_of(query.getColumn(i)));
    }
    return result;
  });
}

}  // namespace bncollapse::study
