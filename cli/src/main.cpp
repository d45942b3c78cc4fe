#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/version.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "mpi_team.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

constexpr int bad_input = 2, failed_run = 3;

int complain(int code, const std::string& message) {
  fmt::print(stderr, "bncollapse: {}\n", message);
  return code;
}

int code_of(const Verb& verb) {
  try {
    const int code = verb.run();
    // A full disk or a closed pipe behind stdout shows at the last write.
    if (std::fflush(stdout) != 0)
      return complain(failed_run, fmt::format("stdout: {}", std::strerror(errno)));
    return code;
  } catch (const study::InputError& error) {
    return complain(bad_input, error.what());
  } catch (const theory::InvalidArgument& error) {
    return complain(bad_input, error.what());
  } catch (const nets::FileError& error) {
    return complain(bad_input, error.what());
  } catch (const study::RunError& error) {
    return complain(failed_run, error.what());
  } catch (const sim::EngineUnavailable& error) {
    return complain(failed_run, error.what());
  } catch (const std::bad_alloc&) {
    return complain(failed_run, "out of memory: take fewer bins, records or points");
  } catch (const std::exception& error) {
    return complain(failed_run, error.what());
  }
}

int run_verb_of(const Verb& verb) {
  const int code = code_of(verb);
  abort_mpi_team(code);
  return code;
}

int run_program(int argc, char** argv) {
  CLI::App program{
      "Filter collapse under batch normalisation: predictions, simulations, verdicts.\n"
      "Exit codes: 0 all well, 1 a verdict failed, 2 bad input, 3 the run failed, 4 a verdict is "
      "inconclusive."};
  program.name("bncollapse");
  program.set_version_flag("--version", study::program_version());
  program.require_subcommand(0, 1);
  program.footer(
      "Examples:\n"
      "  bncollapse theory --gamma 1 --beta 0 --eta 0.01 --sigma 1\n"
      "  bncollapse run experiments/single-neuron/scaling-learning-rate.json\n"
      "  bncollapse train experiments/networks/quick/rounds.json\n"
      "  bncollapse report results\n"
      "`bncollapse VERB --help` teaches each verb.");
  const Verb verbs[] = {theory_verb(program), run_verb(program),    train_verb(program), probe_verb(program),
                        report_verb(program), export_verb(program), spec_verb(program),  info_verb(program)};
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);
    return complain(bad_input, fmt::format("{}\nRun with --help for what is allowed.", error.what()));
  }
  for (const Verb& verb : verbs) {
    if (verb.app->parsed()) return run_verb_of(verb);
  }
  return complain(bad_input,
                  "a verb is missing: theory, run, train, probe, report, export, spec or info; see --help");
}

}  // namespace
}  // namespace bncollapse::cli

int main(int argc, char** argv) {
  // Writing beyond a file-size limit is to be an error of that write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
  return bncollapse::cli::run_program(argc, argv);
}
