#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/run_store.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "csv.hpp"
#include "npz.hpp"
#include "verb.hpp"
#include "visible_text.hpp"

namespace bncollapse::cli {
namespace {

using study::Cell;
using study::StoredTable;

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

constexpr const char* no_swept_values = "a row of its points holds no swept values";

/// The value of a swept field; throws InputError where a store of others holds something else.
Cell cell_of(const study::Json& parameters, const std::string& field, const study::StoredTables& tables) {
  const auto found = parameters.find(field);
  if (found != parameters.end()) {
    if (found->is_number_integer()) return found->get<std::int64_t>();
    if (found->is_number()) return found->get<double>();
    if (found->is_string()) return found->get<std::string>();
  }
  tables.fail_as_damaged(no_swept_values);
}

/// Point -> swept field -> value.
std::map<std::int64_t, study::Json> parameters_of(const StoredTable& points,
                                                  const study::StoredTables& tables) {
  const std::size_t point = points.column("point"), column = points.column("parameters");
  std::map<std::int64_t, study::Json> parameters;
  for (const auto& row : points.rows) {
    const auto* index = point < row.size() ? std::get_if<std::int64_t>(&row[point]) : nullptr;
    const auto* text = column < row.size() ? std::get_if<std::string>(&row[column]) : nullptr;
    const study::Json value =
        text == nullptr ? study::Json() : study::Json::parse(*text, nullptr, /*allow_exceptions=*/false);
    if (index == nullptr || !value.is_object()) tables.fail_as_damaged(no_swept_values);
    for (const auto& item : value.items()) {
      // What nests is copied by recursion, however deep it is.
      if (item.value().is_structured() ||
          item.key().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") != std::string::npos)
        tables.fail_as_damaged(no_swept_values);
    }
    parameters[*index] = value;
  }
  return parameters;
}

/// A table about points, with a column for each swept field after its own.
StoredTable with_parameters(StoredTable table, const std::map<std::int64_t, study::Json>& parameters,
                            const study::StoredTables& tables) {
  const std::size_t point_column = table.column("point");
  if (point_column == table.columns.size() || parameters.empty()) return table;
  for (const auto& item : parameters.begin()->second.items()) {
    table.columns.push_back(item.key());
    for (auto& row : table.rows) {
      const auto* point = std::get_if<std::int64_t>(&row[point_column]);
      const auto found = point == nullptr ? parameters.end() : parameters.find(*point);
      row.push_back(found == parameters.end() ? Cell{} : cell_of(found->second, item.key(), tables));
    }
  }
  return table;
}

double number_in(const Cell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*integer);
  const auto* real = std::get_if<double>(&cell);
  return real == nullptr ? std::numeric_limits<double>::quiet_NaN() : *real;
}

template <class Value>
bool all_hold(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    if (!std::holds_alternative<Value>(cell)) return false;
  }
  return true;
}

bool any_text(const std::vector<Cell>& cells) {
  for (const Cell& cell : cells) {
    if (std::holds_alternative<std::string>(cell)) return true;
  }
  return false;
}

/// A column as an array: integers, texts (null: empty), or doubles (null: NaN). Counts of histograms are
/// joined into one array; NAME_offsets tells where each row's begin, and the end.
void add_column(const std::string& name, const std::vector<Cell>& cells, NpzArchive& archive) {
  if (!cells.empty() && all_hold<std::vector<std::int64_t>>(cells)) {
    std::vector<std::int64_t> counts, offsets{0};
    for (const Cell& cell : cells) {
      const auto& part = std::get<std::vector<std::int64_t>>(cell);
      counts.insert(counts.end(), part.begin(), part.end());
      offsets.push_back(static_cast<std::int64_t>(counts.size()));
    }
    archive.add(name, counts);
    archive.add(name + "_offsets", offsets);
  } else if (!cells.empty() && all_hold<std::int64_t>(cells)) {
    std::vector<std::int64_t> values;
    for (const Cell& cell : cells) values.push_back(std::get<std::int64_t>(cell));
    archive.add(name, values);
  } else if (any_text(cells)) {
    std::vector<std::string> values;
    for (const Cell& cell : cells) {
      const auto* text = std::get_if<std::string>(&cell);
      values.push_back(text == nullptr ? "" : *text);
    }
    archive.add(name, values);
  } else {
    std::vector<double> values;
    for (const Cell& cell : cells) values.push_back(number_in(cell));
    archive.add(name, values);
  }
}

void add_table(const StoredTable& table, NpzArchive& archive) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::vector<Cell> cells;
    for (const auto& row : table.rows) cells.push_back(row[i]);
    add_column(table.name + "." + table.columns[i], cells, archive);
  }
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
  const bool is_network =
      std::find(tables.names().begin(), tables.names().end(), "training") != tables.names().end();
  const auto parameters = parameters_of(tables.read(is_network ? "training" : "point"), tables);
  const std::string table = !options.table.empty() ? options.table : is_network ? "round_value" : "estimate";
  const auto read = [&](const std::string& name) {
    return with_parameters(tables.read(name), parameters, tables);
  };
  const Formulas formulas = options.guard_formulas ? Formulas::guard : Formulas::keep;
  if (!options.csv.empty()) write_file(options.csv, to_csv(read(table), formulas));
  if (!options.npz.empty()) {
    NpzArchive archive;
    for (const std::string& name : tables.names()) add_table(read(name), archive);
    write_file(options.npz, archive.bytes());
  }
  if (options.csv.empty() && options.npz.empty()) {
    const std::string text = to_csv(read(table), formulas);
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
                  "The table for CSV (default: estimate; round_value of networks)");
  app->add_flag("--guard-formulas", options->guard_formulas,
                "In CSV: an apostrophe before texts that a spreadsheet would take for formulas (= + - @)");
  app->add_option("--npz", options->npz, "Write every column of every table as a NumPy array TABLE.COLUMN");
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
