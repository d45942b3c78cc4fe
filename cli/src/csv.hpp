#pragma once

#include <string>

#include "bncollapse/study/stored_table.hpp"

namespace bncollapse::cli {

/// What becomes of texts that a spreadsheet would take for formulas, those that begin with = + - @ or a tab.
enum class Formulas { keep, guard };  ///< guard: an apostrophe before them

/// RFC 4180 text of a table: a header, then a line a row; doubles as the shortest text that reads back as the
/// same bits, null as nothing, a histogram's counts with blanks between them.
std::string to_csv(const study::StoredTable& table, Formulas formulas = Formulas::keep);

}  // namespace bncollapse::cli
