#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace bncollapse::study {

/// One value of a table; monostate is null, a vector holds a histogram's counts.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::int64_t>>;

/// A table of a store as it is, for export.
struct StoredTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  ///< in the order they were written in

  /// Position of a column, or the number of columns.
  std::size_t column(const std::string& name) const;
};

/// The tables of DIR/results.sqlite.
class StoredTables {
 public:
  /// Throws InputError as read_stored_run does.
  explicit StoredTables(const std::filesystem::path& folder);
  ~StoredTables();

  /// Those of results; not the checksums.
  const std::vector<std::string>& names() const { return names_; }

  /// One table, without rows of points that the spec does not ask for (any more). Throws InputError where
  /// there is no such table, or it is damaged.
  StoredTable read(const std::string& table) const;

  /// Throws InputError, with the file and what to do with it.
  [[noreturn]] void fail_as_damaged(const std::string& reason) const;

 private:
  class File;
  std::unique_ptr<File> file_;
  std::vector<std::string> names_;
};

}  // namespace bncollapse::study
