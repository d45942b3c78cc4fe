#pragma once

#include <string>
#include <string_view>

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// Parses strict JSON, with or without a byte-order mark. Throws InputError naming `file` with line and
/// column for a syntax error or a number too large for a double, with the JSON path for a key that stands
/// twice in one object and for more than 64 levels.
Json read_json(std::string_view text, const std::string& file);

}  // namespace bncollapse::study
