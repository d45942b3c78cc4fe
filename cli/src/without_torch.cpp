#include <string>

#include "bncollapse/study/errors.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

Verb missing_verb(CLI::App& program, const std::string& name) {
  CLI::App* app = program.add_subcommand(name, "Needs LibTorch, which this build lacks");
  app->allow_extras();
  return {app, [name]() -> int {
            throw study::RunError(
                name +
                ": this program was built without LibTorch, which trains networks: install Debian's "
                "libtorch-dev (or PyTorch, and give CMake its prefix) and build again");
          }};
}

}  // namespace

Verb train_verb(CLI::App& program) { return missing_verb(program, "train"); }
Verb probe_verb(CLI::App& program) { return missing_verb(program, "probe"); }

}  // namespace bncollapse::cli
