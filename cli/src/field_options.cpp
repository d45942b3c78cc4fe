#include "field_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

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

CLI::Validator in_range(const fields::Range& range) {
  return {[range](const std::string& given) {
            double value = 0;
            if (CLI::detail::lexical_cast(given, value) && range.holds(value)) return std::string();
            return fmt::format("is {}; it must be {}", given, range.text());
          },
          range.text()};
}

CLI::Validator one_of(std::vector<std::string> names) {
  const std::string listed = fmt::format("{}", fmt::join(names, ", "));
  return {[names = std::move(names), listed](const std::string& given) {
            if (std::find(names.begin(), names.end(), given) != names.end()) return std::string();
            return fmt::format("is {}; it must be one of {}{}", given, listed,
                               fields::suggestion(given, names));
          },
          "{" + listed + "}"};
}

}  // namespace bncollapse::cli
