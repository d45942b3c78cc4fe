#include "csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <variant>
#include <vector>

namespace bncollapse::cli {
namespace {

bool is_formula(const std::string& text) {
  return !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
}

struct CellText {
  Formulas formulas;

  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::vector<std::int64_t>& counts) const {
    return fmt::format("{}", fmt::join(counts, " "));
  }
  std::string operator()(const std::string& given) const {
    std::string text = formulas == Formulas::guard && is_formula(given) ? '\'' + given : given;
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
      if (c == '"') quoted += '"';
      quoted += c;
    }
    return quoted += '"';
  }
};

}  // namespace

std::string to_csv(const study::StoredTable& table, Formulas formulas) {
  const CellText text_of{formulas};
  const auto line_of = [&](const auto& text_of_column) {
    std::vector<std::string> texts;
    for (const study::StoredColumn& column : table.columns) texts.push_back(text_of_column(column));
    return fmt::format("{}\n", fmt::join(texts, ","));
  };
  std::string text = line_of([&](const study::StoredColumn& column) { return text_of(column.name); });
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    text +=
        line_of([&](const study::StoredColumn& column) { return std::visit(text_of, column.cells[row]); });
  }
  return text;
}

}  // namespace bncollapse::cli
