#include "bncollapse/fields/range.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

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

namespace {

/// Integers with all their digits.
std::string bound_text(double value) {
  constexpr double largest_exact = 9007199254740992;
  const std::string text = number_text(value);
  const bool is_rounded = std::strtod(text.c_str(), nullptr) != value;
  const bool is_integer = value == std::trunc(value) && std::abs(value) < largest_exact;
  return is_rounded && is_integer ? std::to_string(static_cast<std::int64_t>(value)) : text;
}

std::string interval_text(const Range& range) {
  if (range.has_lower() && range.lower == range.upper) return bound_text(range.lower);
  if (range.has_lower() && range.has_upper() && !range.lower_open && !range.upper_open)
    return "from " + bound_text(range.lower) + " to " + bound_text(range.upper);
  std::string text;
  if (range.has_lower())
    text = range.lower_open ? "greater than " + bound_text(range.lower)
                            : "of " + bound_text(range.lower) + " or more";
  if (range.has_upper()) {
    text += text.empty() ? "" : " and ";
    text += range.upper_open ? "less than " + bound_text(range.upper)
                             : "of " + bound_text(range.upper) + " or less";
  }
  return text;
}

}  // namespace

std::string Range::text() const {
  return interval_text(*this) + (has_exception() ? ", not " + bound_text(exception) : "");
}

}  // namespace bncollapse::fields
