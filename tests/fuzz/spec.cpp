// A spec of either kind: JSON, fields, sweep, the tables that it names, checks, and the work that it asks
// for.
#include "bncollapse/study/spec.hpp"

#include <set>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/workload.hpp"
#include "bytes.hpp"
#include "json_mutator.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;
using study::Json;

namespace {

/// A spec's folder with the two tables that seeds name.
const TemporaryFolder& folder() {
  static const TemporaryFolder scratch;
  static const bool is_filled = [] {
    fuzz::write_file(scratch / "law.csv", "lower,upper,count\n-2,-1,1\n-1,1,5\n1,3,1\n");
    fuzz::write_file(scratch / "initial.csv", "gamma,beta\n1,0\n0.5,-0.1\n");
    return true;
  }();
  static_cast<void>(is_filled);
  return scratch;
}

void collect_words(const Json& schema, std::set<std::string>& words) {
  if (schema.is_string()) {
    const auto text = schema.get<std::string>();
    if (text.find(' ') == std::string::npos) words.insert(text);
  }
  if (schema.is_object()) {
    for (const auto& [key, value] : schema.items()) words.insert(key);
  }
  if (schema.is_structured()) {
    for (const Json& child : schema) collect_words(child, words);
  }
}

std::vector<std::string> words() {
  std::set<std::string> words{"law.csv", "initial.csv", "optimizer.learning_rate", "model.x.law"};
  collect_words(study::spec_schema(), words);
  return {words.begin(), words.end()};
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  static fuzz::JsonMutator mutate(words());
  return mutate(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const study::Spec spec = study::parse_spec(fuzz::text_of(data, size), folder() / "spec.json");
    if (spec.sha256().size() != 64) std::abort();
    const study::Workload workload = spec.is_network()
                                         ? study::workload_of(spec.trainings)
                                         : study::workload_of(spec.points, spec.resolved.at("curves"), 2);
    study::require_memory(workload, spec);
  } catch (const study::InputError&) {
  }
  return 0;
}
