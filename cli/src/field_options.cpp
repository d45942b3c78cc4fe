#include "field_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "bncollapse/fields/nearest_name.hpp"

namespace bncollapse::cli {

std::string option_name(std::string_view path) {
  std::string name = "--";
  for (const char letter : path) name += letter == '.' || letter == '_' ? '-' : letter;
  return name;
}

std::string FieldOptions::option_of(const std::string& path) const {
  for (const auto& [known, option] : options_) {
    if (known == path) return option_name(path);
  }
  return path;
}

std::string comma_separated(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string not_one_of(const std::string& given, const std::vector<std::string>& names) {
  return fmt::format("is {}; it must be one of {}{}", given, comma_separated(names),
                     fields::suggestion(given, names));
}

CLI::Validator in_range(const fields::Range& range) {
  return {[range](const std::string& given) {
            double value = 0;
            const char* const last = given.data() + given.size();
            const auto [end, error] = std::from_chars(given.data(), last, value);
            if (error == std::errc() && end == last && range.holds(value)) return std::string();
            return fmt::format("is {}; it must be {}", given, range.text());
          },
          range.text()};
}

CLI::Validator one_of(std::vector<std::string> names) {
  std::string shown = "{" + comma_separated(names) + "}";
  return {[names = std::move(names)](const std::string& given) {
            const bool is_one = std::find(names.begin(), names.end(), given) != names.end();
            return is_one ? std::string() : not_one_of(given, names);
          },
          std::move(shown)};
}

}  // namespace bncollapse::cli
