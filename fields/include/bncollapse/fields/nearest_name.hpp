#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bncollapse::fields {

/// The candidate that `word` most likely meant: the one with the fewest edits (insertion, deletion,
/// replacement, swap of neighbours), at most a third of the word's length and at least 2; nothing where none
/// is that near.
std::optional<std::string> nearest_name(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean NAME?" or an empty text.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace bncollapse::fields
