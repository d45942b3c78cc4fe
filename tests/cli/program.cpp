#include "program.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace bncollapse::cli::testing {
namespace {

std::string read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

Finished shell(const std::string& command) {
  const TemporaryFolder folder;
  const std::string script =
      std::string("bncollapse() { '") + BNCOLLAPSE_PROGRAM + "' \"$@\"; }\n" + command + "\n";
  write(folder / "script", script);
  const int status = std::system(
      ("bash '" + folder / "script" + "' > '" + folder / "out" + "' 2> '" + folder / "err" + "'").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), read(folder / "out"),
          read(folder / "err")};
}

std::string no_python_module(const std::string& name) {
  return shell("/usr/bin/python3 -I -c 'import " + name + "'").code == 0 ? ""
                                                                         : "/usr/bin/python3 has no " + name;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

nlohmann::json small_spec(long trajectories, long steps) {
  return {{"bncollapse", 2},
          {"name", "small"},
          {"model", nlohmann::json::object()},
          {"optimizer", {{"learning_rate", 0.01}}},
          {"initial", {{"kind", "point"}}},
          {"simulation", {{"trajectories", trajectories}, {"steps", steps}, {"antithetic", true}}},
          {"sweep", {{"axes", {{{"field", "optimizer.learning_rate"}, {"values", {0.02, 0.04}}}}}}}};
}

std::string all_tables(const std::string& folder) {
  std::string text;
  for (const char* table : {"point", "prediction", "prediction_series", "estimate", "group_mean", "quantile",
                            "histogram", "path", "curve", "verdict"}) {
    const Finished exported = shell("bncollapse export " + folder + " --table " + table);
    text += exported.code == 0 ? exported.out : "failed: " + exported.err;
  }
  return text;
}

}  // namespace bncollapse::cli::testing
