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
    const std::string text = formulas == Formulas::guard && is_formula(given) ? '\'' + given : given;
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
  std::string text;
  const auto add_line = [&](const auto& cells, const auto& text_of) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += ',';
      text += text_of(cells[i]);
    }
    text += '\n';
  };
  const CellText cell_text{formulas};
  add_line(table.columns, cell_text);
  for (const auto& row : table.rows) {
    add_line(row, [&](const study::Cell& cell) { return std::visit(cell_text, cell); });
  }
  return text;
}

}  // namespace bncollapse::cli
