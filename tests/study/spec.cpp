#include "bncollapse/study/spec.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "bncollapse/study/point.hpp"
#include "support.hpp"

using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Json with(const std::string& pointer, const Json& value) {
  Json spec = small_spec();
  spec[Json::json_pointer(pointer)] = value;
  return spec;
}

}  // namespace

TEST_CASE("the defaults are a valid spec and resolve to themselves") {
  const Json defaults = spec_defaults();
  CHECK(parse(defaults).resolved == defaults);
}

TEST_CASE("a resolved spec resolves to itself, sweep and all") {
  Json spec = small_spec();
  spec["sweep"] = {{"mode", "zip"},
                   {"axes",
                    {{{"field", "initial.u"}, {"values", {-1, 1}}},
                     {{"field", "model.batch.size"}, {"log", {{"from", 1}, {"to", 64}, {"count", 2}}}}}}};
  spec["checks"] = Json::array();
  const Spec once = parse(spec);
  const Spec twice = parse(once.resolved);
  CHECK(twice.resolved == once.resolved);
  CHECK(twice.sha256() == once.sha256());
  CHECK(once.resolved.at("simulation").at("time_bins") == 4096);
  CHECK_FALSE(once.resolved.at("initial").contains("beta"));
}

TEST_CASE("key order and the way a number is written do not change a spec") {
  const Spec one = parse_spec(
      R"({"bncollapse":2,"name":"x","seed":7,"model":{},"optimizer":{"learning_rate":0.5},"initial":{"kind":"point"},"simulation":{"trajectories":1000}})",
      "a.json");
  const Spec other = parse_spec(
      R"({"name":"x","bncollapse":2.0,"simulation":{"trajectories":1e3},"initial":{"kind":"point"},"optimizer":{"learning_rate":5e-1},"model":{},"seed":7})",
      "b.json");
  CHECK(one.sha256() == other.sha256());
  CHECK(one.sha256() != parse(with("/seed", 8)).sha256());
}

TEST_CASE("errors name the JSON path, what is allowed and the likely key") {
  CHECK(contains(input_error(with("/simulation/trajectory", 5)),
                 "spec.json: simulation.trajectory: is not a known key; did you mean \"trajectories\"?"));
  CHECK(input_error(with("/model/leak", 1.5)) ==
        "spec.json: model.leak: is 1.5; it must be a number from 0 to 1");
  CHECK(contains(input_error(with("/model/batch/size", 2.5)),
                 "model.batch.size: is 2.5; it must be an integer"));
  CHECK(contains(input_error(with("/optimizer/learning_rate", "fast")),
                 "optimizer.learning_rate: is \"fast\""));
  CHECK(contains(input_error(with("/model/x/law", "gausian")), "did you mean \"gaussian\"?"));
  CHECK(contains(input_error(with("/initial", {{"gamma", 1}})),
                 "initial.kind: is missing; it must be one of point"));
  CHECK(contains(input_error(with("/simulation/record", {{"steps", {{"every", 1}, {"log", 3}}}})),
                 "simulation.record.steps: has 2 of the keys"));
  CHECK(contains(input_error(with("/simulation/record", {{"steps", {0, 5}}})),
                 "simulation.record.steps[1]: is 5, beyond simulation.steps = 1"));
  CHECK(
      contains(input_error(with("/initial", {{"kind", "point"}, {"beta", 1}, {"u", 1}})), "takes its place"));
}

TEST_CASE("checks that the experiment cannot answer are refused before it runs") {
  CHECK(contains(input_error(with("/checks", {{{"check", "reactivation_times"}}})),
                 "checks[0]: reactivation_times needs simulation.first_activation true"));
  CHECK(contains(
      input_error(with("/checks", {{{"check", "exponent"}, {"of", "model.noise.std"}, {"expect", 2}}})),
      "checks[0].of: exponent fits the exponent of model.noise.std, which the sweep does not move"));
  CHECK(contains(input_error(with(
                     "/checks", {{{"check", "exponent"}, {"of", "optimizer.learningrate"}, {"expect", 2}}})),
                 "did you mean \"optimizer.learning_rate\"?"));
  CHECK(contains(input_error(with("/optimizer/name", "adamw")), "needs optimizer.name sgd or momentum"));
}

