#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace bncollapse::cli {

/// A verb of the program: its options, and what it does. `run` returns the exit code and throws
/// study::InputError, theory::InvalidArgument, nets::FileError (2), study::RunError, sim::Interrupted,
/// sim::EngineUnavailable, nets::TrainingError (3).
struct Verb {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

// Each declares its options on a subcommand of `program`.
Verb theory_verb(CLI::App& program);
Verb run_verb(CLI::App& program);
Verb train_verb(CLI::App& program);
Verb probe_verb(CLI::App& program);
Verb report_verb(CLI::App& program);
Verb export_verb(CLI::App& program);
Verb spec_verb(CLI::App& program);
Verb info_verb(CLI::App& program);

}  // namespace bncollapse::cli
