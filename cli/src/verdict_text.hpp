#pragma once

#include <filesystem>
#include <vector>

#include "bncollapse/study/verdict.hpp"

namespace bncollapse::cli {

/// The table of verdicts, why some are no pass, and how many there are of each, on stdout.
void print_verdicts(const std::vector<study::Verdict>& verdicts, const std::filesystem::path& folder);

}  // namespace bncollapse::cli
