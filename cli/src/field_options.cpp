#include "field_options.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace bncollapse::cli {
namespace {

/// A decimal number and nothing else: neither 010 for eight nor 0x10, nor NaN.
template <class Number>
Number parsed(const std::string& option, const std::string& text, const char* what) {
  const char *first = text.data(), *last = text.data() + text.size();
  if (text.starts_with('+')) ++first;
  Number value{};
  const auto [end, error] = std::from_chars(first, last, value);
  if (error == std::errc::result_out_of_range)
    throw CLI::ValidationError(option, "is " + text + ", which is too large or too small");
  if (error != std::errc() || end != last || !std::isfinite(static_cast<double>(value)))
    throw CLI::ValidationError(option, "is \"" + text + "\"; it must be " + what);
  return value;
}

}  // namespace

std::string option_name(std::string_view path) {
  std::string name = "--";
  for (const char letter : path) name += letter == '.' || letter == '_' ? '-' : letter;
  return name;
}

double number_of(const std::string& option, const std::string& text) {
  return parsed<double>(option, text, "a decimal number");
}

std::int64_t integer_of(const std::string& option, const std::string& text) {
  return parsed<std::int64_t>(option, text, "an integer in decimal digits");
}

CLI::Option* FieldOptions::add_option(const std::string& path, const std::string& names, CLI::callback_t read,
                                      const std::string& help, const std::string& type,
                                      const std::string& default_text) {
  CLI::Option* option = app_.add_option(names, std::move(read), help);
  option->type_name(type);
  option->default_str(default_text);
  options_.emplace_back(path, option);
  return option;
}

std::string FieldOptions::option_of(const std::string& path) const {
  for (const auto& [known, option] : options_) {
    if (known == path) return option_name(path);
  }
  return path;
}

}  // namespace bncollapse::cli
