#include "run_verbs.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "mpi_team.hpp"

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

}  // namespace

int run_verbs(CLI::App& program, const std::vector<Verb>& verbs, int argc, char** argv) {
  // Writing beyond a file-size limit is to be an error of that write, not the end of the process.
  std::signal(SIGXFSZ, SIG_IGN);
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

}  // namespace bncollapse::cli
