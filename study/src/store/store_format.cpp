#include "bncollapse/study/store_format.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bncollapse/fields/text.hpp"
#include "bncollapse/nets/collapse.hpp"
#include "store/network_rows.hpp"
#include "store/neuron_rows.hpp"

namespace bncollapse::study {
namespace {

/// Null where none has this name.
template <class Named>
const Named* find_named(const std::vector<Named>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

template <class... Rows>
std::vector<TableFormat> formats_of() {
  return {format_of<Rows>()...};
}

const char* sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "INTEGER";
    case ColumnType::real:
      return "REAL";
    case ColumnType::counts:
      return "BLOB";
    case ColumnType::text:
      break;
  }
  return "TEXT";
}

std::string reference_of(const TableFormat& table) {
  std::string text = fmt::format("### `{}`\n{}", table.name, table.help);
  if (!table.key.empty()) text += fmt::format(" Key: {}.", fmt::join(table.key, ", "));
  text += "\n\n| column | type | holds |\n| --- | --- | --- |\n";
  for (const ColumnFormat& column : table.columns) {
    text += fmt::format("| `{}` | {}{} | {} |\n", column.name, to_string(column.type),
                        column.optional ? " or null" : "", fields::markdown_cell(column.help));
  }
  if (table.quantities.empty()) return text + "\n";
  text += fmt::format("\n| {} | meaning |\n| --- | --- |\n", table.name == "meta" ? "key" : "quantity");
  for (const Quantity& quantity : table.quantities)
    text += fmt::format("| `{}` | {} |\n", quantity.name, fields::markdown_cell(quantity.help));
  return text + "\n";
}

constexpr const char* introduction =
    R"(<!-- Written by bncollapse_reference from the program's own tables; change it there. -->
# The store

A run's results are one SQLite file, `results.sqlite`, in the run's folder. Its version is {version} (`PRAGMA user_version`).
Real columns hold the doubles' own bits. Counts are a BLOB of little-endian int64. One transaction writes all rows of a
neuron's point, or all rows of an epoch of a training.

`bncollapse export` writes the tables for other tools, with a column for each swept field. The types are those of the
columns, whatever the rows hold:

| type | CSV | NumPy |
| --- | --- | --- |
| integer | decimal digits | int64; null is -9223372036854775808, the smallest integer |
| real | the shortest text that reads back as the same double | float64; null is NaN |
| text | text, quoted where needed | Unicode; null is the empty text |
| counts | integers with blanks between them | int64, all rows joined; `NAME_offsets` tells where the counts of each row begin, and the end |

In CSV null is an empty cell. A swept field is an integer if all its values are, real if all are numbers, else text.

The table `checksum` keeps a changed bit from passing unseen. The bytes of a row are its table's name and its cells in the order
of the columns. Each cell is a letter and a value: `n` (null), `i` and 8 bytes (integer), `f` and 8 bytes (double), `t` or `b`,
8 bytes of length and the bytes (text, blob). Numbers have the lowest byte first. The sum of point -1 also covers the definitions of the
tables (type, name, tbl_name and sql of `sqlite_master`). Whoever opens a store compares the sums: a changed bit is exit code 2.
Triggers of the connection that writes keep the sums. Who changes a store by hand must do so, too.

)";

}  // namespace

const std::vector<std::string>& files_of_run() {
  static const std::string store = store_file_name;
  static const std::vector<std::string> files{store,          store + "-journal",   store + "-wal",
                                              store + "-shm", "spec.resolved.json", "verdicts.json",
                                              ".lock"};
  return files;
}

const char* to_string(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "integer";
    case ColumnType::real:
      return "real";
    case ColumnType::counts:
      return "counts";
    case ColumnType::text:
      break;
  }
  return "text";
}

std::string TableFormat::definition() const {
  const bool is_numbered =
      key.size() == 1 && columns.front().name == key.front() && columns.front().type == ColumnType::integer;
  const bool has_counts = std::any_of(columns.begin(), columns.end(), [](const ColumnFormat& column) {
    return column.type == ColumnType::counts;
  });
  std::vector<std::string> parts;
  for (const ColumnFormat& column : columns) {
    std::string& part = parts.emplace_back(fmt::format("{} {}", column.name, sql_type(column.type)));
    if (is_numbered && column.name == key.front())
      part += " PRIMARY KEY";
    else if (!column.optional)
      part += " NOT NULL";
  }
  if (!key.empty() && !is_numbered) parts.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(key, ", ")));
  // SQLite keeps rows by their key; long ones beside it.
  const bool is_sorted = !key.empty() && !is_numbered && !has_counts;
  return fmt::format("CREATE TABLE {} ({}){}", name, fmt::join(parts, ", "),
                     is_sorted ? " WITHOUT ROWID" : "");
}

const ColumnFormat* TableFormat::find(const std::string& column) const { return find_named(columns, column); }

const TableFormat* StoreFormat::find(const std::string& table) const { return find_named(tables, table); }

const StoreFormat& neuron_store_format() {
  static const StoreFormat format{
      "neuron", "the single neuron", "run",
      formats_of<MetaRow, PointSummary, PredictionRow, PredictionSeriesRow, EstimateRow, GroupMeanRow,
                 QuantileRow, HistogramRow, PathRow, CurveSample, VerdictRow, ChecksumRow>()};
  return format;
}

const StoreFormat& network_store_format() {
  static const StoreFormat format{
      "networks", "networks", "train",
      formats_of<MetaRow, TrainingRow, EnvironmentRow, LayerRow, EpochRow, RoundValueRow, LayerValueRow,
                 ChannelRow, GradientMomentRow, PrunedRow, ProbeRow, VerdictRow, ChecksumRow>()};
  return format;
}

Json store_formats() {
  Json kinds = Json::object();
  for (const StoreFormat* format : {&neuron_store_format(), &network_store_format()}) {
    Json& tables = kinds[format->kind] = Json::object();
    for (const TableFormat& table : format->tables) {
      Json& entry = tables[table.name] = {{"definition", table.definition()}, {"columns", Json::object()}};
      for (const ColumnFormat& column : table.columns) entry["columns"][column.name] = to_string(column.type);
      if (table.find("quantity") == nullptr) continue;
      Json& labels = entry["labels"] = Json::object();
      for (const Quantity& quantity : table.quantities)
        labels[quantity.name] = *quantity.label == '\0' ? quantity.name : quantity.label;
    }
  }
  return {{"store_version", store_version},
          {"inactive_below", nets::criterion::inactive.threshold},
          {"files", files_of_run()},
          {"kinds", kinds}};
}

std::string store_reference() {
  std::string text = introduction;
  const std::string place = "{version}";
  text.replace(text.find(place), place.size(), std::to_string(store_version));
  std::vector<std::string> shown;
  for (const StoreFormat* format : {&neuron_store_format(), &network_store_format()}) {
    text += fmt::format("## The store of a run of {}\n\n", format->subject);
    for (const TableFormat& table : format->tables) {
      const std::string part = reference_of(table);
      if (std::find(shown.begin(), shown.end(), part) == shown.end()) text += shown.emplace_back(part);
    }
  }
  return text;
}

}  // namespace bncollapse::study
