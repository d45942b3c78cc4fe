#include "bncollapse/study/run_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string_view>
#include <utility>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "bncollapse/study/version.hpp"
#include "store_schema.hpp"

namespace bncollapse::study {
namespace {

/// Marks the file as ours: "BNCO" as SQLite's application_id.
constexpr int application_id = 0x424e434f;

constexpr std::array quantile_probabilities{0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999};

[[noreturn]] void fail(const std::string& file, const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
      throw InputError(
          file + ": is not an SQLite file, so no store of bncollapse; move it away or take another folder");
    case SQLITE_CORRUPT:
      throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, error.what()));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw RunError(file + ": is being used by another program; try again when that has ended");
    default:
      throw RunError(
          fmt::format("{}: {} (SQLite: {}); points finished before are kept: free space or permissions, "
                      "then run again with --resume",
                      file, error.what(), error.getErrorStr()));
  }
}

/// Runs `action()`, with SQLite's errors told as ours.
template <class Action>
auto guarded(const std::string& file, const Action& action) {
  try {
    return action();
  } catch (const SQLite::Exception& error) {
    fail(file, error);
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, error.what()));
  }
}

/// SQLite holds no NaN (it would turn into null): none may arise.
double checked(double value, std::string_view what) {
  if (std::isnan(value))
    throw RunError(fmt::format("{} came out as NaN; nothing of this point was stored", what));
  return value;
}

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

/// One row into `table`: the values are bound in the order of its columns.
class Insert {
 public:
  Insert(SQLite::Database& database, const std::string& table, int columns)
      : statement_(database, "INSERT INTO " + table + " VALUES (?" + repeated(columns - 1) + ")") {}

  template <class... Values>
  void row(const Values&... values) {
    int column = 0;
    (bind(++column, values), ...);
    statement_.exec();
    statement_.reset();
    statement_.clearBindings();
  }

 private:
  static std::string repeated(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += ", ?";
    return text;
  }
  void bind(int column, std::int64_t value) { statement_.bind(column, value); }
  void bind(int column, double value) { statement_.bind(column, value); }
  void bind(int column, const std::string& value) { statement_.bind(column, value); }
  void bind(int column, std::string_view value) { statement_.bind(column, std::string(value)); }
  void bind(int column, const char* value) { statement_.bind(column, value); }
  void bind(int column, std::nullptr_t) { statement_.bind(column); }
  void bind(int column, const std::vector<unsigned char>& value) {
    statement_.bind(column, value.data(), static_cast<int>(value.size()));
  }
  template <class Value>
  void bind(int column, const std::optional<Value>& value) {
    if (value)
      bind(column, *value);
    else
      bind(column, nullptr);
  }

  SQLite::Statement statement_;
};

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

std::string meta(SQLite::Database& database, const std::string& key) {
  SQLite::Statement query(database, "SELECT value FROM meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

int pragma(SQLite::Database& database, const std::string& name) {
  return database.execAndGet("PRAGMA " + name).getInt();
}

bool is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void require_ours(SQLite::Database& database, const std::string& file) {
  if (pragma(database, "application_id") != application_id) {
    throw InputError(
        file + ": is an SQLite file, but not a store of bncollapse; move it away or take another folder");
  }
  if (const int version = pragma(database, "user_version"); version != store_version) {
    throw InputError(fmt::format("{}: has store version {}, this program writes {}; take another folder",
                                 file, version, store_version));
  }
  const std::string damage = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (damage != "ok")
    throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, damage));
}

/// The first place at which two specs differ, for people.
std::string first_difference(const Json& stored, const Json& wanted) {
  const Json changes = Json::diff(stored, wanted);
  if (changes.empty()) return "the order of its keys";
  std::string path = changes.at(0).at("path").get<std::string>().substr(1);
  const Json::json_pointer pointer(changes.at(0).at("path").get<std::string>());
  for (char& c : path) c = c == '/' ? '.' : c;
  const auto shown = [&](const Json& spec) {
    return spec.contains(pointer) ? spec.at(pointer).dump() : "nothing";
  };
  return fmt::format("{} is {} in the store and {} in the spec", path, shown(stored), shown(wanted));
}

void require_same(SQLite::Database& database, const std::string& file, const Spec& spec) {
  constexpr const char* remedy = "take another folder with --out, or delete this one";
  if (const std::string version = meta(database, "program_version"); version != program_version()) {
    throw InputError(fmt::format("{}: cannot be resumed: it was made by version {}, this is {}; {}", file,
                                 version, program_version(), remedy));
  }
  if (meta(database, "spec_sha256") != spec.sha256()) {
    throw InputError(fmt::format("{}: cannot be resumed: it holds another experiment: {}; {}", file,
                                 first_difference(Json::parse(meta(database, "spec")), spec.resolved),
                                 remedy));
  }
}

