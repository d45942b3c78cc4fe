#include "bncollapse/study/spec.hpp"

#include "bncollapse/study/point.hpp"
#include "description.hpp"
#include "experiment_files.hpp"
#include "read_json.hpp"
#include "sha256.hpp"
#include "spec_description.hpp"
#include "sweep.hpp"

namespace bncollapse::study {

std::string Spec::sha256() const { return study::sha256(resolved.dump()); }

Spec read_spec(const std::string& path) { return parse_spec(read_text_file(path), path); }

Spec parse_spec(std::string_view text, const std::string& file) {
  const Place place{file};
  Spec spec{file, read_json(text, file), {}};
  spec.resolved = resolve(spec_description(), spec.given, place);
  locate_files(spec.resolved, spec.given, place);
  const Json first = sweep_assignments(spec.resolved, place).front();
  spec.resolved = resolve(spec_description(), with_assignment(spec.given, first), place);
  sweep_points(spec);
  return spec;
}

Json spec_schema() {
  Json result = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "bncollapse spec"}};
  result.update(schema(spec_description()));
  return result;
}

Json spec_defaults() {
  return resolve(spec_description(),
                 {{"bncollapse", spec_version},
                  {"name", "defaults"},
                  {"model", Json::object()},
                  {"optimizer", Json::object()},
                  {"initial", {{"kind", "point"}}},
                  {"simulation", Json::object()}},
                 {"defaults"});
}

}  // namespace bncollapse::study
