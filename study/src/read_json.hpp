#pragma once

#include <string>
#include <string_view>

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// The text of a regular file. Throws InputError naming the file and the reason.
std::string read_text_file(const std::string& path);

/// Parses strict JSON. Throws InputError naming `file` with line and column for a syntax error or a number
/// too large for a double, with the JSON path for a key that stands twice in one object.
Json read_json(std::string_view text, const std::string& file);

}  // namespace bncollapse::study
