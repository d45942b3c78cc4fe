#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "bncollapse/study/verdict.hpp"
#include "description.hpp"

namespace bncollapse::study {

/// A kind of check: the entry `{"check": name, ...fields}` of a spec and how it is judged.
struct CheckKind {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  /// Why the check cannot be made of this experiment, with the remedy; empty where it can.
  std::string (*obstacle)(const Json& check, const Point& point);
  std::vector<Verdict> (*judge)(const Json& check, const StoredRun& run);
};

/// All kinds, in the order of the documentation.
const std::vector<CheckKind>& check_kinds();
const CheckKind& check_kind(const Json& check);

// The families of checks, one source file each (src/checks/).
std::vector<CheckKind> drift_checks();
std::vector<CheckKind> scaling_checks();
std::vector<CheckKind> decay_checks();
std::vector<CheckKind> activation_checks();
std::vector<CheckKind> comparison_checks();

}  // namespace bncollapse::study
