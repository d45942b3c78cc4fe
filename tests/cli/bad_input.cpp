#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "program.hpp"

using namespace bncollapse::cli::testing;
using nlohmann::json;

namespace {

/// A spec that must be refused: exit code 2, and a message with the file and these words.
struct BadSpec {
  std::string name;
  std::string text;
  std::vector<std::string> words;
};

json with(const std::string& pointer, const json& value) {
  json spec = small_spec();
  spec[json::json_pointer(pointer)] = value;
  return spec;
}

BadSpec bad(const std::string& name, const std::string& pointer, const json& value,
            std::vector<std::string> words) {
  return {name, with(pointer, value).dump(), std::move(words)};
}

BadSpec lacking(const std::string& key) {
  json spec = small_spec();
  spec.erase(key);
  return {"missing " + key, spec.dump(), {key + ": is missing; it must be"}};
}

json axis(const std::string& field, const json& values) { return {{"field", field}, {"values", values}}; }

BadSpec bad_sweep(const std::string& name, const std::vector<json>& axes, std::vector<std::string> words,
                  const char* mode = "grid") {
  return bad(name, "/sweep", {{"mode", mode}, {"axes", axes}}, std::move(words));
}

BadSpec with_trend(const std::string& name, const json& changed, const std::string& word) {
  json check = {{"check", "trend"},
                {"quantity", "probability"},
                {"of", "optimizer.learning_rate"},
                {"direction", "falls"}};
  check.update(changed);
  return bad(name, "/checks", json::array({check}), {"checks[0].", ": trend ", word});
}

const std::vector<BadSpec>& bad_specs() {
  static const std::vector<BadSpec> specs{
      {"empty file", "", {"line 1, column 1"}},
      {"syntax", "{\n  \"bncollapse\": 1,\n  \"name\" \"x\"\n}", {"line 3, column 12"}},
      {"not an object", "[1, 2]", {"must be an object"}},
      {"NaN", R"({"bncollapse": NaN})", {"line 1, column 16"}},
      {"huge number", R"({"bncollapse": 2, "seed": 1e9999})", {"1e9999 is too large"}},
      {"text after the end", small_spec().dump() + "}", {"line 1, column"}},
      {"bytes that are no text", "\xff\xfe{}", {"line 1, column 1"}},
      {"comment", "{ // no\n}", {"line 1, column 3"}},
      {"duplicate key",
       R"({"bncollapse": 2, "model": {"leak": 0, "leak": 1}})",
       {"model.leak: stands twice"}},
      lacking("bncollapse"),
      lacking("name"),
      lacking("model"),
      lacking("optimizer"),
      lacking("initial"),
      lacking("simulation"),
      bad("another version", "/bncollapse", 3, {"bncollapse: is 3"}),
      bad("name that is no folder", "/name", "a/b", {"name: is \"a/b\"; it must match"}),
      bad("unknown key", "/modle", json::object(), {"modle: is not a known key; did you mean \"model\"?"}),
      bad("unknown inner key", "/optimizer/lr", 0.1,
          {"optimizer.lr: is not a known key", "allowed here", "learning_rate"}),
      bad("text for a number", "/optimizer/learning_rate", "0.1",
          {"optimizer.learning_rate: is \"0.1\"; it must be a number"}),
      bad("number for a text", "/model/x", {{"law", 3}}, {"model.x.law: is 3; it must be one of gaussian"}),
      bad("number for an object", "/model", 3, {"model: is 3; it must be an object"}),
      bad("null", "/simulation/steps", nullptr, {"simulation.steps: is null; it must be an integer"}),
      bad("fraction for an integer", "/simulation/steps", 1.5,
          {"simulation.steps: is 1.5; it must be an integer"}),
      bad("boolean for a number", "/model/leak", true, {"model.leak: is true"}),
      bad("number for a boolean", "/simulation/antithetic", 1,
          {"simulation.antithetic: is 1; it must be true or false"}),
      bad("negative learning rate", "/optimizer/learning_rate", -0.1, {"optimizer.learning_rate: is -0.1"}),
      bad("negative noise", "/model/noise", {{"std", -1}}, {"model.noise.std: is -1"}),
      bad("two degrees of freedom", "/model/x", {{"law", "student_t"}, {"dof", 2}},
          {"model.x.dof: is 2", "from 2.000001 to 1000000000"}),
      bad("no trajectories", "/simulation/trajectories", 0, {"simulation.trajectories: is 0", "from 1"}),
      bad("too many trajectories", "/simulation/trajectories", 1e15, {"simulation.trajectories: is 1e+15"}),
      bad("integer beyond 64 bits", "/simulation/steps", 1e25, {"simulation.steps: is 1e+25"}),
      bad("huge learning rate", "/optimizer/learning_rate", 1e300, {"optimizer.learning_rate: is 1e+300"}),
      bad("momentum of 1", "/optimizer/momentum", 1, {"optimizer.momentum: is 1", "less than 1"}),
      bad("zero threshold", "/simulation/thresholds", {{"gamma", 0}},
          {"simulation.thresholds.gamma: is 0", "greater than 0"}),
      bad("unknown law", "/model/x", {{"law", "cauchy"}}, {"model.x.law: is \"cauchy\"", "laplace"}),
      bad("unknown optimizer", "/optimizer/name", "adamww",
          {"optimizer.name: is \"adamww\"", "did you mean \"adamw\"?"}),
      bad("schedule without period", "/optimizer/schedule", {{"kind", "cosine"}},
          {"optimizer.schedule.period: is 0"}),
      bad("unknown initial law", "/initial", {{"kind", "pont"}},
          {"initial.kind: is \"pont\"", "did you mean \"point\"?"}),
      bad("field of another initial law", "/initial", {{"kind", "point"}, {"gamma_std", 1}},
          {"initial.gamma_std: is not a known key"}),
      bad("uniform upside down", "/initial", {{"kind", "uniform"}, {"gamma_lower", 2}, {"gamma_upper", 1}},
          {"initial.gamma_lower: is 2"}),
      bad("beta and u", "/initial", {{"kind", "point"}, {"beta", 1}, {"u", 1}}, {"initial.beta", "\"u\""}),
      bad("missing table", "/initial", {{"kind", "table"}, {"file", "nowhere.csv"}},
          {"initial.file", "there is no such file"}),
      bad("empirical law without a file", "/model/x", {{"law", "empirical"}}, {"model.x.file: is empty"}),
      bad("record beyond the end", "/simulation/record", {{"steps", {0, 1, 2}}},
          {"simulation.record.steps[2]: is 2, beyond"}),
      bad("records out of order", "/simulation/record", {{"steps", {1, 0}}},
          {"simulation.record.steps[1]: is 0 after 1"}),
      bad("histogram upside down", "/simulation/histograms", {{"u", {{"lower", 1}, {"upper", -1}}}},
          {"simulation.histograms.u"}),
      bad("no bins", "/simulation/histograms", {{"u", {{"count", 0}}}},
          {"simulation.histograms.u.count: is 0"}),
      bad_sweep("empty sweep", {}, {"sweep.axes: has 0 entries"}),
      bad_sweep("axis without values", {axis("initial.gamma", json::array())},
                {"sweep.axes[0].values: has 0 entries"}),
      bad_sweep("axis without a range", {{{"field", "initial.gamma"}}},
                {"sweep.axes[0]", "values, linear, log"}),
      bad_sweep("unknown field", {axis("optimizer.learing_rate", {1})},
                {"did you mean \"optimizer.learning_rate\"?"}),
      bad_sweep("field that is no number", {axis("title", {1})},
                {"sweep.axes[0].field: \"title\" is not a field"}),
      bad_sweep("value out of range", {axis("model.leak", {0, 2})},
                {"sweep.axes[0].values[1] for model.leak: is 2"}),
      bad_sweep("equal values", {axis("model.leak", {0, 0})}, {"twice"}),
      bad_sweep("field swept twice", {axis("model.leak", {0}), axis("model.leak", {1})},
                {"sweep.axes[1].field"}),
      bad_sweep("unequal zip", {axis("model.leak", {0, 1}), axis("initial.gamma", {1})}, {"zips 2 values"},
                "zip"),
      bad_sweep("log range from 0",
                {{{"field", "initial.gamma"}, {"log", {{"from", 0}, {"to", 1}, {"count", 3}}}}},
                {"sweep.axes[0].log.from: is 0", "greater than 0"}),
      bad_sweep("too many points",
                {{{"field", "initial.gamma"}, {"linear", {{"from", 1}, {"to", 2}, {"count", 1000}}}},
                 {{"field", "initial.beta"}, {"linear", {{"from", 1}, {"to", 2}, {"count", 1000}}}}},
                {"more than 10000 points"}),
      bad("unknown check", "/checks", {{{"check", "drift"}}}, {"checks[0].check: is \"drift\""}),
      bad("check without its field", "/checks", {{{"check", "exponent"}, {"expect", 2}}},
          {"checks[0].of: is missing"}),
      bad("false-alarm rate of 1", "/checks", {{{"check", "drift_exact"}, {"false_alarm", 1}}},
          {"checks[0].false_alarm: is 1"}),
      bad("check that cannot be made", "/checks", {{{"check", "half_time"}}}, {"checks[0]: half_time needs"}),
      with_trend("trend of a step that is not recorded", {{"step", 77}},
                 "looks at step 77, which is not recorded"),
      with_trend("trend over a field that is not swept", {{"of", "model.leak"}},
                 "which the sweep does not move"),
      bad("figure that nothing draws", "/figure", "scalling",
          {"figure: is \"scalling\"", "did you mean \"scaling\"?"}),
      bad("unknown curve", "/curves", {{{"curve", "x"}}}, {"curves[0].curve: is \"x\""})};
  return specs;
}

}  // namespace

