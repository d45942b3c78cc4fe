#pragma once

#include <string>
#include <vector>

namespace bncollapse::cli {

/// The words as a line for a shell, quoted where they need it.
std::string shell_words(const std::vector<std::string>& words);

}  // namespace bncollapse::cli
