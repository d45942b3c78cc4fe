#include "field_options.hpp"

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

}  // namespace bncollapse::cli
