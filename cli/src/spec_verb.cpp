#include <fmt/format.h>

#include <memory>
#include <string>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/spec.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

struct SpecOptions {
  bool schema = false, defaults = false, json = false;
  std::string file;
};

void check(const SpecOptions& options) {
  const study::Spec spec = study::read_spec(options.file);
  const auto points = study::sweep_points(spec);
  double steps = 0;
  for (const study::Point& point : points) {
    steps += static_cast<double>(point.summary.trajectories) * static_cast<double>(point.summary.steps);
  }
  if (options.json) {
    const study::Json result = {{"valid", true},
                                {"name", spec.name()},
                                {"points", points.size()},
                                {"trajectory_steps", steps},
                                {"spec_sha256", spec.sha256()}};
    fmt::print("{}\n", result.dump(2));
    return;
  }
  fmt::print("{}: valid: {} point{}, {:.3g} trajectory-steps\n", options.file, points.size(),
             points.size() == 1 ? "" : "s", steps);
}

int run_spec_verb(const SpecOptions& options) {
  if (options.schema)
    fmt::print("{}\n", study::spec_schema().dump(2));
  else if (options.defaults)
    fmt::print("{}\n", study::spec_defaults().dump(2));
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
  group->add_flag("--defaults", options->defaults, "A spec that holds every default");
  group->add_option("--check", options->file,
                    "Validate this spec, its sweep and its checks, without running it");
  group->require_option(1);
  app->add_flag("--json", options->json, "With --check: one JSON object on stdout");
  app->footer(
      "Examples:\n"
      "  bncollapse spec --defaults > my.json\n"
      "  bncollapse spec --check my.json\n"
      "  bncollapse spec --schema > bncollapse.schema.json   (for an editor's completion)");
  return {app, [options] { return run_spec_verb(*options); }};
}

}  // namespace bncollapse::cli
