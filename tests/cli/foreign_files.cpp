// Files of others: whatever they hold, a message with its place, and nothing beyond reading them.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "program.hpp"
#include "skip.hpp"

using namespace bncollapse::cli::testing;
using nlohmann::json;

namespace {

/// Refused with exit code 2, a short message of printable text that holds the word, and nothing on stdout.
void check_refused(const std::string& command, const std::string& word) {
  CAPTURE(command);
  const Finished result = shell(command);
  CAPTURE(result.err.substr(0, 1000));
  CHECK(result.code == 2);
  CHECK(result.out.empty());
  CHECK(result.err.size() < 2000);
  CHECK(result.err.find_first_of("\x1b\x9b") == std::string::npos);
  CHECK(contains(result.err, word));
}

const std::string program = "timeout 60 '" BNCOLLAPSE_PROGRAM "' ";

/// A finished run in FOLDER/out.
void run_small(const TemporaryFolder& folder, const json& spec = small_spec()) {
  write(folder / "spec.json", spec.dump());
  const Finished result = shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out");
  CAPTURE(result.err);
  REQUIRE(result.code == 0);
}

/// Changes FOLDER/out/results.sqlite as one does who knows its checksums.
void change_store(const TemporaryFolder& folder, const std::string& statement) {
  REQUIRE(shell("/usr/bin/python3 " BNCOLLAPSE_CHANGE_STORE " " + folder / "out/results.sqlite" + " \"" +
                statement + "\"")
              .code == 0);
}

/// Leaves FOLDER/out/results.sqlite as kill -9 amid a commit leaves it.
void cut_off_a_commit(const TemporaryFolder& folder) {
  shell("/usr/bin/python3 " BNCOLLAPSE_CUT_OFF_COMMIT " " + folder / "out/results.sqlite");
  REQUIRE(std::filesystem::file_size(folder / "out/results.sqlite-journal") > 512);
}

}  // namespace