TEST_CASE("bad specs: exit code 2, nothing on stdout, a message with file, place and remedy") {
  CHECK(bad_specs().size() >= 40);
  const TemporaryFolder folder;
  const std::string file = folder / "bad.json";
  for (const BadSpec& spec : bad_specs()) {
    CAPTURE(spec.name);
    write(file, spec.text);
    const Finished result = shell("bncollapse run " + file + " --out " + folder / "out");
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, file));
    for (const std::string& word : spec.words) {
      CAPTURE(word);
      CHECK(contains(result.err, word));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "out"));
  }
}

TEST_CASE("bad command lines: exit code 2 and a message") {
  struct BadLine {
    const char* line;
    const char* word;
  };
  const BadLine lines[] = {
      {"bncollapse", "theory, run"},
      {"bncollapse fly", "fly"},
      {"bncollapse run", "SPEC"},
      {"bncollapse run x.json --engine gpu", "gpu"},
      {"bncollapse run x.json --threads 0", "--threads"},
      {"bncollapse run x.json --threads many", "--threads"},
      {"bncollapse run /nonexistent/x.json", "there is no such file"},
      {"bncollapse run /", "is a folder"},
      {"bncollapse run /dev/null", "not a regular file"},
      {"bncollapse theory --gamma 1", "--beta"},
      {"bncollapse theory --gamma x --beta 0 --eta 1 --sigma 1", "--gamma"},
      {"bncollapse theory --gamma nan --beta 0 --eta 0.1 --sigma 1", "--gamma"},
      {"bncollapse theory --gamma 0 --beta 0 --eta 0.1 --sigma 1", "--gamma"},
      {"bncollapse theory --gamma 1 --beta inf --eta 0.1 --sigma 1", "--beta"},
      {"bncollapse theory --gamma 1 --beta 0 --eta nan --sigma 1", "--learning-rate"},
      {"bncollapse theory --gamma 1 --beta 0 --eta=-1 --sigma 1", "--learning-rate"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma=-1", "--noise-std"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --batch 0", "--batch"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --law student_t --dof 2", "--x-dof"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --law normal", "--x-law"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --law empirical", "--x-file"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --law empirical --file /nonexistent.csv",
       "--x-file"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --noise cauchy",
       "--noise-law: is cauchy; it must be one of gaussian"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --leak 2", "--leak"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --dof 3",
       "--x-dof applies only to --x-law student_t"},
      {"bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sgma 1", "did you mean \"--sigma\"?"},
      {"bncollapse theroy --gamma 1", "did you mean \"theory\"?"},
      {"bncollapse spec", "--schema"},
      {"bncollapse spec --schema --defaults", "--schema"},
      {"bncollapse export /nonexistent", "no such store"},
      {"bncollapse report", "DIR"},
  };
  for (const BadLine& bad_line : lines) {
    CAPTURE(std::string(bad_line.line));
    const Finished result = shell(bad_line.line);
    CAPTURE(result.err);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(contains(result.err, bad_line.word));
  }
}

