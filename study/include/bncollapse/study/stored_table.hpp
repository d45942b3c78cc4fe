#pragma once

#include <cstdint>
#include <filesystem>
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

/// The names of the tables of DIR/results.sqlite. Throws InputError as read_stored_run does.
std::vector<std::string> store_tables(const std::filesystem::path& folder);

/// Reads one table of DIR/results.sqlite. Throws InputError as read_stored_run does, and
/// where there is no such table.
StoredTable read_table(const std::filesystem::path& folder, const std::string& table);

}  // namespace bncollapse::study
