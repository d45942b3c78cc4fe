#pragma once

#include <optional>
#include <string>

#include "bncollapse/nets/trainer.hpp"

namespace bncollapse::cli {

/// A training's progress as a line with a JSON object, which a process that trains writes to stderr.
std::string to_line(const nets::Progress& progress);

/// What `to_line` wrote, without its end of line; nothing where the text is no JSON object. The times and the
/// total are not among it.
std::optional<nets::Progress> progress_of(const std::string& line);

/// For people.
std::string describe(const nets::Progress& progress);

}  // namespace bncollapse::cli
