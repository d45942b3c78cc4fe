#include "spec/upgrade.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "support.hpp"

using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

std::string resolved(const char* text) { return parse_spec(text, "spec.json").resolved.dump(); }

}  // namespace

TEST_CASE("a neuron's spec of version 1 is read by its old names, each of which is told") {
  const char* old_spec = R"({
    "bncollapse": 1, "name": "s", "model": {"slope": 0.1}, "optimizer": {"name": "adam_l2"},
    "initial": {"kind": "even_ratio", "law": "two_point"}, "simulation": {"trajectories": 10},
    "sweep": {"axes": [{"field": "model.slope", "values": [0, 0.1]}, {"field": "optimizer.name", "values": ["adam_l2", "sgd"]}]},
    "checks": [{"check": "trend", "quantity": "inactive_share", "of": "model.slope", "direction": "rises"}],
    "curves": [{"curve": "inactive_decay", "optimizers": [{"name": "adam_l2", "learning_rate": 0.1, "weight_decay": 0.1}]}]})";
  const char* new_spec = R"({
    "bncollapse": 2, "name": "s", "model": {"leak": 0.1}, "optimizer": {"name": "adam"},
    "initial": {"kind": "even_ratio", "law": "rademacher"}, "simulation": {"trajectories": 10},
    "sweep": {"axes": [{"field": "model.leak", "values": [0, 0.1]}, {"field": "optimizer.name", "values": ["adam", "sgd"]}]},
    "checks": [{"check": "trend", "quantity": "rarely_active_share", "of": "model.leak", "direction": "rises"}],
    "curves": [{"curve": "inactive_decay", "optimizers": [{"name": "adam", "learning_rate": 0.1, "weight_decay": 0.1}]}]})";
  CHECK(resolved(old_spec) == resolved(new_spec));
  const Spec spec = parse_spec(old_spec, "spec.json");
  CHECK(spec.notes ==
        std::vector<std::string>{"model.slope is called model.leak since version 2",
                                 "optimizer.name adam_l2 is called adam since version 2",
                                 "initial.law two_point is called rademacher since version 2",
                                 "quantity inactive_share is called rarely_active_share since version 2"});
  CHECK(parse_spec(new_spec, "spec.json").notes.empty());
}

TEST_CASE("a spec of networks of version 1 is read by its old names") {
  const char* old_spec = R"({
    "bncollapse": 1, "name": "s", "network": {"slope": 0.1}, "optimizer": {"name": "sgd"},
    "sweep": {"axes": [{"rows": [{"network.slope": 0, "optimizer.name": "sgd"}, {"network.slope": 0.1, "optimizer.name": "adam"}]},
                       {"field": "seed", "values": [1, 2, 3]}]},
    "checks": [{"check": "level", "quantity": "silent_share", "direction": "below", "bound": 1,
                "where": {"optimizer.name": "sgd"}, "contrary": "inconclusive"}]})";
  const char* new_spec = R"({
    "bncollapse": 2, "name": "s", "network": {"leak": 0.1}, "optimizer": {"name": "momentum"},
    "sweep": {"axes": [{"rows": [{"network.leak": 0, "optimizer.name": "momentum"}, {"network.leak": 0.1, "optimizer.name": "adam"}]},
                       {"field": "seed", "values": [1, 2, 3]}]},
    "checks": [{"check": "level", "quantity": "inactive_share", "direction": "below", "bound": 1,
                "select": {"optimizer.name": "momentum"}, "if_opposite": "inconclusive"}]})";
  CHECK(resolved(old_spec) == resolved(new_spec));
  const std::vector<std::string> notes = parse_spec(old_spec, "spec.json").notes;
  CHECK(std::set<std::string>(notes.begin(), notes.end()) ==
        std::set<std::string>{"network.slope is called network.leak since version 2",
                              "optimizer.name sgd is called momentum since version 2",
                              "quantity silent_share is called inactive_share since version 2",
                              "where is called select since version 2",
                              "contrary is called if_opposite since version 2"});
}

TEST_CASE("a spec of version 1 that gives a field by both of its names is refused") {
  const char* spec = R"({"bncollapse": 1, "name": "s", "model": {"slope": 0.5, "leak": 0.1}, "optimizer": {},
                         "initial": {"kind": "point"}, "simulation": {}})";
  CHECK(input_error(std::string(spec)).find("spec.json: model.slope: ") == 0);
}
