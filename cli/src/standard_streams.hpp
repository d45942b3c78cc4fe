#pragma once

#include <string>

namespace bncollapse::cli {

/// To be called first. A stream that is closed at the start stays so: no file that is opened later takes its
/// place. A reader that leaves, and a file that may not grow, are errors of a write, not the end of the
/// process.
void guard_standard_streams();

/// On stderr. That it cannot be written disturbs nothing.
void tell(const std::string& text) noexcept;

}  // namespace bncollapse::cli
