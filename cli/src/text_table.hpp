#pragma once

#include <string>
#include <vector>

namespace bncollapse::cli {

/// Rows of equal length as aligned columns, the first row the header with a line below it.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace bncollapse::cli
