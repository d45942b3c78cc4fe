#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/verdict.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

struct StoredRun;
struct StoredNetworkRun;

/// A kind of check: the entry `{"check": name, ...fields}` of a spec and how it is judged.
/// @tparam Subject  what a spec's check is about
/// @tparam Run      the stored run that is judged
template <class Subject, class Run>
struct CheckKindOf {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  /// Why the check cannot be made of the subject, with the remedy; empty where it can.
  std::string (*obstacle)(const Json& check, const Subject& subject);
  std::vector<Verdict> (*judge)(const Json& check, const Run& run);
};

/// The kind of a spec's check.
template <class Kind>
const Kind& kind_of(const std::vector<Kind>& kinds, const Json& check) {
  const auto& name = check.at("check").get_ref<const std::string&>();
  return *std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) { return kind.name == name; });
}

/// Checks of the single neuron, about each point.
using CheckKind = CheckKindOf<Point, StoredRun>;

/// All kinds, in the order of the documentation.
const std::vector<CheckKind>& check_kinds();

// The families of checks, one source file each (src/checks/).
std::vector<CheckKind> drift_checks();
std::vector<CheckKind> scaling_checks();
std::vector<CheckKind> decay_checks();
std::vector<CheckKind> activation_checks();
std::vector<CheckKind> comparison_checks();

}  // namespace bncollapse::study
