// Runs the built program as its users do.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "temporary_folder.hpp"

namespace bncollapse::cli::testing {

using bncollapse::TemporaryFolder;

struct Finished {
  int code = 0;  ///< exit code, or minus the signal that ended it
  std::string out, err;
};

/// A shell command, in which `bncollapse` is the program.
Finished shell(const std::string& command);

/// Whether a program can run in little address space: none that a sanitizer watches can.
inline constexpr bool can_limit_address_space = !BNCOLLAPSE_IS_SANITIZED;
/// The command with at most so much address space, where that can be.
inline std::string with_address_space(int mebibytes, const std::string& command) {
  if (!can_limit_address_space) return command;
  return "(ulimit -v " + std::to_string(1024 * mebibytes) + "; " + command + ")";
}

/// Why the system's Python cannot run what needs the module; empty where it can.
std::string no_python_module(const std::string& name);

void write(const std::string& path, const std::string& text);
bool contains(const std::string& text, const std::string& part);

/// A valid spec of two points and no checks, with so many trajectories and steps.
nlohmann::json small_spec(long trajectories = 1000, long steps = 1);

/// Every table of a run but `meta`, as CSV.
std::string all_tables(const std::string& folder);

}  // namespace bncollapse::cli::testing
