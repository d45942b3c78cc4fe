#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "bncollapse/study/store_format.hpp"

namespace bncollapse::study {

/// One value of a table: null, an integer, a real, a text or counts.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::int64_t>>;

/// A column and its values. Each is null or of the column's type.
struct StoredColumn {
  std::string name;
  ColumnType type = ColumnType::integer;
  std::vector<Cell> cells;

  bool operator==(const StoredColumn&) const = default;
};

/// A table of a store as it is, for export; the rows are in the order of their key.
struct StoredTable {
  std::string name;
  std::vector<StoredColumn> columns;

  std::size_t row_count() const { return columns.empty() ? 0 : columns.front().cells.size(); }
  /// Null where there is no such column.
  const StoredColumn* find(const std::string& column) const;
};

/// The tables of DIR/results.sqlite.
class StoredTables {
 public:
  /// Throws InputError as read_stored_run does; takes stores of both kinds.
  explicit StoredTables(const std::filesystem::path& folder);
  ~StoredTables();

  const StoreFormat& format() const;

  /// The tables of results; not the checksums.
  std::vector<std::string> names() const;

  /// One table, without rows of points that the spec does not ask for (any more). Throws InputError where
  /// there is no such table, or it is damaged.
  StoredTable read(const std::string& table) const;

  /// The same, with a column for each swept field where its rows are about points. The type of such a column
  /// is that of all values of the field among the points.
  StoredTable read_with_swept_fields(const std::string& table) const;

 private:
  class File;
  std::unique_ptr<File> file_;
};

}  // namespace bncollapse::study
