#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "child_process.hpp"
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
  throw study::RunError(fmt::format("report.py, which draws the figures, is missing; it is neither {} nor {}",
                                    candidates[0].string(), candidates[1].string()));
}

int exit_code(pid_t child) {
  const int status = wait_for(child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// What a Python says where it cannot load the figures' code; empty where it can.
std::string obstacle(const std::string& python, const fs::path& script) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    throw study::RunError(fmt::format("no pipe can be made: {}", std::strerror(errno)));
  const pid_t child = start(python,
                            {python, "-I", "-c", "import sys; sys.path.insert(0, sys.argv[1]); import report",
                             script.parent_path().string()},
                            {.out = pipe[1], .err = pipe[1]});
  ::close(pipe[1]);
  std::string said;
  std::array<char, 4096> part{};
  for (ssize_t count = 0; (count = ::read(pipe[0], part.data(), part.size())) > 0;)
    said.append(part.data(), static_cast<std::size_t>(count));
  ::close(pipe[0]);
  if (exit_code(child) == 0) return {};
  said.erase(said.find_last_not_of('\n') + 1);
  return said.empty() ? "it ended without a message" : said.substr(said.rfind('\n') + 1);
}

/// The Pythons that may draw: that of the active virtual environment, the system's, the first on PATH.
/// Folders that are relative to the current one are not searched.
std::vector<std::string> pythons() {
  std::vector<std::string> found;
  const auto consider = [&](const fs::path& python) {
    if (python.is_absolute() && ::access(python.c_str(), X_OK) == 0 &&
        std::find(found.begin(), found.end(), python) == found.end())
      found.push_back(python.string());
  };
  if (const char* environment = std::getenv("VIRTUAL_ENV"))
    consider(fs::path(environment) / "bin" / "python3");
  consider("/usr/bin/python3");
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  const std::size_t before = found.size();
  for (std::string folder; found.size() == before && std::getline(folders, folder, ':');)
    consider(fs::path(folder) / "python3");
  return found;
}

/// The first that can draw. It runs isolated (-I): no code of the current folder, of PYTHONPATH or of a run's
/// folder.
std::string drawing_python(const fs::path& script) {
  std::string tried;
  for (const std::string& python : pythons()) {
    const std::string problem = obstacle(python, script);
    if (problem.empty()) return python;
    tried += fmt::format("\n  {}: {}", python, problem);
  }
  throw study::RunError(
      fmt::format("no Python can draw the figures: install python3-matplotlib, or activate a virtual "
                  "environment that has matplotlib (PYTHONPATH is not read){}",
                  tried));
}

int report(const ReportOptions& options) {
  const fs::path script = report_script();
  const std::string python = drawing_python(script);
  std::vector<std::string> words{python, "-I", script.string()};
  if (!options.out.empty()) words.push_back("--out=" + options.out);
  words.emplace_back("--");
  words.insert(words.end(), options.folders.begin(), options.folders.end());
  const int code = exit_code(start(python, words));
  constexpr int cannot_be_written = 3;
  if (code == 0 || code == 2 || code == cannot_be_written) return code;
  throw study::RunError(fmt::format("{} failed", script.string()));
}

}  // namespace

Verb report_verb(CLI::App& program) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* app = program.add_subcommand("report", "Draw the figures of runs and write their report page");
  app->add_option("DIR", options->folders, "A run's folder, or a folder of them")->required();
  app->add_option("--out", options->out, "The page (default: report.html in the first DIR)");
  app->footer(
      "Each run gets DIR/figures/NAME.pdf and .png; the page is one self-contained HTML file.\n"
      "The files in a DIR are read as data; no code in them is run. Where a run cannot be read, the page\n"
      "says so and shows the other runs, and the exit code is 2.\n"
      "Examples:\n"
      "  bncollapse report results\n"
      "  bncollapse report results/scaling-learning-rate --out scaling.html");
  return {app, [options] { return report(*options); }};
}

}  // namespace bncollapse::cli