TEST_CASE("a check that one point of a sweep cannot answer names the point") {
  Json spec = small_spec();
  spec["sweep"] = {{"axes", {{{"field", "initial.gamma"}, {"values", {1, 0}}}}}};
  spec["checks"] = {{{"check", "drift_exact"}}};
  CHECK(contains(input_error(spec), "spec.json: at initial.gamma = 0.0: checks[0]: drift_exact needs gamma"));
}

TEST_CASE("values that exclude each other at a point of a sweep name the point") {
  Json spec = small_spec();
  spec["sweep"] = {{"mode", "zip"},
                   {"axes",
                    {{{"field", "initial.u"}, {"values", {0.5, 1}}},
                     {{"field", "initial.beta"}, {"values", {-0.5, -1}}}}}};
  CHECK(contains(input_error(spec),
                 "spec.json: at initial.u = 0.5, initial.beta = -0.5: initial.beta: stands beside \"u\""));
}

TEST_CASE("a spec of this version that has a name of version 1 is told the present one") {
  CHECK(
      contains(input_error(with("/model/slope", 0.5)), "; model.slope is called model.leak since version 2"));
  CHECK(contains(input_error(with("/optimizer/name", "adam_l2")),
                 "; optimizer.name adam_l2 is called adam since version 2"));
  CHECK(contains(input_error(with("/sweep", {{"axes", {{{"field", "model.slope"}, {"values", {0, 1}}}}}})),
                 "; model.slope is called model.leak since version 2"));
  CHECK(!contains(input_error(with("/model/slop", 0.5)), "since version 2"));
  CHECK(!contains(input_error(with("/optimizer/name", "adamm")), "since version 2"));
}

TEST_CASE("a field that counts at no point is told, one that counts at some is not") {
  Json spec = small_spec();
  spec["model"]["noise"] = {{"dof", 3}};
  CHECK(parse(spec).notes ==
        std::vector<std::string>{
            "model.noise.dof does not count: it is for law student_t, and this spec has gaussian"});
  spec["model"]["noise"]["law"] = "student_t";
  CHECK(parse(spec).notes.empty());
  spec["sweep"] = {{"axes", {{{"field", "model.noise.law"}, {"values", {"gaussian", "student_t"}}}}}};
  spec["checks"] = Json::array();
  CHECK(parse(spec).notes.empty());
  CHECK(parse(parse(spec).resolved).notes.empty());
  spec["sweep"] = {{"axes", {{{"field", "optimizer.momentum"}, {"values", {0.5, 0.9}}}}}};
  CHECK(parse(spec).notes.size() == 1);
}

TEST_CASE("the schema takes the whole of a text, as the program does") {
  const Json pattern = spec_schema().at("else").at("properties").at("name").at("pattern");
  CHECK(pattern == "^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,99})$");
  CHECK(contains(input_error(with("/name", "my run!")), "name: is \"my run!\""));
}

