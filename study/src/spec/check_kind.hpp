#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/training_point.hpp"
#include "bncollapse/study/verdict.hpp"
#include "schema/place.hpp"
#include "spec/entry_kind.hpp"

namespace bncollapse::study {

struct StoredRun;
struct StoredNetworkRun;

/// Why a check cannot be made, with the remedy.
struct Obstacle {
  // NOLINTBEGIN(google-explicit-constructor): a problem of the spec's other sections is a text
  Obstacle() = default;
  Obstacle(const char* of_spec) : problem(of_spec) {}
  Obstacle(std::string of_spec) : problem(std::move(of_spec)) {}
  // NOLINTEND(google-explicit-constructor)
  Obstacle(std::string of_field, std::string named_field)
      : problem(std::move(of_field)), field(std::move(named_field)) {}

  std::string problem;     ///< empty: there is none
  std::string field = {};  ///< of the check, where that is at fault

  explicit operator bool() const { return !problem.empty(); }
};

/// A check that a spec asks for: the entry `{"check": name, ...fields}`, read.
/// @tparam SubjectType  what a spec's check is about
/// @tparam RunType      the stored run that is judged
template <class SubjectType, class RunType>
class CheckOf {
 public:
  using Subject = SubjectType;
  using Run = RunType;

  virtual ~CheckOf() = default;
  virtual Obstacle obstacle(const Subject& subject) const = 0;
  /// The name of the check is filled in by the caller.
  virtual std::vector<Verdict> judge(const Run& run) const = 0;
};

/// Of a neuron, about each point.
using Check = CheckOf<Point, StoredRun>;
/// Of networks, about all points together.
using NetworkCheck = CheckOf<std::vector<TrainingPoint>, StoredNetworkRun>;

using CheckKind = EntryKind<Check>;
using NetworkCheckKind = EntryKind<NetworkCheck>;

/// All kinds, in the order of the documentation.
const std::vector<CheckKind>& check_kinds();
const std::vector<NetworkCheckKind>& network_check_kinds();

// The families of checks, one source file each (src/checks/).
std::vector<CheckKind> drift_checks();
std::vector<CheckKind> scaling_checks();
std::vector<CheckKind> decay_checks();
std::vector<CheckKind> activation_checks();
std::vector<CheckKind> comparison_checks();

// The checks of networks, one source file each (src/checks/networks/).
NetworkCheckKind contrast_check();
NetworkCheckKind trend_check();
NetworkCheckKind level_check();
NetworkCheckKind early_inactivation_check();
NetworkCheckKind inactive_decay_check();
NetworkCheckKind pruning_check();

template <class Base>
struct NamedCheck {
  std::string_view name;
  std::unique_ptr<const Base> check;
};

/// The checks of a resolved spec, in its order.
template <class Base>
std::vector<NamedCheck<Base>> read_checks(const std::vector<EntryKind<Base>>& kinds, const Json& entries) {
  std::vector<NamedCheck<Base>> checks;
  for (const Json& entry : entries) {
    const EntryKind<Base>& kind = kind_of(kinds, "check", entry);
    checks.push_back({kind.name, kind.read(entry)});
  }
  return checks;
}

/// Throws InputError at `place`, that of the checks, unless each can be made of the subject.
template <class Base>
void require_possible(const std::vector<NamedCheck<Base>>& checks, const typename Base::Subject& subject,
                      const Place& place) {
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Obstacle obstacle = checks[i].check->obstacle(subject);
    if (!obstacle) continue;
    const Place check = place.index(i);
    (obstacle.field.empty() ? check : check.key(obstacle.field))
        .fail(std::string(checks[i].name) + " " + obstacle.problem);
  }
}

}  // namespace bncollapse::study
