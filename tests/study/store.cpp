#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/network_store.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/run_store.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "store/row_checksums.hpp"
#include "store/store_file.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

constexpr auto resume = Store::Existing::resume;
constexpr auto refuse = Store::Existing::refuse;

PointResult result_of(const Spec& spec, std::size_t index) {
  PointResult result;
  result.summary = spec.points.at(index).summary;
  result.prediction.values[quantity::drift_exact] = {-1.0 / 3, 1e-16};
  result.prediction.series[quantity::gamma][7] = 0.1;
  sim::Record record;
  record.step = 7;
  record.probability = {0.1 + 0.2, std::numeric_limits<double>::infinity(), 1};
  result.estimates.records.push_back(record);
  result.estimates.first_activation = sim::TimeHistogram{3, {5, 0, std::int64_t{1} << 40}, 2};
  result.estimates.rare_collapse = sim::RareCollapse{.probability = {1.0 / 7, 1.0 / 70, 3}, .work = 11};
  result.estimates.paths = {{0, 0, 1, 0}};
  return result;
}

template <class Action>
std::string input_error_of(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what is written is read back, bit for bit") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  {
    RunStore store(folder.path(), spec, {}, refuse);
    store.write(result_of(spec, 0));
    store.write(result_of(spec, 1));
    CHECK(store.finished_points().size() == 2);
  }
  const StoredRun run = read_stored_run(folder.path());
  CHECK(run.spec == spec.resolved);
  REQUIRE(run.points.size() == 2);
  const StoredPoint& point = run.points[1];
  CHECK(point.summary.learning_rate == 0.02);
  CHECK(point.summary.parameters == Json{{"optimizer.learning_rate", 0.02}});
  CHECK(point.predictions.at(quantity::drift_exact).value == -1.0 / 3);
  CHECK(point.series.at(quantity::gamma).at(7) == 0.1);
  CHECK(point.estimates.at(quantity::probability).at(7).mean == 0.1 + 0.2);
  CHECK(std::isinf(point.estimates.at(quantity::probability).at(7).standard_error));
  const sim::Mean& collapse = point.estimates.at(quantity::collapse_probability).at(point.summary.steps);
  CHECK(collapse.mean == 1.0 / 7);
  CHECK(collapse.standard_error == 1.0 / 70);
  CHECK(collapse.count == 3);
  const TimeCounts& times = point.times.at(quantity::first_activation);
  CHECK(times.width == 3);
  CHECK(times.counts == std::vector<std::int64_t>{5, 0, std::int64_t{1} << 40});
  CHECK(times.never == 2);
}

TEST_CASE("a point that cannot be stored whole leaves nothing") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  RunStore store(folder.path(), spec, {}, refuse);
  store.write(result_of(spec, 0));
  PointResult broken = result_of(spec, 1);
  broken.estimates.records.front().beta.mean = std::nan("");
  CHECK_THROWS_AS(store.write(broken), RunError);
  CHECK(store.finished_points().size() == 1);
  store.write(result_of(spec, 1));
  CHECK(store.finished_points().size() == 2);
}

TEST_CASE("a NaN is told with its place") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  RunStore store(folder.path(), spec, {}, refuse);
  PointResult broken = result_of(spec, 0);
  broken.estimates.records.front().beta.mean = std::nan("");
  CHECK_THROWS_WITH_AS(store.write(broken), doctest::Contains("mean of the table estimate came out as NaN"),
                       RunError);
}

