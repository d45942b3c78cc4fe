#include <CLI/CLI.hpp>

#include "run_verbs.hpp"
#include "standard_streams.hpp"

/// The verbs of `bncollapse` that need LibTorch.
int main(int argc, char** argv) {
  using namespace bncollapse::cli;
  guard_standard_streams();
  CLI::App program{"Training of networks; `bncollapse train` and `bncollapse probe` start this program."};
  program.name("bncollapse");
  program.require_subcommand(0, 1);
  return run_verbs(program, {train_verb(program), probe_verb(program)}, argc, argv);
}
