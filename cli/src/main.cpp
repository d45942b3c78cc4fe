#include <unistd.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/version.hpp"
#include "networks_program.hpp"
#include "run_verbs.hpp"
#include "standard_streams.hpp"

namespace bncollapse::cli {
namespace {

bool is_networks_verb(std::string_view verb) { return verb == "train" || verb == "probe"; }

Verb networks_verb(CLI::App& program, const char* name, const char* description) {
  CLI::App* app = program.add_subcommand(name, description);
  app->allow_extras();
  return {app, [name]() -> int {
            throw study::RunError(
                std::string(name) + ": " + networks_program().string() +
                ", which trains networks, is missing. This was built without LibTorch: install "
                "Debian's libtorch-dev (or PyTorch, and give CMake its prefix), then build again");
          }};
}

int run_program(int argc, char** argv) {
  guard_standard_streams();
  if (argc > 1 && is_networks_verb(argv[1])) {
    ::execv(networks_program().c_str(), argv);  // returns where there is none
  }
  CLI::App program{
      "Filter collapse under batch normalisation: predictions, simulations, verdicts.\n"
      "Exit codes: 0 success, 1 a verdict failed, 2 bad input, 3 the run failed,\n"
      "4 no verdict failed, but at least one is inconclusive or out of range."};
  program.name("bncollapse");
  program.set_version_flag("--version", study::program_version());
  program.require_subcommand(0, 1);
  program.footer(
      "Examples:\n"
      "  bncollapse theory --gamma 1 --beta 0 --eta 0.01 --sigma 1\n"
      "  bncollapse run experiments/single-neuron/scaling-learning-rate.json\n"
      "  bncollapse train experiments/networks/quick/rounds.json\n"
      "  bncollapse report results\n"
      "`bncollapse VERB --help` describes each verb.");
  return run_verbs(
      program,
      {theory_verb(program), run_verb(program),
       networks_verb(program, "train", "Train a spec's networks and judge its claims"),
       networks_verb(program, "probe",
                     "What one SGD step does to a network's activation probabilities, beside Theorem 1"),
       report_verb(program), export_verb(program), spec_verb(program), info_verb(program)},
      argc, argv);
}

}  // namespace
}  // namespace bncollapse::cli

int main(int argc, char** argv) { return bncollapse::cli::run_program(argc, argv); }
