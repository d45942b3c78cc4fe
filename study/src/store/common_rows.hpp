// The tables that stores of both kinds have.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "bncollapse/study/verdict.hpp"
#include "store/table.hpp"

namespace bncollapse::study {

/// The first column of most tables.
template <class Row>
constexpr auto point_column() {
  return column("point", &Row::point, "the point of the sweep");
}

struct MetaRow {
  std::string key, value;
};

/// The keys of the table `meta`.
namespace meta_key {

inline constexpr Quantity store_version{"store_version", "", "version of the tables"};
inline constexpr Quantity program_version{"program_version", "", "version of the program"};
inline constexpr Quantity kind{"kind", "", "neuron or networks"};
inline constexpr Quantity spec{"spec", "", "the resolved spec (JSON)"};
inline constexpr Quantity spec_sha256{"spec_sha256", "", "SHA-256 of the experiment that the spec describes"};
inline constexpr Quantity points{
    "points", "",
    "how many points the spec asks for; rows of further points belong to an earlier spec of the run, and are "
    "not read"};
inline constexpr Quantity name{"name", "", "the spec's name"};
inline constexpr Quantity seed{"seed", "", "the spec's seed"};
inline constexpr Quantity generator{"generator", "", "the generator of random numbers"};
inline constexpr Quantity engine{"engine", "", "what computed the first points"};
inline constexpr Quantity host{"host", "", "the machine of the first points"};
inline constexpr Quantity build{"build", "", "compiler and options of the program"};
inline constexpr Quantity started{"started", "", "when the run began (UTC)"};

inline constexpr std::array all{store_version, program_version, kind,   spec, spec_sha256, points, name,
                                seed,          generator,       engine, host, build,       started};

}  // namespace meta_key

template <>
struct Table<MetaRow> {
  static constexpr auto name = "meta", help = "What the run is, and how and where it was made.";
  static constexpr std::array key{"key"};
  static constexpr std::tuple columns{column("key", &MetaRow::key, "see below"),
                                      column("value", &MetaRow::value, "numbers as text, too")};
  static constexpr auto quantities = meta_key::all;
};

template <>
struct Stored<Outcome> {
  static constexpr ColumnType type = ColumnType::text;
  static void bind(SQLite::Statement& statement, int position, Outcome value) {
    statement.bind(position, std::string(to_string(value)));
  }
};

struct VerdictRow : Verdict {
  std::int64_t position = 0;
};

template <>
struct Table<VerdictRow> {
  static constexpr auto name = "verdict",
                        help =
                            "The checks of the spec, judged from the store alone when all points are there.";
  static constexpr std::array key{"position"};
  static constexpr std::tuple columns{
      column("position", &VerdictRow::position, "from 0, in the spec's order"),
      column("check_name", &Verdict::check, "the kind of check"),
      column("claim", &Verdict::claim, "what is claimed, for people"),
      column("point", &Verdict::point, "null: it is about several points"),
      column("field", &Verdict::field, "what is compared"),
      column("measured", &Verdict::measured, "the measured value"),
      column("standard_error", &Verdict::standard_error, "of `measured`; 0 where nothing is random"),
      column("predicted", &Verdict::predicted, "the predicted value; null where a check has none"),
      column("deviation", &Verdict::deviation,
             "(measured - predicted) / standard_error; 0 where that is not defined"),
      column("tolerance", &Verdict::tolerance, "the largest allowed |measured - predicted|"),
      column("tolerance_source", &Verdict::tolerance_source, "where the tolerance comes from"),
      column("verdict", &Verdict::outcome, "pass, fail, out of range or inconclusive"),
      column("note", &Verdict::note, "for people")};
};

struct ChecksumRow {
  std::int64_t point = 0, sum = 0;
};

template <>
struct Table<ChecksumRow> {
  static constexpr auto name = "checksum",
                        help =
                            "Not a result, and not exported: for each point the sum of CRC-32 "
                            "over the point's rows in all other tables.";
  static constexpr std::array key{"point"};
  static constexpr std::tuple columns{
      column("point", &ChecksumRow::point, "-1: rows of no point, and the definitions of the tables"),
      column("sum", &ChecksumRow::sum, "the sum")};
};

}  // namespace bncollapse::study