TEST_CASE("bad folders and stores: exit code 2 or 3, and the path") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json", out = folder / "out", store = folder / "out/results.sqlite";
  write(spec, small_spec().dump());
  const auto refused = [&](int code, const std::string& word, const std::string& options = "") {
    const Finished result = shell("bncollapse run " + spec + " --out " + out + " " + options);
    CAPTURE(result.err);
    CHECK(result.code == code);
    CHECK(result.out.empty());
    CHECK(contains(result.err, out));
    CHECK(contains(result.err, word));
  };
  write(out, "a file");
  refused(3, "cannot be made a folder");
  std::filesystem::remove(out);

  REQUIRE(shell("bncollapse run " + spec + " --out " + out).code == 0);
  refused(2, "--resume");
  json other = small_spec();
  other["seed"] = 5;
  write(spec, other.dump());
  refused(2, "seed is 1 in the store and 5 in the spec", "--resume");
  write(spec, small_spec().dump());

  std::filesystem::resize_file(store, std::filesystem::file_size(store) / 2);
  refused(2, "damaged", "--resume");
  CHECK(shell("bncollapse export " + out).code == 2);
  write(store, "this is no database, though it is long enough to look like one" + std::string(2000, '.'));
  refused(2, "not an SQLite file", "--resume");
  std::filesystem::remove(store);
  std::filesystem::create_directory(store);
  refused(2, "is a folder");

  const Finished unwritable = shell("bncollapse run " + spec + " --out /proc/bncollapse");
  CHECK(unwritable.code == 3);
  CHECK(contains(unwritable.err, "/proc/bncollapse"));
}

TEST_CASE("a learning rate under which the neuron leaves the finite numbers is told, not stored") {
  const TemporaryFolder folder;
  json spec = small_spec(100, 200);
  spec.erase("sweep");
  spec["simulation"]["antithetic"] = false;
  spec["optimizer"] = {{"learning_rate", 1e6}, {"weight_decay", 1e6}};
  write(folder / "spec.json", spec.dump());
  const Finished result = shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out");
  CAPTURE(result.err);
  CHECK(result.code == 3);
  CHECK(contains(result.err, "trajectory 0 is no longer finite at step 4; lower learning_rate"));
}
