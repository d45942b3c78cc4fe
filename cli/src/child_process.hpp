#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace bncollapse::cli {

/// A program's words as posix_spawn takes them; they live as long as `words`.
std::vector<char*> argument_pointers(std::vector<std::string>& words);

/// Starts a program that ends with this process, its stdout and stderr our own, or both into `output`.
/// @param words  the program's path, then its arguments
/// Throws RunError.
pid_t start(std::vector<std::string> words, std::optional<int> output = std::nullopt);

/// Waits for the child's end; its status, as of waitpid.
int wait_for(pid_t child);

}  // namespace bncollapse::cli
