#include "bncollapse/study/spec.hpp"

#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "schema/field_schema.hpp"
#include "spec/experiment_files.hpp"
#include "spec/network_spec.hpp"
#include "spec/neuron_spec.hpp"
#include "spec/read_json.hpp"
#include "spec/sha256.hpp"
#include "spec/spec_identity.hpp"
#include "spec/sweep.hpp"
#include "spec/sweep_points.hpp"
#include "spec/unused_fields.hpp"
#include "spec/upgrade.hpp"

namespace bncollapse::study {
namespace {

/// Resolves what is given and builds the points.
void complete(Spec& spec) {
  const std::string& file = spec.file;
  const Place place{file};
  const FieldSchema& schema = spec_schema_of(spec.given);
  spec.resolved = resolve(schema, spec.given, place);
  if (!spec.is_network()) locate_files(spec.resolved, spec.given, place);
  const Json first = sweep_assignments(spec.resolved, place).front();
  spec.resolved = resolve(schema, with_assignment(spec.given, first), place_of_point(file, first));
  const std::vector<std::string> unused = notes_on_unused_fields(schema, spec.given, spec.resolved, first);
  spec.notes.insert(spec.notes.end(), unused.begin(), unused.end());
  if (spec.is_network())
    spec.trainings = training_points(file, spec.given, spec.resolved);
  else
    spec.points = neuron_points(file, spec.given, spec.resolved);
}

}  // namespace

Json identity(Json resolved) {
  for (const char* section : {"/model/x", "/initial"}) {
    const Json::json_pointer pointer(section);
    if (resolved.contains(pointer) && resolved.at(pointer).contains("sha256"))
      resolved.at(pointer).erase("file");
  }
  return resolved;
}

std::string Spec::sha256() const { return study::sha256(identity(resolved).dump()); }

Spec read_spec(const std::string& path) {
  constexpr std::size_t largest = std::size_t{16} << 20;
  try {
    return parse_spec(theory::read_text_file(path, largest),
                      path == theory::standard_input ? "standard input" : path);
  } catch (const theory::FileError& error) {
    throw InputError(error.what());
  }
}

Spec parse_spec(std::string_view text, const std::string& file) {
  Spec spec{file, read_json(text, file), {}};
  spec.notes = upgrade(spec.given);
  try {
    complete(spec);
  } catch (const InputError& error) {
    throw InputError(error.what() + hint_of_old_names(spec.given, error.what()));
  }
  return spec;
}

const FieldSchema& spec_schema_of(const Json& spec) {
  return spec.contains("network") ? network_schema() : neuron_schema();
}

bool Spec::is_network() const { return resolved.contains("network"); }

Json spec_schema() {
  return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
          {"title", "bncollapse spec"},
          {"if", {{"required", {"network"}}}},
          {"then", json_schema(network_schema())},
          {"else", json_schema(neuron_schema())}};
}

Json spec_defaults() {
  return resolve(neuron_schema(),
                 {{"bncollapse", spec_version},
                  {"name", "defaults"},
                  {"model", Json::object()},
                  {"optimizer", Json::object()},
                  {"initial", {{"kind", "point"}}},
                  {"simulation", Json::object()}},
                 {"defaults"});
}

Json network_spec_defaults() {
  return resolve(network_schema(),
                 {{"bncollapse", spec_version}, {"name", "defaults"}, {"network", Json::object()}},
                 {"defaults"});
}

}  // namespace bncollapse::study
