#pragma once

#include <string>

namespace bncollapse::study {

/// The program's version, e.g. "0.1.0".
std::string program_version();

/// How it was built: type, compiler, sanitizers.
std::string build_description();

}  // namespace bncollapse::study
