#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/quantity.hpp"

namespace bncollapse::study {

/// The version of the store's tables; SQLite's user_version.
inline constexpr int store_version = 4;

/// The store's file inside a run's folder.
inline constexpr char store_file_name[] = "results.sqlite";

/// The files of a run in its folder; the store's own is the first.
const std::vector<std::string>& files_of_run();

/// What a column holds. Text columns hold UTF-8, counts are a list of integers.
enum class ColumnType { integer, real, text, counts };

/// "integer", "real", "text", "counts".
const char* to_string(ColumnType type);

struct ColumnFormat {
  std::string name;
  ColumnType type = ColumnType::integer;
  bool optional = false;  ///< it may be null
  std::string help;
};

struct TableFormat {
  std::string name, help;
  std::vector<ColumnFormat> columns;
  std::vector<std::string> key;  ///< the columns that tell its rows apart; empty: rows have an order alone
  std::vector<Quantity> quantities;  ///< what its column `quantity` (of `meta`: `key`) takes

  /// Null where there is no such column.
  const ColumnFormat* find(const std::string& column) const;

  /// SQL that makes the table.
  std::string definition() const;
};

/// The tables of a kind of run.
struct StoreFormat {
  std::string kind;     ///< the value of `kind` in the table `meta`
  std::string subject;  ///< what its runs are about, for people
  std::string verb;     ///< the program's verb that makes them
  std::vector<TableFormat> tables;

  /// Null where there is no such table.
  const TableFormat* find(const std::string& table) const;
};

/// Runs of the single neuron, and of networks.
const StoreFormat& neuron_store_format();
const StoreFormat& network_store_format();

/// Both formats, for programs that read or make stores (plots/store_format.json).
Json store_formats();

/// Both formats, for people (docs/STORE.md).
std::string store_reference();

}  // namespace bncollapse::study
