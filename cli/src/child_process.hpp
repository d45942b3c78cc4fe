#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace bncollapse::cli {

/// The descriptors that a child's stdout and stderr become; our own unless said otherwise.
struct ChildOutput {
  int out = STDOUT_FILENO, err = STDERR_FILENO;
};

/// Starts a program that gets SIGTERM when the thread ends that started it.
/// @param file   the program's path
/// @param words  its name, then its arguments
/// Throws RunError.
pid_t start(const std::string& file, std::vector<std::string> words, const ChildOutput& output = {});

/// Waits for the child's end; its status, as of waitpid.
int wait_for(pid_t child);

}  // namespace bncollapse::cli
