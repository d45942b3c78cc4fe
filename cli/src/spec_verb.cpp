#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/time_estimate.hpp"
#include "bncollapse/study/training_point.hpp"
#include "bncollapse/study/workload.hpp"
#include "spec_notes.hpp"
#include "threads.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

struct SpecOptions {
  bool schema = false, reference = false, defaults = false, network = false, json = false;
  std::string file;
};

/// Throws where this machine has too little memory.
study::Workload workload_of(const study::Spec& spec) {
  if (spec.is_network()) {
    const study::Workload workload = study::workload_of(spec.trainings);
    require_memory(workload, spec);
    return workload;
  }
  const std::vector<study::Point>& points = spec.points;
  const int threads = threads_of(0);
  const study::Json& curves = spec.resolved.at("curves");
  study::Workload workload = study::workload_of(points, curves, threads);
  require_memory(workload, spec);
  try {
    workload.seconds =
        study::measure_seconds(points, curves, *sim::make_engine(sim::EngineName::cpu, threads), threads);
  } catch (const fields::InvalidArgument& error) {
    throw study::out_of_domain(spec.file, error);
  }
  return workload;
}

std::string time_text(double seconds) {
  constexpr std::array units{std::pair{60.0, "s"}, std::pair{60.0, "min"}, std::pair{24.0, "h"},
                             std::pair{365.0, "days"}};
  for (const auto& [next, unit] : units) {
    if (seconds < next) return fmt::format("{:.2g} {}", seconds, unit);
    seconds /= next;
  }
  return fmt::format("{:.2g} years", seconds);
}

std::string size_text(double bytes) {
  return bytes < 1e9 ? fmt::format("{:.2g} MB", bytes / 1e6) : fmt::format("{:.3g} GB", bytes / 1e9);
}

void check(const SpecOptions& options) {
  const study::Spec spec = study::read_spec(options.file);
  tell_notes(spec);
  const study::Workload workload = workload_of(spec);
  if (options.json) {
    const study::Json result = {{"valid", true},
                                {"name", spec.name()},
                                {"points", workload.points},
                                {spec.is_network() ? "training_steps" : "trajectory_steps", workload.steps},
                                {"spec_sha256", spec.sha256()},
                                {"estimate",
                                 {{"seconds", workload.seconds},
                                  {"threads", workload.threads},
                                  {"memory_bytes", workload.memory},
                                  {"disk_bytes", workload.disk}}}};
    fmt::print("{}\n", result.dump(2));
    return;
  }
  fmt::print(
      "{}: valid: {} point{}, {:.3g} {}\nestimated: {} on {} thread{} of the CPU, {} of memory, {} of disk\n",
      spec.file, workload.points, workload.points == 1 ? "" : "s", workload.steps,
      spec.is_network() ? "training steps" : "trajectory-steps", time_text(workload.seconds),
      workload.threads, workload.threads == 1 ? "" : "s", size_text(workload.memory),
      size_text(workload.disk));
}

int run_spec_verb(const SpecOptions& options) {
  if (options.schema)
    fmt::print("{}\n", study::spec_schema().dump(2));
  else if (options.reference)
    fmt::print("{}", study::spec_reference());
  else if (options.defaults)
    fmt::print("{}\n", (options.network ? study::network_spec_defaults() : study::spec_defaults()).dump(2));
  else
    check(options);
  return 0;
}

}  // namespace

Verb spec_verb(CLI::App& program) {
  auto options = std::make_shared<SpecOptions>();
  CLI::App* app = program.add_subcommand("spec", "Describe the spec's format, or validate a spec");
  auto* group = app->add_option_group("what", "One of");
  group->add_flag("--schema", options->schema, "The JSON Schema, with a description of every field");
  group->add_flag("--reference", options->reference, "The same as a document (Markdown)");
  group->add_flag("--defaults", options->defaults, "A spec that holds every default");
  group->add_option(
      "--check", options->file,
      "Validate this spec (- for the standard input), its sweep and its checks, and estimate what a run takes");
  group->require_option(1);
  app->add_flag("--network", options->network, "With --defaults: the defaults of a spec of networks");
  app->add_flag("--json", options->json, "With --check: one JSON object on stdout");
  app->footer(
      "--check estimates time, memory and disk, and refuses what this machine cannot run. To estimate the\n"
      "time of a simulation, it runs a part of it for about two seconds.\n"
      "Examples:\n"
      "  bncollapse spec --defaults > my.json\n"
      "  bncollapse spec --check my.json\n"
      "  bncollapse spec --schema > bncollapse.schema.json   (for an editor's completion)");
  return {app, [options] { return run_spec_verb(*options); }};
}

}  // namespace bncollapse::cli