TEST_CASE(
    "exported columns have their types, whatever they hold, and swept fields that of all their values") {
  const TemporaryFolder folder;
  Json json = small_spec();
  json["sweep"]["axes"] = {
      {{"rows",
        {{{"optimizer.learning_rate", 1}, {"model.batch.size", 2}, {"model.x.law", "gaussian"}},
         {{"optimizer.learning_rate", 0.5}, {"model.batch.size", 4}, {"model.x.law", "laplace"}}}}}};
  json.erase("checks");
  const Spec spec = parse(json);
  RunStore store(folder.path(), spec, {}, refuse);
  store.write(result_of(spec, 0));
  store.write(result_of(spec, 1));
  const StoredTables tables(folder.path());
  const auto type = [](const StoredTable& table, const char* column) { return table.find(column)->type; };
  const StoredTable estimates = tables.read_with_swept_fields("estimate");
  CHECK(type(estimates, "quantity") == ColumnType::text);
  CHECK(type(estimates, "count") == ColumnType::integer);
  CHECK(type(estimates, "mean") == ColumnType::real);
  CHECK(type(estimates, "optimizer.learning_rate") == ColumnType::real);
  CHECK(estimates.find("optimizer.learning_rate")->cells.front() == Cell(1.0));
  CHECK(type(estimates, "model.batch.size") == ColumnType::integer);
  CHECK(estimates.find("model.x.law")->cells.back() == Cell(std::string("laplace")));
  const StoredTable points = tables.read("point");
  CHECK(type(points, "approximation") == ColumnType::text);
  CHECK(points.find("approximation")->cells == std::vector<Cell>(2));
  const StoredTable quantiles = tables.read_with_swept_fields("quantile");
  CHECK(quantiles.row_count() == 0);
  CHECK(type(quantiles, "value") == ColumnType::real);
  CHECK(type(quantiles, "model.x.law") == ColumnType::text);
  const StoredTable histograms = tables.read("histogram");
  CHECK(type(histograms, "counts") == ColumnType::counts);
  CHECK(histograms.find("counts")->cells.front() ==
        Cell(std::vector<std::int64_t>{5, 0, std::int64_t{1} << 40}));
}

TEST_CASE("a cell of another type than its column's is damage") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  { RunStore(folder.path(), spec, {}, refuse).write(result_of(spec, 0)); }
  {
    SQLite::Database database(folder.path() / store_file_name, SQLite::OPEN_READWRITE);
    keep_checksums(database);
    database.exec("UPDATE estimate SET mean = 'much' WHERE quantity = 'gamma'");
  }
  CHECK(contains(input_error_of([&] { StoredTables(folder.path()).read("estimate"); }),
                 "results.sqlite: is damaged (a cell of its column mean is not of type real)"));
}

TEST_CASE("a store of the other kind of run is refused with the verb that makes the wanted one") {
  const TemporaryFolder folder;
  { RunStore(folder.path(), parse(small_spec()), {}, refuse); }
  CHECK(contains(input_error_of([&] { read_stored_network_run(folder.path()); }),
                 "holds no run of networks; give a folder that `bncollapse train` wrote"));
}

TEST_CASE("who wants to stop waits for no million of rows: the point is not stored") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  std::atomic<bool> stop = false;
  RunStore store(folder.path(), spec, {}, refuse, &stop);
  PointResult result = result_of(spec, 0);
  for (std::int64_t step = 1; step <= 100'000; ++step) result.estimates.paths.push_back({0, step, 1, 0});
  stop = true;
  CHECK_THROWS_AS(store.write(result), sim::Interrupted);
  CHECK(store.finished_points().size() == 0);
  stop = false;
  store.write(result);
  CHECK(store.finished_points().size() == 1);
}

TEST_CASE("an existing store is refused without resume, and resumed only by the same experiment") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  { RunStore(folder.path(), spec, {}, refuse).write(result_of(spec, 0)); }
  CHECK(contains(input_error_of([&] { RunStore(folder.path(), spec, {}, refuse); }), "add --resume"));
  CHECK(RunStore(folder.path(), spec, {}, resume).finished_points().size() == 1);
  Json other = small_spec();
  other["seed"] = 2;
  CHECK(contains(input_error_of([&] { RunStore(folder.path(), parse(other), {}, resume); }),
                 "seed is 1 in the store and 2 in the spec"));
  {
    SQLite::Database database(folder.path() / store_file_name, SQLite::OPEN_READWRITE);
    keep_checksums(database);
    database.exec("UPDATE meta SET value = '0.0.1' WHERE key = 'program_version'");
  }
  CHECK(
      contains(input_error_of([&] { RunStore(folder.path(), spec, {}, resume); }), "made by version 0.0.1"));
  SQLite::Database(folder.path() / store_file_name, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  CHECK(contains(input_error_of([&] { RunStore(folder.path(), spec, {}, resume); }), "store version 99"));
}

