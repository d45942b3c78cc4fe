#include "schema/place.hpp"

#include <fmt/format.h>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/text_file.hpp"

namespace bncollapse::study {

std::string shown(const Json& value) {
  return theory::shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}
Place Place::key(std::string_view name) const {
  return {file, path.empty() ? std::string(name) : fmt::format("{}.{}", path, name)};
}

Place Place::index(std::size_t position) const { return {file, fmt::format("{}[{}]", path, position)}; }

void Place::fail(const std::string& problem) const {
  throw InputError(
      fmt::format("{}: {} {}", file, path.empty() ? "the whole" : theory::shortened(path) + ":", problem));
}
}  // namespace bncollapse::study
