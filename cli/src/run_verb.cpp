#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/gpu/engine.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/sim/fields.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/run.hpp"
#include "bncollapse/study/run_store.hpp"
#include "field_options.hpp"
#include "lasting_spec.hpp"
#include "mpi_communicator.hpp"
#include "progress.hpp"
#include "shell_words.hpp"
#include "spec_notes.hpp"
#include "standard_streams.hpp"
#include "stop_signal.hpp"
#include "threads.hpp"
#include "verb.hpp"
#include "verdict_text.hpp"

namespace bncollapse::cli {
namespace {

constexpr int interrupted = 3;

struct RunOptions {
  std::string spec, out;
  std::string engine{fields::name_of(sim::EngineName::automatic)};
  int threads = 0;
  bool resume = false, json = false, mpi = false;
};

void print_json(const study::Spec& spec, const std::filesystem::path& folder, const sim::Engine& engine,
                const std::vector<study::Verdict>& verdicts) {
  const study::Json result = {{"name", spec.name()},
                              {"folder", folder.string()},
                              {"engine", engine.name()},
                              {"spec_sha256", spec.sha256()},
                              {"points", spec.count_points()},
                              {"verdicts", study::to_json(verdicts)},
                              {"exit_code", study::exit_code(verdicts)}};
  fmt::print("{}\n", result.dump(2, ' ', false, study::Json::error_handler_t::replace));
}

std::string command_to_resume(const RunOptions& options, const std::filesystem::path& folder) {
  std::vector<std::string> words = {"bncollapse", "run", lasting_spec(options.spec, folder), "--out",
                                    folder.string()};
  if (options.engine != RunOptions().engine) words.insert(words.end(), {"--engine", options.engine});
  if (options.threads != RunOptions().threads)
    words.insert(words.end(), {"--threads", std::to_string(options.threads)});
  if (options.mpi) words.emplace_back("--mpi");
  if (options.json) words.emplace_back("--json");
  words.emplace_back("--resume");
  return shell_words(words);
}

int run(const RunOptions& options) {
  const study::Spec spec = study::read_spec(options.spec);
  if (spec.is_network()) {
    throw study::InputError(options.spec +
                            ": trains networks (it has the key \"network\"); use `bncollapse train`");
  }
  const std::unique_ptr<sim::Communicator> communicator = options.mpi ? make_mpi_communicator() : nullptr;
  const bool is_root = communicator == nullptr || communicator->is_root();
  if (is_root) tell_notes(spec);
  const std::filesystem::path folder = options.out.empty() ? std::filesystem::path("results") / spec.name()
                                                           : std::filesystem::path(options.out);
  const auto [engine, note] =
      gpu::make_engine(fields::enumerator_of<sim::EngineName>(options.engine).value(), options.threads);
  if (is_root && !note.empty()) tell(fmt::format("bncollapse: the cpu engine takes over: {}\n", note));
  require_threads(threads_of(options.threads));
  const auto existing = options.resume ? study::Store::Existing::resume : study::Store::Existing::refuse;
  std::vector<study::Verdict> verdicts;
  bool is_begun = false;
  try {
    ProgressView view;
    study::RunWatch watch{.on_progress = {},
                          .on_message = {},
                          .on_begun = [&] { is_begun = true; },
                          .stop = &catch_stop_signals()};
    if (is_root) {
      watch.on_progress = [&](const study::Progress& progress) { view.show(progress); };
      watch.on_message = [&](const std::string& text) { view.message(text); };
    }
    verdicts = study::run_spec(spec, folder, *engine, existing, watch,
                               {.communicator = communicator.get(), .threads = threads_of(options.threads)});
  } catch (const sim::Interrupted&) {
    if (is_root) {
      tell(is_begun ? fmt::format(
                          "bncollapse: interrupted; finished points are kept in {}; continue with:\n  {}\n",
                          folder.string(), command_to_resume(options, folder))
                    : "bncollapse: interrupted; nothing was begun\n");
    }
    abort_mpi_communicator(interrupted);
    return interrupted;
  }
  leave_mpi_communicator();
  if (!is_root) return 0;
  if (options.json)
    print_json(spec, folder, *engine, verdicts);
  else
    print_verdicts(verdicts, folder);
  return study::exit_code(verdicts);
}

}  // namespace

Verb run_verb(CLI::App& program) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* app = program.add_subcommand("run", "Run a spec's sweep and judge its predictions");
  app->add_option("SPEC", options->spec,
                  "JSON spec, - for the standard input; `bncollapse spec --schema` describes its fields")
      ->required();
  app->add_option("--out", options->out, "Folder of the results (default: results/NAME)");
  app->add_option(
         "--engine", options->engine,
         "Engine (default: auto). All engines give the same numbers, except cuda-approximate: it uses the "
         "approximate functions of the hardware, and the results say so")
      ->check(one_of(fields::names_of<sim::EngineName>()));
  app->add_option("--threads", options->threads, "Threads (default: all)")
      ->check(in_range(fields::thread_count));
  app->add_flag(
      "--mpi", options->mpi,
      "Share the run among the processes that mpirun or srun started; the store is that of one process");
  app->add_flag(
      "--resume", options->resume,
      "Continue an earlier run. The spec may have more values at the end of its first axis, and other "
      "checks, curves and titles. Checks are judged anew, and no finished point is repeated");
  app->add_flag("--json", options->json, "One JSON object on stdout");
  app->footer(
      "Writes results.sqlite (every estimate, prediction and verdict), spec.resolved.json and\n"
      "verdicts.json.\n"
      "Exit codes: 0 every verdict passed, 1 a verdict failed, 2 bad input, 3 the run failed or was\n"
      "interrupted (finished points are kept), 4 no verdict failed, but at least one is inconclusive\n"
      "or out of range.\n"
      "Examples:\n"
      "  bncollapse run experiments/single-neuron/scaling-learning-rate.json\n"
      "  bncollapse run my.json --out results/my --threads 2 --resume\n"
      "  bncollapse run my.json --json > verdicts.json\n"
      "  mpirun -n 8 bncollapse run my.json --mpi");
  return {app, [options] { return run(*options); }};
}

}  // namespace bncollapse::cli