TEST_CASE("checks of decay alone refuse gradients that would disturb it") {
  Json spec = with("/initial", {{"kind", "point"}, {"gamma", 1}, {"beta", -1}});
  spec["optimizer"]["weight_decay"] = 0.01;
  for (const char* check : {"decay_ratio", "decay_rate", "no_reactivation"}) {
    CAPTURE(check);
    spec["checks"] = {{{"check", check}}};
    CHECK(contains(input_error(spec), "needs model.noise.std 0 and mean 0"));
    Json quiet = spec;
    quiet["model"]["noise"] = {{"std", 0}};
    CHECK(input_error(quiet).empty());
    quiet["model"]["noise"] = {{"std", 0}, {"mean", 0.5}};
    CHECK(contains(input_error(quiet), "needs model.noise.std 0 and mean 0"));
    Json inactive = spec;
    inactive["initial"]["beta"] = -8;
    CHECK(input_error(inactive).empty());
    inactive["model"]["leak"] = 0.01;
    CHECK(contains(input_error(inactive), "with a leak every sample has a gradient"));
  }
  spec["checks"] = {{{"check", "decay_ratio"}}};
  spec["initial"]["beta"] = 0;
  CHECK(contains(input_error(spec), "needs initial.beta other than 0"));
}

TEST_CASE("u in place of beta sets beta = -u gamma - alpha") {
  Json spec = with("/initial", {{"kind", "point"}, {"gamma", 2}, {"u", 0.5}});
  spec["model"]["alpha"] = 0.25;
  const auto point = parse(spec).points.front();
  CHECK(point.summary.beta == -1.25);
  CHECK(point.summary.u == 0.5);
}

TEST_CASE("recorded steps: rules hold 0 and the last step") {
  const auto steps = [](const Json& rule) {
    Json spec = small_spec();
    spec["simulation"]["steps"] = 100;
    spec["simulation"]["record"] = {{"steps", rule}};
    return parse(spec).points.front().experiment.recording.steps;
  };
  using Steps = std::vector<std::int64_t>;
  CHECK(steps({{"log", 3}}) == Steps{0, 1, 10, 100});
  Json spec = small_spec();
  spec["checks"] = Json::array();
  spec["simulation"]["steps"] = 10;
  spec["simulation"]["record"] = {{"steps", {{"every", 4}}}};
  CHECK(parse(spec).points.front().experiment.recording.steps == Steps{0, 4, 8, 10});
  spec["simulation"]["record"] = {{"steps", {{"linear", 2}}}};
  CHECK(parse(spec).points.front().experiment.recording.steps == Steps{0, 5, 10});
}

TEST_CASE("a table is read from the spec's folder and pinned by its SHA-256") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "network.csv") << "gamma,beta\n0.5,-0.25\n1.5,0.75\n";
  Json spec = small_spec();
  spec["checks"] = Json::array();
  spec["initial"] = {{"kind", "table"}, {"file", "network.csv"}};
  const std::string file = (folder.path() / "spec.json").string();
  const Spec parsed = parse_spec(spec.dump(), file);
  const auto point = parsed.points.front();
  CHECK(point.summary.gamma == 1.0);
  CHECK(point.summary.beta == 0.25);
  CHECK(parsed.resolved.at("initial").at("file") == (folder.path() / "network.csv").string());
  std::ofstream(folder.path() / "network.csv") << "gamma,beta\n0.5,-0.25\n1.5,0.76\n";
  CHECK(contains(input_error(parsed.resolved), "it is another file"));
  std::ofstream(folder.path() / "network.csv") << "gamma,beta\n0.5,nan\n";
  CHECK_THROWS_WITH(parse_spec(spec.dump(), file), doctest::Contains("line 2"));
}

TEST_CASE("the schema describes every field and refuses others") {
  const Json both = spec_schema();
  CHECK(both.at("$schema") == "https://json-schema.org/draft/2020-12/schema");
  CHECK(both.at("if").at("required") == Json{"network"});
  CHECK(both.at("then").at("properties").at("network").at("properties").at("width").at("minimum") == 1);
  const Json& schema = both.at("else");
  CHECK(schema.at("required") == Json{"bncollapse", "name", "model", "optimizer", "simulation", "initial"});
  CHECK(schema.at("additionalProperties") == false);
  const Json& rate = schema.at("properties").at("optimizer").at("properties").at("learning_rate");
  CHECK(rate.at("minimum") == 0);
  CHECK(rate.at("default") == 0.01);
}
