#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bncollapse::cli {

/// A program's words as posix_spawn takes them; they live as long as `words`.
std::vector<char*> argument_pointers(std::vector<std::string>& words);

/// Waits for the child's end; its status, as of waitpid.
int wait_for(pid_t child);

}  // namespace bncollapse::cli
