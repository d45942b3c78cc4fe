#pragma once

#include <string>
#include <vector>

#include "verb.hpp"

namespace bncollapse::cli {

/// Parses the command line and runs the verb that it names; the exit code.
int run_verbs(CLI::App& program, const std::vector<Verb>& verbs, int argc, char** argv);

}  // namespace bncollapse::cli
