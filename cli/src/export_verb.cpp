#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/store.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "csv.hpp"
#include "npz.hpp"
#include "verb.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {
namespace {

using study::Cell;
using study::StoredColumn;

struct ExportOptions {
  std::string folder, csv, npz, table;
  bool guard_formulas = false;
};

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream stream(path, std::ios::binary);
  const bool was_begun = stream.is_open();
  stream << bytes;
  stream.close();
  if (stream) return;
  const std::string reason = std::strerror(errno);
  std::error_code ignored;
  if (was_begun && std::filesystem::is_regular_file(path, ignored)) std::filesystem::remove(path, ignored);
  throw study::RunError(
      fmt::format("{}: cannot be written: {}; free space or look at the permissions", path, reason));
}

/// What stands for null in an array of integers: NumPy's own choice for dates (NaT).
constexpr std::int64_t null_integer = std::numeric_limits<std::int64_t>::min();

/// The values of a column, `null` where there is none.
template <class Value>
std::vector<Value> values_of(const StoredColumn& column, const Value& null) {
  std::vector<Value> values;
  values.reserve(column.cells.size());
  for (const Cell& cell : column.cells) {
    const auto* value = std::get_if<Value>(&cell);
    values.push_back(value == nullptr ? null : *value);
  }
  return values;
}

/// The counts of all rows joined; NAME_offsets tells where each row's begin, and the end.
void add_counts(const std::string& name, const StoredColumn& column, NpzArchive& archive) {
  std::vector<std::int64_t> counts, offsets{0};
  for (const auto& part : values_of<std::vector<std::int64_t>>(column, {})) {
    counts.insert(counts.end(), part.begin(), part.end());
    offsets.push_back(static_cast<std::int64_t>(counts.size()));
  }
  archive.add(name, counts);
  archive.add(name + "_offsets", offsets);
}

/// An array of the column's type, whatever its cells hold.
void add_column(const std::string& name, const StoredColumn& column, NpzArchive& archive) {
  switch (column.type) {
    case study::ColumnType::integer:
      return archive.add(name, values_of(column, null_integer));
    case study::ColumnType::real:
      return archive.add(name, values_of(column, std::numeric_limits<double>::quiet_NaN()));
    case study::ColumnType::text:
      return archive.add(name, values_of(column, std::string()));
    case study::ColumnType::counts:
      return add_counts(name, column, archive);
  }
}

void add_table(const study::StoredTable& table, NpzArchive& archive) {
  for (const StoredColumn& column : table.columns)
    add_column(table.name + "." + column.name, column, archive);
}

/// What is exported must not take the place of a file of the run, nor one file that of the other.
void require_other_files(const ExportOptions& options) {
  for (const std::string& path : {options.csv, options.npz}) {
    if (!path.empty() && study::is_file_of_run(path, options.folder))
      throw study::InputError(
          fmt::format("{}: is a file of the run that is exported; take another name", path));
  }
  std::error_code error;
  if (!options.csv.empty() && std::filesystem::weakly_canonical(options.csv, error) ==
                                  std::filesystem::weakly_canonical(options.npz, error))
    throw study::InputError(
        fmt::format("--csv and --npz are both {}; give each a file of its own", options.csv));
}

int run_export(const ExportOptions& options) {
  require_other_files(options);
  const study::StoredTables tables(options.folder);
  const bool is_network = tables.format().kind == study::network_store_format().kind;
  const std::string table = !options.table.empty() ? options.table : is_network ? "round_value" : "estimate";
  const Formulas formulas = options.guard_formulas ? Formulas::guard : Formulas::keep;
  if (!options.csv.empty()) write_file(options.csv, to_csv(tables.read_with_swept_fields(table), formulas));
  if (!options.npz.empty()) {
    NpzArchive archive;
    for (const std::string& name : tables.names()) add_table(tables.read_with_swept_fields(name), archive);
    write_file(options.npz, archive.bytes());
  }
  if (options.csv.empty() && options.npz.empty()) {
    const std::string text = to_csv(tables.read_with_swept_fields(table), formulas);
    fmt::print("{}", ::isatty(STDOUT_FILENO) == 1 ? visible_text(text) : text);
  }
  return 0;
}

}  // namespace

Verb export_verb(CLI::App& program) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* app = program.add_subcommand("export", "Write a run's tables for other tools");
  app->add_option("DIR", options->folder, "The run's folder")->required();
  app->add_option("--csv", options->csv, "Write one table as CSV, with a column for each swept field");
  app->add_option("--table", options->table,
                  "The table for CSV (default: estimate; for networks, round_value)");
  app->add_flag(
      "--guard-formulas", options->guard_formulas,
      "In CSV: put an apostrophe before texts that a spreadsheet would take for formulas (= + - @)");
  app->add_option(
      "--npz", options->npz,
      "Write every column of every table as a NumPy array TABLE.COLUMN. Its type is the column's type, "
      "whatever the values are (docs/STORE.md)");
  app->footer(
      "Without --csv and --npz the table goes to stdout.\n"
      "Examples:\n"
      "  bncollapse export results/scaling-learning-rate --csv estimates.csv\n"
      "  bncollapse export results/scaling-learning-rate --table verdict\n"
      "  bncollapse export results/scaling-learning-rate --npz all.npz\n"
      "  python3 -c \"import numpy; print(numpy.load('all.npz')['estimate.mean'])\"");
  return {app, [options] { return run_export(*options); }};
}

}  // namespace bncollapse::cli
