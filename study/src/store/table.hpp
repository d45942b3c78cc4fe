// Tables whose rows are structs: a column is a member.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "bncollapse/fields/field.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/store_format.hpp"

namespace bncollapse::study {

/// A column holds a member of the row, or of a part that the row inherits.
template <class Part, class Value>
struct Column {
  const char* name;
  Value Part::*member;
  const char* help;  ///< what it holds, with its unit
};

template <class Part, class Value>
constexpr Column<Part, Value> column(const char* name, Value Part::*member, const char* help) {
  return {name, member, help};
}

/// The table of a struct. A specialisation says
///   name, help  const char*
///   columns     a tuple of columns, in their order
///   key         an array of the names of the columns that tell rows apart; empty where there are none
///   quantities  an array of what the column `quantity` takes, where the table has one
template <class Row>
struct Table;

/// Calls `action(column)` for each column.
template <class Row, class Action>
void for_each_column(const Action& action) {
  std::apply([&](const auto&... columns) { (action(columns), ...); }, Table<Row>::columns);
}

/// How SQLite holds a member: its type, `bind(statement, position, value)` and `read(column, value)`.
template <class Value>
struct Stored;

template <>
struct Stored<std::int64_t> {
  static constexpr ColumnType type = ColumnType::integer;
  static void bind(SQLite::Statement& statement, int position, std::int64_t value) {
    statement.bind(position, value);
  }
  static void read(const SQLite::Column& column, std::int64_t& value) { value = column.getInt64(); }
};

template <>
struct Stored<bool> {
  static constexpr ColumnType type = ColumnType::integer;
  static void bind(SQLite::Statement& statement, int position, bool value) {
    statement.bind(position, value ? 1 : 0);
  }
  static void read(const SQLite::Column& column, bool& value) { value = column.getInt() != 0; }
};

template <>
struct Stored<double> {
  static constexpr ColumnType type = ColumnType::real;
  static void bind(SQLite::Statement& statement, int position, double value) {
    statement.bind(position, value);
  }
  static void read(const SQLite::Column& column, double& value) { value = column.getDouble(); }
};

template <>
struct Stored<std::string> {
  static constexpr ColumnType type = ColumnType::text;
  static void bind(SQLite::Statement& statement, int position, const std::string& value) {
    statement.bindNoCopy(position, value);
  }
  static void read(const SQLite::Column& column, std::string& value) { value = column.getString(); }
};

template <>
struct Stored<Json> {
  static constexpr ColumnType type = ColumnType::text;
  static void bind(SQLite::Statement& statement, int position, const Json& value) {
    statement.bind(position, value.dump());
  }
  static void read(const SQLite::Column& column, Json& value);
};

/// Little-endian, whatever the processor.
template <>
struct Stored<std::vector<std::int64_t>> {
  static constexpr ColumnType type = ColumnType::counts;
  static void bind(SQLite::Statement& statement, int position, const std::vector<std::int64_t>& value);
  static void read(const SQLite::Column& column, std::vector<std::int64_t>& value);
};

template <class Value>
struct Stored<std::optional<Value>> {
  static constexpr ColumnType type = Stored<Value>::type;
  static void bind(SQLite::Statement& statement, int position, const std::optional<Value>& value) {
    if (value)
      Stored<Value>::bind(statement, position, *value);
    else
      statement.bind(position);
  }
  static void read(const SQLite::Column& column, std::optional<Value>& value) {
    if (column.isNull())
      value.reset();
    else
      Stored<Value>::read(column, value.emplace());
  }
};

template <class Row>
TableFormat format_of() {
  using Own = Table<Row>;
  TableFormat format{Own::name, Own::help, {}, {}, {}};
  for_each_column<Row>([&]<class Part, class Value>(const Column<Part, Value>& column) {
    format.columns.push_back({column.name, Stored<Value>::type, fields::is_optional<Value>, column.help});
  });
  format.key.assign(Own::key.begin(), Own::key.end());
  if constexpr (requires { Own::quantities; })
    format.quantities.assign(Own::quantities.begin(), Own::quantities.end());
  return format;
}

/// "point, step, mean"
template <class Row>
std::string column_names() {
  std::vector<std::string_view> names;
  for_each_column<Row>([&](const auto& column) { names.emplace_back(column.name); });
  return fmt::format("{}", fmt::join(names, ", "));
}

/// SQLite holds no NaN (it would turn into null). Throws RunError where a value is one.
void require_number(double value, const char* table, const char* column);

/// Inserts rows.
template <class Row>
class Insert {
 public:
  explicit Insert(SQLite::Database& database)
      : statement_(database, fmt::format("INSERT INTO {} ({}) VALUES ({})", Table<Row>::name,
                                         column_names<Row>(), placeholders())) {}

  void operator()(const Row& row) {
    int position = 0;
    for_each_column<Row>([&]<class Part, class Value>(const Column<Part, Value>& column) {
      const Value& value = row.*column.member;
      if constexpr (std::is_same_v<Value, double>) {
        require_number(value, Table<Row>::name, column.name);
      } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
        if (value) require_number(*value, Table<Row>::name, column.name);
      }
      Stored<Value>::bind(statement_, ++position, value);
    });
    statement_.exec();
    statement_.reset();
  }

 private:
  static std::string placeholders() {
    constexpr std::size_t count = std::tuple_size_v<std::remove_const_t<decltype(Table<Row>::columns)>>;
    return fmt::format("{}", fmt::join(std::vector<char>(count, '?'), ", "));
  }

  SQLite::Statement statement_;
};

/// Calls `visit(row)` for each row.
/// @param clause  SQL: which of them, and in which order
template <class Row, class Visit, class... Arguments>
void for_each_row(SQLite::Database& database, std::string_view clause, const Visit& visit,
                  const Arguments&... arguments) {
  SQLite::Statement query(database,
                          fmt::format("SELECT {} FROM {} {}", column_names<Row>(), Table<Row>::name, clause));
  int parameter = 0;
  (query.bind(++parameter, arguments), ...);
  while (query.executeStep()) {
    Row row;
    int position = 0;
    for_each_column<Row>([&]<class Part, class Value>(const Column<Part, Value>& column) {
      Stored<Value>::read(query.getColumn(position++), row.*column.member);
    });
    visit(row);
  }
}

}  // namespace bncollapse::study
