#include "bncollapse/study/errors.hpp"
#include "verb.hpp"

namespace bncollapse::cli {

Verb train_verb(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "Train networks (this build lacks LibTorch)");
  app->allow_extras();
  return {app, []() -> int {
            throw study::RunError(
                "train: this program was built without LibTorch, which trains networks: install Debian's "
                "libtorch-dev (or PyTorch, and give CMake its prefix) and build again");
          }};
}

}  // namespace bncollapse::cli
