#include "csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <variant>
#include <vector>

namespace bncollapse::cli {
namespace {

struct CellText {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::vector<std::int64_t>& counts) const {
    return fmt::format("{}", fmt::join(counts, " "));
  }
  std::string operator()(const std::string& text) const {
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

std::string to_csv(const study::StoredTable& table) {
  std::string text;
  const auto add_line = [&](const auto& cells, const auto& text_of) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += ',';
      text += text_of(cells[i]);
    }
    text += '\n';
  };
  add_line(table.columns, CellText{});
  for (const auto& row : table.rows) {
    add_line(row, [](const study::Cell& cell) { return std::visit(CellText{}, cell); });
  }
  return text;
}

}  // namespace bncollapse::cli
