#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <map>
#include <string>

namespace bncollapse::study {

/// The table `checksum`: for each point (-1: rows of no point, and the tables' definitions) the sum over its
/// rows in all other tables of CRC-32 (ISO 3309) of a row. A row's bytes are its table's name and its cells
/// in the order of the columns, each a letter and a value: n (null), i and 8 bytes (integer), f and 8 bytes
/// (double), t or b and 8 bytes of length and the bytes (text, blob); numbers have the lowest byte first. A
/// sum that may be added to and taken from lets rows come and go in any order.
inline constexpr char checksum_table[] = "checksum";

/// The first sums, of tables without rows; then as keep_checksums.
void begin_checksums(SQLite::Database& database);

/// Keeps the table up to date with every row that this connection inserts, deletes or changes from here on,
/// in the transaction of that change.
void keep_checksums(SQLite::Database& database);

/// The sums as the rows are, by point.
std::map<std::int64_t, std::uint64_t> checksums_of_rows(SQLite::Database& database);

/// The first rows that do not have their checksum, for people: "the rows of point 3"; empty where all have
/// it.
std::string damaged_rows(SQLite::Database& database);

}  // namespace bncollapse::study