TEST_CASE("a second writer is kept out while the first lives") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  {
    const RunStore first(folder.path(), spec, {}, refuse);
    CHECK_THROWS_WITH_AS(RunStore(folder.path(), spec, {}, resume),
                         doctest::Contains("another run is writing here"), RunError);
  }
  CHECK_NOTHROW(RunStore(folder.path(), spec, {}, resume));
}

TEST_CASE("foreign, damaged and truncated files are refused by name") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  const auto file = folder.path() / store_file_name;
  const auto opened = [&] { return input_error_of([&] { RunStore(folder.path(), spec, {}, resume); }); };

  std::ofstream(file) << "not a database, but long enough to be looked at as one: " << std::string(4096, 'x');
  CHECK(contains(opened(), "is not an SQLite file"));
  std::filesystem::remove(file);

  SQLite::Database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE mine (x)");
  CHECK(contains(opened(), "not a store of bncollapse"));
  CHECK(contains(input_error_of([&] { read_stored_run(folder.path()); }), "not a store of bncollapse"));
  std::filesystem::remove(file);

  { RunStore(folder.path(), spec, {}, refuse).write(result_of(spec, 0)); }
  const auto whole = folder.path() / "whole";
  std::filesystem::copy_file(file, whole);
  {
    constexpr int write_version = 18;  // SQLite's file format, section 1.3
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(write_version).put(5);
  }
  CHECK(contains(opened(), "is damaged (its header); delete it and run again"));
  CHECK(contains(input_error_of([&] { read_stored_run(folder.path()); }), "is damaged (its header)"));
  std::filesystem::rename(whole, file);

  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  CHECK(contains(opened(), "damaged"));
  std::filesystem::create_directory(folder.path() / "checkpoints");
  CHECK(contains(opened(), "delete it and the folder checkpoints beside it, and run again"));
  std::filesystem::remove(file);

  CHECK(contains(input_error_of([&] { read_stored_run(folder.path()); }), "there is no such store"));
}

TEST_CASE("a flipped bit of a row, a lost row and a row of others are found, by reading and by resuming") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  const auto file = folder.path() / store_file_name;
  {
    RunStore store(folder.path(), spec, {}, refuse);
    store.write(result_of(spec, 0));
    store.write(result_of(spec, 1));
    store.write(std::vector<CurveSample>{{"c", "s", 1, 2}});
  }
  const auto refused = [&](const std::string& change, const char* rows) {
    CAPTURE(change);
    const auto whole = folder.path() / "whole";
    std::filesystem::copy_file(file, whole);
    SQLite::Database(file, SQLite::OPEN_READWRITE).exec(change);
    const std::string wanted = std::string("is damaged (the rows of ") + rows;
    CHECK(contains(input_error_of([&] { read_stored_run(folder.path()); }), wanted));
    CHECK(contains(input_error_of([&] { RunStore(folder.path(), spec, {}, resume); }), wanted));
    CHECK(contains(input_error_of([&] { StoredTables(folder.path()); }), wanted));
    std::filesystem::rename(whole, file);
  };
  refused("UPDATE estimate SET mean = mean + 5e-17 WHERE point = 1 AND quantity = 'probability'", "point 1");
  refused("UPDATE estimate SET count = count + 1 WHERE point = 0 AND quantity = 'gamma'", "point 0");
  refused("UPDATE point SET note = note || ' '", "point 0");
  refused("UPDATE histogram SET counts = counts || x'00' WHERE point = 1", "point 1");
  refused("DELETE FROM prediction WHERE point = 1", "point 1");
  refused("INSERT INTO estimate VALUES (1, 99, 'gamma', 1.0, 1.0, 1)", "point 1");
  refused("UPDATE meta SET value = 'x' WHERE key = 'host'", "no point");
  refused("UPDATE curve SET y = 2.5", "no point");
  refused("ALTER TABLE estimate RENAME COLUMN mean TO men", "no point");
  refused("UPDATE checksum SET sum = sum + 1 WHERE point = 1", "point 1");
  refused("DELETE FROM checksum", "no point");
  CHECK(read_stored_run(folder.path()).points.size() == 2);
}

