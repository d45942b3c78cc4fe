#include <doctest/doctest.h>

#include <string>

#include "program.hpp"

using namespace bncollapse::cli::testing;
using nlohmann::json;

namespace {

json drift_spec() {
  json spec = small_spec(100000);
  spec["checks"] = {
      {{"check", "drift_exact"}},
      {{"check", "exponent"}, {"of", "optimizer.learning_rate"}, {"expect", 2}, {"tolerance", 0.05}}};
  return spec;
}

}  // namespace

TEST_CASE("run: results on stdout, progress on stderr, files in the folder") {
  const TemporaryFolder folder;
  write(folder / "spec.json", drift_spec().dump());
  const Finished result = shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out");
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(contains(result.out, "exponent"));
  CHECK(contains(result.out, "3 pass"));
  CHECK(contains(result.err, "2/2 points"));
  CHECK_FALSE(contains(result.err, "\r"));
  for (const char* file : {"results.sqlite", "spec.resolved.json", "verdicts.json"}) {
    CHECK(std::filesystem::exists(folder / ("out/" + std::string(file))));
  }
  CHECK(shell("bncollapse run " + folder / "out/spec.resolved.json" + " --out " + folder / "again")
            .out.substr(0, 200) == result.out.substr(0, 200));
}

TEST_CASE("run --json: one object on stdout, the verdicts in it") {
  const TemporaryFolder folder;
  write(folder / "spec.json", drift_spec().dump());
  const Finished result =
      shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out" + " --json");
  const json parsed = json::parse(result.out);
  CHECK(parsed.at("verdicts").size() == 3);
  CHECK(parsed.at("verdicts")[0].at("verdict") == "pass");
  CHECK(parsed.at("exit_code") == 0);
}

TEST_CASE("exit codes: a false prediction 1, an undecided one 4, out of range by request 0") {
  const TemporaryFolder folder;
  const auto code_of = [&](const json& spec) {
    static int run = 0;
    write(folder / "spec.json", spec.dump());
    const Finished result =
        shell("bncollapse run " + folder / "spec.json" + " --out " + folder / std::to_string(++run));
    CAPTURE(result.err);
    return result.code;
  };
  json spec = drift_spec();
  spec["checks"][1]["expect"] = 1.5;
  CHECK(code_of(spec) == 1);
  spec = drift_spec();
  spec["checks"][0]["factor"] = 1.2;
  CHECK(code_of(spec) == 1);
  spec = drift_spec();
  spec["checks"][1]["tolerance"] = 1e-4;
  CHECK(code_of(spec) == 4);
  spec = drift_spec();
  spec["sweep"]["axes"][0]["values"] = {1, 2};
  spec["checks"] = {{{"check", "drift_theorem1"}}};
  CHECK(code_of(spec) == 4);
  spec["checks"][0]["allow_out_of_range"] = true;
  CHECK(code_of(spec) == 0);
}

TEST_CASE("engines and thread counts give the same tables") {
  const TemporaryFolder folder;
  json spec = small_spec(3000, 20);
  spec["simulation"]["histograms"] = json::object();
  spec["simulation"]["first_activation"] = true;
  write(folder / "spec.json", spec.dump());
  const auto tables = [&](const std::string& name, const std::string& options) {
    const Finished result =
        shell("bncollapse run " + folder / "spec.json" + " --out " + folder / name + " " + options);
    CAPTURE(result.err);
    CHECK(result.code == 0);
    return all_tables(folder / name);
  };
  const std::string reference = tables("reference", "--engine reference --threads 1");
  CHECK(reference == tables("cpu1", "--engine cpu --threads 1"));
  CHECK(reference == tables("cpu2", "--engine cpu --threads 2"));
}

TEST_CASE("a float32 run whose rounding would show says so and takes float64") {
  const TemporaryFolder folder;
  json spec = small_spec();
  spec["sweep"]["axes"][0]["values"] = {0.001, 0.5};
  write(folder / "spec.json", spec.dump());
  const Finished result = shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out");
  CHECK(contains(result.err, "float64 instead of float32"));
  const std::string points = shell("bncollapse export " + folder / "out" + " --table point").out;
  CHECK(contains(points, "float64"));
  CHECK(contains(points, "float32,,,"));
}

TEST_CASE("spec: schema and defaults are JSON, the defaults are valid") {
  const TemporaryFolder folder;
  const json schema = json::parse(shell("bncollapse spec --schema").out);
  CHECK(schema.at("else").at("properties").contains("simulation"));
  CHECK(schema.at("then").at("properties").contains("network"));
  write(folder / "defaults.json", shell("bncollapse spec --defaults").out);
  const Finished checked = shell("bncollapse spec --check " + folder / "defaults.json" + " --json");
  CHECK(checked.code == 0);
  CHECK(json::parse(checked.out).at("points") == 1);
  CHECK_FALSE(std::filesystem::exists("results/defaults"));
}

TEST_CASE("info --json names version, build and engines") {
  const json info = json::parse(shell("bncollapse info --json").out);
  CHECK(info.at("engines").at("reference").at("available") == true);
  CHECK_FALSE(info.at("version").get<std::string>().empty());
  CHECK(info.at("networks") == contains(shell("bncollapse train --help").out, "--resume"));
  CHECK(shell("bncollapse info").code == 0);
}

TEST_CASE("every verb's help teaches by example") {
  for (const std::string verb : {"theory", "run", "report", "export", "spec", "info"}) {
    CAPTURE(verb);
    const Finished help = shell("bncollapse " + verb + " --help");
    CHECK(help.code == 0);
    CHECK(contains(help.out, "bncollapse " + verb + " "));
    CHECK(contains(help.out, "Example"));
  }
  CHECK(contains(shell("bncollapse --help").out, "Exit codes"));
  CHECK(shell("bncollapse --version").code == 0);
}

TEST_CASE("report: a folder without a store is refused") {
  const TemporaryFolder folder;
  const Finished result = shell("bncollapse report " + folder / "nothing");
  CHECK(result.code == 2);
  CHECK(contains(result.err, "nothing: no such folder"));
}