TEST_CASE("specs of others: depth, marks, NUL, long texts and escape sequences") {
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json";
  const auto refused = [&](const std::string& text, const std::string& word) {
    write(file, text);
    check_refused(program + "spec --check " + file, word);
  };
  const std::string deep(100'000, '['), deep_end(100'000, ']');
  refused(R"({"bncollapse": 2, "name": )" + deep + deep_end + "}", "name[0][0]");
  refused(R"({"bncollapse": 2, "name": )" + deep, "nests deeper than 64 levels");
  json spec = small_spec();
  spec["name"] = std::string("a\0b", 3);
  refused(spec.dump(), "name: is");
  spec = small_spec();
  spec["initial"] = {{"kind", "table"}, {"file", std::string("a.csv\0.txt", 10)}};
  refused(spec.dump(), "initial.file: holds a NUL");
  spec = small_spec();
  spec[std::string(100'000, 'k')] = 1;
  refused(spec.dump(), "is not a known key");
  spec = small_spec();
  spec["\x1b[2J\xc2\x9b"] = 1;
  refused(spec.dump(), "\\x1b[2J\\xc2\\x9b: is not a known key");
  spec = small_spec();
  spec["sweep"]["axes"][0] = {{"field", std::string(100'000, 'f')}, {"values", {1}}};
  refused(spec.dump(), "sweep.axes[0].field");
  refused("{\"" + std::string(100'000, 'x'), "line 1, column");
  write(file, "\xef\xbb\xbf" + small_spec().dump());
  CHECK(shell("bncollapse spec --check " + file).code == 0);
}

TEST_CASE("0 and -0 are one value") {
  const TemporaryFolder folder;
  json spec = small_spec();
  spec["sweep"]["axes"][0] = {{"field", "initial.beta"}, {"values", {0.0, -0.0}}};
  write(folder / "spec.json", spec.dump());
  check_refused(program + "spec --check " + folder / "spec.json", "twice");
}

TEST_CASE("a spec comes from the standard input, from a pipe or from a file, not from a device") {
  const TemporaryFolder folder;
  write(folder / "spec.json", small_spec().dump());
  for (const std::string source : {"spec --check -", "spec --check /dev/stdin"})
    CHECK(shell("bncollapse " + source + " < " + folder / "spec.json").code == 0);
  CHECK(shell("cat " + folder / "spec.json" + " | bncollapse spec --check -").code == 0);
  CHECK(shell("bncollapse spec --check <(sleep 0.2; cat " + folder / "spec.json" + ")").code == 0);
  CHECK(shell("cat " + folder / "spec.json" + " | bncollapse run - --out " + folder / "out").code == 0);
  check_refused(program + "spec --check /dev/zero", "not a regular file");
  REQUIRE(shell("mkfifo " + folder / "pipe").code == 0);
  check_refused(program + "spec --check " + folder / "pipe", "no program writes into");
  json spec = small_spec();
  spec["initial"] = {{"kind", "table"}, {"file", "pipe"}};
  write(folder / "spec.json", spec.dump());
  check_refused(program + "spec --check " + folder / "spec.json",
                "initial.file: names a file that cannot be used");
}

TEST_CASE("tables with a byte-order mark are read, by spec and by option") {
  const TemporaryFolder folder;
  write(folder / "t.csv", "\xef\xbb\xbfgamma,beta\n\n+1,0.4\n0.5,1e-400\n");
  json spec = small_spec();
  spec["initial"] = {{"kind", "table"}, {"file", "t.csv"}};
  run_small(folder, spec);
  write(folder / "law.csv", "\xef\xbb\xbfx\n1\n2\n4\n");
  CHECK(shell("bncollapse theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --law empirical --file " +
              folder / "law.csv")
            .code == 0);
}

TEST_CASE("integers on the command line are decimal and in their range") {
  const std::string theory = "theory --gamma 1 --beta 0 --eta 0.1 --sigma 1 --json --batch ";
  const auto epsilon = [&](const std::string& batch) {
    const Finished result = shell("bncollapse " + theory + batch);
    return result.code == 0 ? json::parse(result.out).at("epsilon").get<double>() : -1;
  };
  CHECK(epsilon("0100") == epsilon("100"));
  CHECK(epsilon("+100") == epsilon("100"));
  for (const std::string batch : {"0x10", "1e2", "1.5", "''", "' 5'", "99999999999999999999"})
    check_refused(program + theory + batch, "--batch");
  check_refused(program + "theory --gamma 0x1 --beta 0 --eta 0.1 --sigma 1", "--gamma");
}

TEST_CASE("stores of others: exit code 2 with the store's path") {
  for (const std::string change :
       {"CREATE VIEW spy AS SELECT 1", "CREATE TABLE \\\"../x\\\" (a)", "DROP TABLE point",
        "UPDATE point SET parameters = '['", "UPDATE point SET parameters = x'00'",
        "UPDATE point SET parameters = '{\\\"../x\\\": 1}'",
        "UPDATE point SET parameters = '{\\\"a\\\": [1]}'",
        "UPDATE point SET parameters = '{\\\"a\\\": ' || replace(hex(zeroblob(500000)), '0', '[') "
        "|| replace(hex(zeroblob(500000)), '0', ']') || '}'"}) {
    const TemporaryFolder folder;
    run_small(folder);
    change_store(folder, change);
    check_refused(program + "export " + folder / "out" + " --npz " + folder / "a.npz",
                  folder / "out/results.sqlite");
  }
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "out");
  write(folder / "out/results.sqlite", "");
  check_refused(program + "export " + folder / "out", "is empty");
  std::filesystem::remove(folder / "out/results.sqlite");
  run_small(folder);
  REQUIRE(shell("mkfifo " + folder / "out/results.sqlite-journal").code == 0);
  check_refused(program + "export " + folder / "out", "results.sqlite-journal: is not a regular file");
}

TEST_CASE("export --guard-formulas: what a spreadsheet would calculate is text") {
  const TemporaryFolder folder;
  run_small(folder);
  change_store(folder, "UPDATE point SET note = '=1+1' WHERE point = 0");
  const std::string command = "bncollapse export " + folder / "out" + " --table point";
  CHECK(contains(shell(command).out, ",=1+1,"));
  CHECK(contains(shell(command + " --guard-formulas").out, ",'=1+1,"));
}

TEST_CASE("what a killed run had begun to commit is undone by who reads") {
  const TemporaryFolder folder;
  run_small(folder);
  const std::string before = all_tables(folder / "out");
  cut_off_a_commit(folder);
  CHECK(all_tables(folder / "out") == before);

  cut_off_a_commit(folder);
  write(folder / "treasure", "kept");
  write(folder / "name.py", R"py(
import struct, sys
name = sys.argv[2].encode()
with open(sys.argv[1], "ab") as journal:
    journal.write(struct.pack(">I", 1) + name + struct.pack(">II", len(name), sum(name))
                  + bytes.fromhex("d9d505f920a163d7"))
)py");
  REQUIRE(shell("/usr/bin/python3 " + folder / "name.py" + " " + folder / "out/results.sqlite-journal" + " " +
                folder / "treasure")
              .code == 0);
  check_refused(program + "export " + folder / "out", "names another file");
  if (no_python_module("matplotlib").empty())
    check_refused(program + "report " + folder / "out", "names another file");
  CHECK(std::filesystem::exists(folder / "treasure"));
}

TEST_CASE("report undoes what a killed run had begun to commit") {
  SKIP_IF(no_python_module("matplotlib"));
  const TemporaryFolder folder;
  run_small(folder);
  cut_off_a_commit(folder);
  CHECK(shell("bncollapse report " + folder / "out").code == 0);
}

TEST_CASE("a run whose folder and table have moved goes on") {
  const TemporaryFolder folder;
  json spec = small_spec();
  spec["initial"] = {{"kind", "table"}, {"file", "t.csv"}};
  std::filesystem::create_directories(folder / "one");
  write(folder / "one/t.csv", "gamma,beta\n1,0.4\n");
  write(folder / "one/spec.json", spec.dump());
  REQUIRE(shell("bncollapse run " + folder / "one/spec.json" + " --out " + folder / "one/out").code == 0);
  std::filesystem::rename(folder / "one", folder / "two");
  const std::string again =
      "bncollapse run " + folder / "two/spec.json" + " --out " + folder / "two/out --resume";
  const Finished resumed = shell(again);
  CAPTURE(resumed.err);
  CHECK(resumed.code == 0);
  write(folder / "two/t.csv", "gamma,beta\n1,0.5\n");
  CHECK(contains(shell(again).err, "holds another experiment: initial.sha256 is"));
}

TEST_CASE(
    "report runs no code of the folder it is called in, of PYTHONPATH or of a virtual environment that "
    "cannot draw") {
  SKIP_IF(no_python_module("matplotlib"));
  const TemporaryFolder folder;
  json spec = small_spec();
  spec["figure"] = "scaling";
  run_small(folder, spec);
  for (const std::string module : {"importlib", "types", "numpy", "sqlite3", "report"})
    write(folder / (module + ".py"), "import os\nos._exit(7)\n");
  write(folder / "matplotlibrc", "backend: nonsense\n");
  std::filesystem::create_directories(folder / "bin");
  write(folder / "bin/python3", "#!/bin/sh\nexit 1\n");
  shell("chmod +x " + folder / "bin/python3");
  for (const std::string setting :
       {"true", "export PYTHONPATH=$PWD", "export MPLBACKEND=nonsense", "export VIRTUAL_ENV=$PWD",
        "export VIRTUAL_ENV=.", "export PATH=:.:$PATH"}) {
    CAPTURE(setting);
    const Finished result = shell("cd " + folder / "" + "; " + setting + "; bncollapse report out");
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(contains(result.out, "out/figures/small.png"));
  }
}

TEST_CASE("a figure that nothing draws is refused, and the schema's figures are those of plots/") {
  const TemporaryFolder folder;
  json spec = small_spec();
  spec["figure"] = "scalling";
  write(folder / "spec.json", spec.dump());
  check_refused(program + "spec --check " + folder / "spec.json", "figure: is \"scalling\"");
  spec["figure"] = "network_rounds";
  write(folder / "spec.json", spec.dump());
  check_refused(program + "spec --check " + folder / "spec.json", "figure: is \"network_rounds\"");

  write(folder / "names.py", R"py(
import ast, json, pathlib, sys
drawn = {}
for statement in ast.parse(pathlib.Path(sys.argv[1]).read_text()).body:
    if isinstance(statement, ast.Assign) and statement.targets[0].id in ("NEURON", "NETWORKS"):
        drawn[statement.targets[0].id] = [""] + [key.value for key in statement.value.keys]
print(json.dumps(drawn))
)py");
  const json drawn = json::parse(
      shell("/usr/bin/python3 " + folder / "names.py" + " " BNCOLLAPSE_PLOTS_FOLDER "/figures/__init__.py")
          .out);
  const json schema = json::parse(shell("bncollapse spec --schema").out);
  CHECK(schema.at("else").at("properties").at("figure").at("enum") == drawn.at("NEURON"));
  CHECK(schema.at("then").at("properties").at("figure").at("enum") == drawn.at("NETWORKS"));
}

TEST_CASE("spec --check says what a run takes, and refuses what cannot be with its place") {
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json";
  const auto refused = [&](const json& spec, const std::string& word) {
    write(file, spec.dump());
    check_refused(with_address_space(6000, program + "spec --check " + file), word);
  };
  const auto with = [](json spec, const std::string& pointer, const json& value) {
    spec[json::json_pointer(pointer)] = value;
    return spec;
  };
  write(file, small_spec().dump());
  const json checked = json::parse(shell("bncollapse spec --check " + file + " --json").out);
  for (const char* key : {"seconds", "memory_bytes", "disk_bytes"}) CHECK(checked.at("estimate").at(key) > 0);
  CHECK(contains(shell("bncollapse spec --check " + file).out, "of memory"));

  const json seeds = {
      {"axes", {{{"field", "seed"}, {"linear", {{"from", 1}, {"to", 10000}, {"count", 10000}}}}}}};
  json spec = with(small_spec(1000, 99999), "/simulation/record", {{"steps", {{"every", 1}}}});
  refused(with(spec, "/sweep", seeds), "simulation.record.steps: makes more than 5e+07 rows of records");
  refused(with(small_spec(1000, 1'000'000'000), "/simulation/record", {{"steps", {{"every", 1}}}}),
          "simulation.record.steps: asks for more than 100000 records");
  refused(with(small_spec(1'000'000'000'000, 1'000'000'000), "/simulation/record", {{"steps", {1}}}),
          "simulation.steps: makes more than 1e+20 trajectory-steps");
  spec = with(small_spec(10000, 10000), "/simulation/paths", {{"count", 1000}});
  spec.erase("sweep");
  refused(with(spec, "/sweep", seeds), "simulation.paths: makes more than 5e+07 rows of paths");
  spec = with(small_spec(), "/simulation/histograms",
              {{"gamma_beta", {{"gamma", {{"count", 9000}}}, {"beta", {{"count", 9000}}}}}});
  spec["simulation"]["record"] = {{"steps", {1}}};
  refused(with(spec, "/sweep", seeds), "simulation.histograms: makes more than 5e+09 bins");
  write(file, spec.dump());
  if (can_limit_address_space) {
    check_refused(with_address_space(2000, program + "run " + file + " --threads 8 --out " + folder / "out"),
                  "simulation: needs about");
  }
  if (can_limit_address_space) {
    const auto too_large = [&](const json& large) {
      write(file, large.dump());
      check_refused(with_address_space(2000, program + "spec --check " + file), "simulation: needs about");
    };
    too_large(with(small_spec(1, 10), "/simulation/splitting", {{"particles", 10'000'000}}));
  }
  refused(with(with(small_spec(), "/sweep", seeds), "/curves",
               {{{"curve", "activation_under_decay"}, {"count", 100'000}}}),
          "curves: makes more than 5e+07 samples of curves");
  std::string table = "gamma,beta\n";
  for (int i = 0; i < 100'000; ++i) table += "1,0\n";
  write(folder / "t.csv", table);
  spec = with(small_spec(), "/initial", {{"kind", "table"}, {"file", "t.csv"}});
  refused(with(spec, "/sweep", seeds), "initial.file: makes more than 5e+07 rows of the table");

  const json network = {{"bncollapse", 2},
                        {"name", "n"},
                        {"data", {{"dataset", "synthetic"}}},
                        {"network", {{"architecture", "plain"}, {"depth", 2}, {"width", 4}}}};
  const json many = {{"rounds", 1000}, {"epochs", 100'000}, {"batch", 2}};
  spec = with(network, "/training", many);
  refused(with(spec, "/record", {{"steps", {{"every", 1}}}}), "record.steps: asks for 250000000001 records");
  refused(with(network, "/record", {{"steps", {6, 0, 3}}}),
          "record.steps[1]: is 0 after 6; the steps must ascend");
  refused(spec, "training.epochs: makes more than 1e+07 epochs");
  spec = with(with(network, "/record", {{"steps", {{"every", 1}}}}), "/network/depth", 10);
  refused(with(spec, "/network/width", 4096), "record.steps: makes more than 1e+08 rows of channels");
}
