#include <fmt/format.h>

#include <memory>
#include <string>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/training_point.hpp"
#include "verb.hpp"

namespace bncollapse::cli {
namespace {

struct SpecOptions {
  bool schema = false, defaults = false, network = false, json = false;
  std::string file;
};

/// A spec's size: points, and the steps of its unit over all of them.
struct Size {
  std::size_t points = 0;
  const char* unit;
  const char* key;
  double steps = 0;
};

Size size_of(const study::Spec& spec) {
  if (spec.is_network()) {
    Size size{.unit = "training steps", .key = "training_steps"};
    for (const study::TrainingPoint& point : study::training_points(spec)) {
      ++size.points;
      size.steps += static_cast<double>(point.total_steps());
    }
    return size;
  }
  Size size{.unit = "trajectory-steps", .key = "trajectory_steps"};
  for (const study::Point& point : study::sweep_points(spec)) {
    ++size.points;
    size.steps += static_cast<double>(point.summary.trajectories) * static_cast<double>(point.summary.steps);
  }
  return size;
}

void check(const SpecOptions& options) {
  const study::Spec spec = study::read_spec(options.file);
  const auto [points, unit, key, steps] = size_of(spec);
  if (options.json) {
    const study::Json result = {{"valid", true},
                                {"name", spec.name()},
                                {"points", points},
                                {key, steps},
                                {"spec_sha256", spec.sha256()}};
    fmt::print("{}\n", result.dump(2));
    return;
  }
  fmt::print("{}: valid: {} point{}, {:.3g} {}\n", options.file, points, points == 1 ? "" : "s", steps, unit);
}

int run_spec_verb(const SpecOptions& options) {
  if (options.schema)
    fmt::print("{}\n", study::spec_schema().dump(2));
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
  group->add_flag("--defaults", options->defaults, "A spec that holds every default");
  group->add_option("--check", options->file,
                    "Validate this spec, its sweep and its checks, without running it");
  group->require_option(1);
  app->add_flag("--network", options->network, "With --defaults: of a spec that trains networks");
  app->add_flag("--json", options->json, "With --check: one JSON object on stdout");
  app->footer(
      "Examples:\n"
      "  bncollapse spec --defaults > my.json\n"
      "  bncollapse spec --check my.json\n"
      "  bncollapse spec --schema > bncollapse.schema.json   (for an editor's completion)");
  return {app, [options] { return run_spec_verb(*options); }};
}

}  // namespace bncollapse::cli
