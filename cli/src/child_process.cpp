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

pid_t start(const std::string& file, std::vector<std::string> words, const ChildOutput& output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t starter = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw study::RunError(fmt::format("{} cannot be started: {}", file, std::strerror(errno)));
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const bool is_ready = ::getppid() == starter && ::dup2(output.out, STDOUT_FILENO) >= 0 &&
                        ::dup2(output.err, STDERR_FILENO) >= 0;
  if (is_ready) {
    ::execv(file.c_str(), arguments.data());
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
