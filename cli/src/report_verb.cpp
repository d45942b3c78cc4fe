#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

namespace fs = std::filesystem;

struct ReportOptions {
  std::vector<std::string> folders;
  std::string out;
};

/// The installed figures beside the program (bin/../share/bncollapse/plots), else those of the source tree it
/// was built from.
fs::path report_script() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const std::array candidates{
      program.parent_path().parent_path() / "share" / "bncollapse" / "plots" / "report.py",
      fs::path(BNCOLLAPSE_PLOTS_FOLDER) / "report.py"};
  for (const fs::path& candidate : candidates) {
    if (fs::is_regular_file(candidate, error)) return candidate;
  }
  throw study::RunError(fmt::format("report.py, which draws the figures, is neither {} nor {}",
                                    candidates[0].string(), candidates[1].string()));
}

/// Debian's Python, for which Debian's matplotlib is, where there is one.
std::string python() {
  constexpr const char* system_python = "/usr/bin/python3";
  return ::access(system_python, X_OK) == 0 ? system_python : "python3";
}

/// Runs a program with our own stdin, stdout and stderr; its exit code.
int run_program(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int problem = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ);
  if (problem != 0)
    throw study::RunError(fmt::format("{} cannot be started: {}", words.front(), std::strerror(problem)));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int report(const ReportOptions& options) {
  const std::string interpreter = python();
  const std::string script = report_script().string();
  if (run_program({interpreter, "-c",
                   "import importlib.util, sys; "
                   "sys.exit(0 if all(map(importlib.util.find_spec, ('matplotlib', 'numpy'))) else 1)"}) !=
      0) {
    throw study::RunError(fmt::format(
        "{} lacks matplotlib or numpy, which draw the figures: install python3-matplotlib", interpreter));
  }
  std::vector<std::string> words{interpreter, script};
  words.insert(words.end(), options.folders.begin(), options.folders.end());
  if (!options.out.empty()) words.insert(words.end(), {"--out", options.out});
  const int code = run_program(words);
  if (code == 0 || code == 2) return code;
  throw study::RunError(fmt::format("{} failed", script));
}

}  // namespace

Verb report_verb(CLI::App& program) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* app = program.add_subcommand("report", "Draw the figures of runs and write their report page");
  app->add_option("DIR", options->folders, "A run's folder, or a folder of them")->required();
  app->add_option("--out", options->out, "The page (default: report.html in the first DIR)");
  app->footer(
      "Each run gets DIR/figures/NAME.pdf and .png; the page is one self-contained HTML file.\n"
      "Examples:\n"
      "  bncollapse report results\n"
      "  bncollapse report results/scaling-learning-rate --out scaling.html");
  return {app, [options] { return report(*options); }};
}

}  // namespace bncollapse::cli
