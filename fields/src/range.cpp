#include "bncollapse/fields/range.hpp"

#include <charconv>

#include "bncollapse/fields/text.hpp"

namespace bncollapse::fields {

std::string number_text(double value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::general, 10).ptr;
  return {digits, end};
}

std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char letter : text) {
    if (letter == '|') cell += '\\';
    cell += letter;
  }
  return cell;
}

std::string Range::text() const {
  if (has_lower() && has_upper() && !lower_open && !upper_open)
    return "from " + number_text(lower) + " to " + number_text(upper);
  std::string text;
  if (has_lower())
    text = lower_open ? "greater than " + number_text(lower) : "of " + number_text(lower) + " or more";
  if (has_upper()) {
    text += text.empty() ? "" : " and ";
    text += upper_open ? "less than " + number_text(upper) : "of " + number_text(upper) + " or less";
  }
  return text;
}

}  // namespace bncollapse::fields
