#include "child_process.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "bncollapse/study/errors.hpp"

namespace bncollapse::cli {

std::vector<char*> argument_pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(std::vector<std::string> words, std::optional<int> output) {
  const std::vector<char*> arguments = argument_pointers(words);
  const pid_t starter = ::getpid();
  const pid_t child = ::fork();
  if (child < 0)
    throw study::RunError(fmt::format("{} cannot be started: {}", words.front(), std::strerror(errno)));
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const bool is_ready =
      ::getppid() == starter &&
      (!output || (::dup2(*output, STDOUT_FILENO) >= 0 && ::dup2(*output, STDERR_FILENO) >= 0));
  if (is_ready) {
    ::execv(arguments.front(), arguments.data());
    const char* const reason = std::strerror(errno);
    if (::write(STDERR_FILENO, reason, std::strlen(reason)) < 0) ::_exit(126);
  }
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace bncollapse::cli
