#include "store/row_checksums.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <boost/crc.hpp>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include "bncollapse/study/errors.hpp"

namespace bncollapse::study {
namespace {

void add_number(boost::crc_32_type& crc, std::uint64_t bits) {
  for (int shift = 0; shift < 64; shift += 8)
    crc.process_byte(static_cast<unsigned char>(bits >> shift & 0xff));
}

void add_bytes(boost::crc_32_type& crc, const void* bytes, int count) {
  add_number(crc, static_cast<std::uint64_t>(count));
  if (count > 0) crc.process_bytes(bytes, static_cast<std::size_t>(count));
}

void add_cell(boost::crc_32_type& crc, sqlite3_value* cell) {
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      crc.process_byte('i');
      add_number(crc, static_cast<std::uint64_t>(sqlite3_value_int64(cell)));
      break;
    case SQLITE_FLOAT: {
      crc.process_byte('f');
      const double value = sqlite3_value_double(cell);
      std::uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      add_number(crc, bits);
      break;
    }
    case SQLITE_TEXT: {
      crc.process_byte('t');
      const unsigned char* text = sqlite3_value_text(cell);
      add_bytes(crc, text, sqlite3_value_bytes(cell));
      break;
    }
    case SQLITE_BLOB: {
      crc.process_byte('b');
      const void* blob = sqlite3_value_blob(cell);
      add_bytes(crc, blob, sqlite3_value_bytes(cell));
      break;
    }
    default:
      crc.process_byte('n');
  }
}

/// SQL: row_checksum(table's name, cell, ...).
void row_checksum(sqlite3_context* context, int count, sqlite3_value** values) {
  boost::crc_32_type crc;
  for (int i = 0; i < count; ++i) add_cell(crc, values[i]);
  sqlite3_result_int64(context, static_cast<std::int64_t>(crc.checksum()));
}

void add_function(SQLite::Database& database) {
  sqlite3_create_function_v2(database.getHandle(), "row_checksum", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                             nullptr, row_checksum, nullptr, nullptr, nullptr);
}

std::vector<std::string> texts(SQLite::Database& database, const std::string& sql) {
  std::vector<std::string> found;
  SQLite::Statement query(database, sql);
  while (query.executeStep()) found.push_back(query.getColumn(0).getString());
  return found;
}

/// What SQL calls the checksum of a row of a table, and the point that the row belongs to.
struct RowTerms {
  std::string checksum, point;
};

/// @param row  "NEW." or "OLD." inside a trigger, else nothing
RowTerms terms_of(SQLite::Database& database, const std::string& table, const std::string& row) {
  RowTerms terms{fmt::format("row_checksum('{}'", table), "-1"};
  for (const std::string& column :
       texts(database, fmt::format("SELECT name FROM pragma_table_info('{}')", table))) {
    terms.checksum += fmt::format(", {}\"{}\"", row, column);
    if (column == "point") terms.point = fmt::format("coalesce({}point, -1)", row);
  }
  terms.checksum += ")";
  return terms;
}

std::vector<std::string> tables_with_checksums(SQLite::Database& database) {
  return texts(database, fmt::format("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '{}'",
                                     checksum_table));
}

/// Of the tables' definitions, which belong to no point.
constexpr const char* checksums_of_schema =
    "SELECT -1, row_checksum('sqlite_master', type, name, tbl_name, sql) FROM sqlite_master";

constexpr const char* add_to_sum = "ON CONFLICT (point) DO UPDATE SET sum = sum + excluded.sum";

}  // namespace

void begin_checksums(SQLite::Database& database) {
  keep_checksums(database);
  // WHERE true: else the parser takes ON for a join's.
  database.exec(
      fmt::format("INSERT INTO {} {} WHERE true {}", checksum_table, checksums_of_schema, add_to_sum));
}

void keep_checksums(SQLite::Database& database) {
  add_function(database);
  for (const std::string& table : tables_with_checksums(database)) {
    const auto change = [&](const char* row, const char* sign) {
      const RowTerms terms = terms_of(database, table, row);
      return fmt::format("INSERT INTO {} VALUES ({}, {}{}) {}; ", checksum_table, terms.point, sign,
                         terms.checksum, add_to_sum);
    };
    const std::string added = change("NEW.", ""), removed = change("OLD.", "-");
    database.exec(
        fmt::format("CREATE TEMP TRIGGER {0}_inserted AFTER INSERT ON main.{0} BEGIN {1} END", table, added));
    database.exec(fmt::format("CREATE TEMP TRIGGER {0}_deleted AFTER DELETE ON main.{0} BEGIN {1} END", table,
                              removed));
    database.exec(fmt::format("CREATE TEMP TRIGGER {0}_updated AFTER UPDATE ON main.{0} BEGIN {1} {2} END",
                              table, removed, added));
  }
}

std::map<std::int64_t, std::uint64_t> checksums_of_rows(SQLite::Database& database) {
  add_function(database);
  std::map<std::int64_t, std::uint64_t> sums;
  const auto add = [&](const std::string& sql) {
    SQLite::Statement query(database, sql);
    while (query.executeStep())
      sums[query.getColumn(0).getInt64()] += static_cast<std::uint64_t>(query.getColumn(1).getInt64());
  };
  add(checksums_of_schema);
  for (const std::string& table : tables_with_checksums(database)) {
    const RowTerms terms = terms_of(database, table, "");
    add(fmt::format("SELECT {}, {} FROM \"{}\"", terms.point, terms.checksum, table));
  }
  return sums;
}

std::string damaged_rows(SQLite::Database& database) {
  SQLite::Transaction one_state(database);
  std::map<std::int64_t, std::uint64_t> rest = checksums_of_rows(database);
  SQLite::Statement stored(database, fmt::format("SELECT point, sum FROM {}", checksum_table));
  while (stored.executeStep())
    rest[stored.getColumn(0).getInt64()] -= static_cast<std::uint64_t>(stored.getColumn(1).getInt64());
  for (const auto& [point, difference] : rest) {
    if (difference == 0) continue;
    return point < 0 ? "the rows of no point" : fmt::format("the rows of point {}", point);
  }
  return {};
}

}  // namespace bncollapse::study
