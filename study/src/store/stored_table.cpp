#include "bncollapse/study/stored_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "bncollapse/theory/text_file.hpp"
#include "store/row_checksums.hpp"
#include "store/store_file.hpp"
#include "store/table.hpp"

namespace bncollapse::study {
namespace {

constexpr const char* no_swept_values = "a row of its points holds no swept values";

template <class Value>
Cell cell_of(const SQLite::Column& column) {
  Value value{};
  Stored<Value>::read(column, value);
  return value;
}

Cell cell_of(const SQLite::Column& column, const ColumnFormat& format) {
  const int type = column.getType();
  if (type == SQLITE_NULL && format.optional) return std::monostate{};
  if (type == SQLITE_INTEGER && format.type == ColumnType::integer) return cell_of<std::int64_t>(column);
  if (type == SQLITE_FLOAT && format.type == ColumnType::real) return cell_of<double>(column);
  if (type == SQLITE_TEXT && format.type == ColumnType::text) return cell_of<std::string>(column);
  if (type == SQLITE_BLOB && format.type == ColumnType::counts)
    return cell_of<std::vector<std::int64_t>>(column);
  throw DamagedRow(
      fmt::format("a cell of its column {} is not of type {}", format.name, to_string(format.type)));
}

/// The value of a swept field.
Cell cell_of(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  throw DamagedRow(no_swept_values);
}

template <class Value>
bool all_hold(const std::map<std::int64_t, Cell>& cells) {
  return std::all_of(cells.begin(), cells.end(),
                     [](const auto& item) { return std::holds_alternative<Value>(item.second); });
}

/// Turns integers into reals.
Cell as_real(const Cell& cell) {
  const auto* integer = std::get_if<std::int64_t>(&cell);
  return integer == nullptr ? cell : static_cast<double>(*integer);
}

/// A swept field: its type, and its value at each point.
struct SweptField {
  std::string name;
  ColumnType type = ColumnType::text;
  std::map<std::int64_t, Cell> value_at;

  void choose_type() {
    if (all_hold<std::int64_t>(value_at)) {
      type = ColumnType::integer;
    } else if (!std::any_of(value_at.begin(), value_at.end(), [](const auto& item) {
                 return std::holds_alternative<std::string>(item.second);
               })) {
      type = ColumnType::real;
      for (auto& [point, cell] : value_at) cell = as_real(cell);
    } else if (!all_hold<std::string>(value_at)) {
      throw DamagedRow(no_swept_values);
    }
  }
};

std::vector<SweptField> swept_fields(const StoredTable& points) {
  std::vector<SweptField> fields;
  const std::vector<Cell>& indices = points.find("point")->cells;
  const std::vector<Cell>& parameters = points.find("parameters")->cells;
  for (std::size_t row = 0; row < indices.size(); ++row) {
    const Json values = Json::parse(std::get<std::string>(parameters[row]), nullptr,
                                    /*allow_exceptions=*/false);
    if (!values.is_object()) throw DamagedRow(no_swept_values);
    if (row == 0) {
      for (const auto& item : values.items()) fields.emplace_back().name = item.key();
    }
    for (SweptField& field : fields) {
      if (field.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") != std::string::npos ||
          !values.contains(field.name))
        throw DamagedRow(no_swept_values);
      field.value_at[std::get<std::int64_t>(indices[row])] = cell_of(values.at(field.name));
    }
  }
  for (SweptField& field : fields) field.choose_type();
  return fields;
}

}  // namespace

const StoredColumn* StoredTable::find(const std::string& wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const StoredColumn& column) { return column.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

class StoredTables::File {
 public:
  explicit File(const std::filesystem::path& folder)
      : path_((folder / store_file_name).string()),
        database_(open_store(folder)),
        format_(guarded(path_, [&]() -> const StoreFormat* { return &format_of_store(database_); })) {}

  const StoreFormat& format() const { return *format_; }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const TableFormat& table : format_->tables) {
      if (table.name != checksum_table) names.push_back(table.name);
    }
    return names;
  }

  StoredTable read(const std::string& name) {
    const TableFormat* format = name == checksum_table ? nullptr : format_->find(name);
    if (format == nullptr) {
      throw InputError(fmt::format("{}: has no table {}; it has {}", path_, theory::shortened(name),
                                   fmt::join(names(), ", ")));
    }
    return guarded(path_, [&] { return read(*format); });
  }

  StoredTable read_with_swept_fields(const std::string& name) {
    StoredTable table = read(name);
    if (table.find("point") == nullptr) return table;
    return guarded(path_, [&] {
      for (const SweptField& field : swept_fields(read(*format_->find("point")))) {
        std::vector<Cell> cells;
        cells.reserve(table.row_count());
        for (const Cell& point : table.find("point")->cells) {
          const auto* index = std::get_if<std::int64_t>(&point);
          const auto value = index == nullptr ? field.value_at.end() : field.value_at.find(*index);
          cells.push_back(value == field.value_at.end() ? Cell{} : value->second);
        }
        table.columns.push_back({field.name, field.type, std::move(cells)});
      }
      return table;
    });
  }

 private:
  StoredTable read(const TableFormat& format) {
    StoredTable table{format.name, {}};
    const auto rows =
        static_cast<std::size_t>(database_.execAndGet("SELECT count(*) FROM " + format.name).getInt64());
    std::vector<std::string> names;
    for (const ColumnFormat& column : format.columns) {
      table.columns.push_back({column.name, column.type, {}});
      table.columns.back().cells.reserve(rows);
      names.push_back(column.name);
    }
    const bool has_point = table.find("point") != nullptr;
    SQLite::Statement query(database_,
                            fmt::format("SELECT {} FROM {} {} {} {}", fmt::join(names, ", "), format.name,
                                        has_point ? "WHERE point IS NULL OR point < ?" : "",
                                        format.key.empty() ? "" : "ORDER BY", fmt::join(format.key, ", ")));
    if (has_point) query.bind(1, points_of_spec(database_));
    while (query.executeStep()) {
      for (std::size_t i = 0; i < format.columns.size(); ++i)
        table.columns[i].cells.push_back(cell_of(query.getColumn(static_cast<int>(i)), format.columns[i]));
    }
    return table;
  }

  std::string path_;
  SQLite::Database database_;
  const StoreFormat* format_;
};

StoredTables::StoredTables(const std::filesystem::path& folder) : file_(std::make_unique<File>(folder)) {}
StoredTables::~StoredTables() = default;

const StoreFormat& StoredTables::format() const { return file_->format(); }

std::vector<std::string> StoredTables::names() const { return file_->names(); }

StoredTable StoredTables::read(const std::string& table) const { return file_->read(table); }

StoredTable StoredTables::read_with_swept_fields(const std::string& table) const {
  return file_->read_with_swept_fields(table);
}

}  // namespace bncollapse::study
