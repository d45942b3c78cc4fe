#pragma once

#include <filesystem>
#include <string>

namespace bncollapse::cli {

/// A file from which the spec can be read again: a pipe's text is in the run's folder alone.
inline std::string lasting_spec(const std::string& spec, const std::filesystem::path& folder) {
  return std::filesystem::is_regular_file(spec) ? spec : (folder / "spec.resolved.json").string();
}

}  // namespace bncollapse::cli