void create_tables(SQLite::Database& database, const Spec& spec, const RunEnvironment& environment) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  database.exec(fmt::format("PRAGMA application_id = {}", application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", store_version));
  database.exec(store_schema);
  Insert row(database, "meta", 2);
  row.row("store_version", std::to_string(store_version));
  row.row("program_version", program_version());
  row.row("spec_sha256", spec.sha256());
  row.row("spec", spec.resolved.dump());
  row.row("name", spec.name());
  row.row("seed", spec.resolved.at("seed").dump());
  row.row("precision", spec.resolved.at("simulation").at("precision").get<std::string>());
  row.row("generator", "Philox 4x32-10");
  row.row("engine", environment.engine);
  row.row("host", environment.host);
  row.row("build", environment.build);
  row.row("started", environment.started);
  transaction.commit();
}

void read_points(SQLite::Database& database, StoredRun& run) {
  SQLite::Statement query(database, "SELECT * FROM point ORDER BY point");
  while (query.executeStep()) {
    PointSummary point;
    point.index = query.getColumn("point").getInt64();
    point.parameters = Json::parse(query.getColumn("parameters").getString());
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

StoredRun read_run(SQLite::Database& database) {
  StoredRun run;
  run.spec = Json::parse(meta(database, "spec"));
  read_points(database, run);
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

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw RunError(fmt::format("{}: cannot be made a folder: {}", folder.string(), error.message()));
}

}  // namespace

std::int64_t TimeCounts::total() const {
  std::int64_t sum = never;
  for (const std::int64_t count : counts) sum += count;
  return sum;
}

/// Held while the store is open for writing; the system lets it go when the process ends, however it ends.
class RunStore::Lock {
 public:
  explicit Lock(const std::filesystem::path& folder) {
    const std::string file = (folder / ".lock").string();
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) throw RunError(fmt::format("{}: cannot be written: {}", file, std::strerror(errno)));
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int reason = errno;
      ::close(descriptor_);
      if (reason != EWOULDBLOCK)
        throw RunError(fmt::format("{}: cannot be locked: {}", file, std::strerror(reason)));
      throw RunError(folder.string() +
                     ": another run is writing here; wait for it or take another folder with --out");
    }
  }
  ~Lock() { ::close(descriptor_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int descriptor_ = -1;
};

class RunStore::File {
 public:
  File(std::string path, int flags) : path_(std::move(path)), database_(path_, flags) {}

  template <class Action>
  auto with(const Action& action) {
    return guarded(path_, [&] { return action(database_); });
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  SQLite::Database database_;
};

RunStore::RunStore(const std::filesystem::path& folder, const Spec& spec, const RunEnvironment& environment,
                   Existing existing) {
  create_folder(folder);
  lock_ = std::make_unique<Lock>(folder);
  const std::string path = (folder / store_file_name).string();
  if (std::filesystem::is_directory(path)) throw InputError(path + ": is a folder; move it away");
  file_ = guarded(path,
                  [&] { return std::make_unique<File>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE); });
  file_->with([&](SQLite::Database& database) {
    database.exec("PRAGMA synchronous = FULL");
    if (is_empty(database)) {
      create_tables(database, spec, environment);
      return;
    }
    require_ours(database, path);
    if (existing == Existing::refuse) {
      throw InputError(path +
                       ": exists already; add --resume to continue it, or take another folder with --out");
    }
    require_same(database, path, spec);
  });
}

RunStore::~RunStore() = default;

std::int64_t RunStore::finished_points() const {
  return file_->with([](SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM point").getInt64();
  });
}

void RunStore::write(const PointResult& result) {
  file_->with([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    insert_summary(database, result.summary);
    insert_prediction(database, result.summary.index, result.prediction);
    insert_estimates(database, result.summary, result.estimates);
    transaction.commit();
  });
}

void RunStore::write(const std::vector<CurveSample>& curves, const std::vector<Verdict>& verdicts) {
  file_->with([&](SQLite::Database& database) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    database.exec("DELETE FROM curve");
    database.exec("DELETE FROM verdict");
    Insert curve_row(database, "curve", 4);
    for (const CurveSample& sample : curves) {
      curve_row.row(sample.curve, sample.series, checked(sample.x, sample.curve),
                    checked(sample.y, sample.curve));
    }
    Insert verdict_row(database, "verdict", 13);
    std::int64_t position = 0;
    for (const Verdict& verdict : verdicts) {
      verdict_row.row(position++, verdict.check, verdict.claim, verdict.point, verdict.field,
                      checked(verdict.measured, verdict.check), verdict.standard_error, verdict.predicted,
                      checked(verdict.deviation, verdict.check), verdict.tolerance, verdict.tolerance_source,
                      to_string(verdict.outcome), verdict.note);
    }
    transaction.commit();
  });
}

StoredRun RunStore::read() const {
  return file_->with([](SQLite::Database& database) { return read_run(database); });
}

namespace {

/// Calls `read(database)` on an existing store.
template <class Read>
auto with_store(const std::filesystem::path& folder, const Read& read) {
  const std::string path = (folder / store_file_name).string();
  if (!std::filesystem::is_regular_file(path)) {
    throw InputError(path + ": there is no such store; `bncollapse run` makes one");
  }
  return guarded(path, [&] {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    require_ours(database, path);
    return read(database);
  });
}

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

StoredRun read_stored_run(const std::filesystem::path& folder) { return with_store(folder, read_run); }

std::vector<std::string> store_tables() {
  return {"meta",     "point",      "prediction", "prediction_series",
          "estimate", "group_mean", "quantile",   "histogram",
          "path",     "curve",      "verdict"};
}

std::size_t StoredTable::column(const std::string& wanted) const {
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), wanted) - columns.begin());
}

StoredTable read_table(const std::filesystem::path& folder, const std::string& table) {
  return with_store(folder, [&](SQLite::Database& database) {
    StoredTable result{table, {}, {}};
    SQLite::Statement query(database, "SELECT * FROM " + table);
    for (int i = 0; i < query.getColumnCount(); ++i) result.columns.emplace_back(query.getColumnName(i));
    while (query.executeStep()) {
      auto& row = result.rows.emplace_back();
      for (int i = 0; i < query.getColumnCount(); ++i) row.push_back(cell_of(query.getColumn(i)));
    }
    return result;
  });
}

}  // namespace bncollapse::study