TEST_CASE("an empty file, as a run killed at its very start leaves it, becomes a store") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / store_file_name).close();
  CHECK(RunStore(folder.path(), parse(small_spec()), {}, refuse).finished_points().size() == 0);
}

TEST_CASE("a pipe or a folder in the store's place is told") {
  const TemporaryFolder folder;
  const auto file = folder.path() / store_file_name;
  const auto refused = [&](const char* reason) {
    for (const std::string& told :
         {input_error_of([&] { RunStore(folder.path(), parse(small_spec()), {}, resume); }),
          input_error_of([&] { read_stored_run(folder.path()); })})
      CHECK(contains(told, reason));
  };
  REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
  refused("is not a regular file; move it away");
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  refused("is a folder; move it away");
}

TEST_CASE("no run writes where a link in the store's place leads") {
  const TemporaryFolder folder;
  const auto file = folder.path() / store_file_name, elsewhere = folder.path() / "elsewhere";
  const auto refused = [&] {
    return input_error_of([&] { RunStore(folder.path(), parse(small_spec()), {}, resume); });
  };
  for (const auto& target : {elsewhere, file}) {  // a file that is not there yet; a loop
    std::filesystem::create_symlink(target, file);
    CHECK(contains(refused(), "is a symbolic link; move it away"));
    CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(elsewhere)));
    std::filesystem::remove(file);
  }
}

TEST_CASE("verdicts and curves replace earlier ones") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  RunStore store(folder.path(), spec, {}, refuse);
  Verdict verdict;
  verdict.check = "drift_exact";
  verdict.outcome = Outcome::pass;
  for (const int count : {2, 1}) {
    store.write(std::vector<CurveSample>{{"c", "s", 1, 2}});
    store.write(std::vector(static_cast<std::size_t>(count), verdict));
  }
  CHECK(StoredTables(folder.path()).read("verdict").row_count() == 1);
  CHECK(StoredTables(folder.path()).read("curve").row_count() == 1);
}

TEST_CASE("SQLite's errors are told apart") {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / store_file_name).string();
  { RunStore(folder.path(), parse(small_spec()), {}, refuse); }
  const auto told = [&](const auto& action) -> std::string {
    try {
      guarded(file, action);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  SQLite::Database database(file, SQLite::OPEN_READWRITE);
  const char* write = "CREATE TABLE more AS SELECT zeroblob(100000)";
  CHECK(contains(told([&] { SQLite::Database(file, SQLite::OPEN_READONLY).exec(write); }),
                 "may not be written"));
  {
    SQLite::Database other(file, SQLite::OPEN_READWRITE);
    const SQLite::Transaction held(other, SQLite::TransactionBehavior::IMMEDIATE);
    CHECK(contains(told([&] { database.exec(write); }), "used by another program"));
  }
  CHECK(
      contains(told([&] { SQLite::Database("/nonexistent/x", SQLite::OPEN_READONLY); }), "cannot be opened"));
  CHECK(contains(told([&] { database.exec("SELECT * FROM nothing"); }), "not a whole store"));
  CHECK(
      contains(told([&] { database.exec("INSERT INTO meta VALUES ('name', 'x')"); }), "wrote the same rows"));
  CHECK(contains(told([] { throw SQLite::Exception("locking protocol", SQLITE_PROTOCOL); }), "has no locks"));
  database.exec("PRAGMA max_page_count = 1");
  CHECK(contains(told([&] { database.exec(write); }), "the disk is full"));
}

TEST_CASE("a store that another process is making is waited for, an empty one is told") {
  const TemporaryFolder folder;
  const Spec spec = parse(small_spec());
  std::ofstream(folder.path() / store_file_name).close();
  std::thread maker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    RunStore(folder.path(), spec, {}, refuse).write(result_of(spec, 0));
  });
  CHECK_NOTHROW(StoreFile(neuron_store_format(), folder.path(), spec, nullptr));
  maker.join();
  CHECK(read_stored_run(folder.path()).points.size() == 1);
  std::filesystem::resize_file(folder.path() / store_file_name, 0);
  CHECK(contains(input_error_of([&] { read_stored_run(folder.path()); }), "is empty"));
}
