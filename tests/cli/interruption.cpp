#include <doctest/doctest.h>

#include <string>

#include "program.hpp"

using namespace bncollapse::cli::testing;

namespace {

/// A spec of several points, the last of which takes long enough to be hit in the middle on any machine: the
/// test waits until the first points are in the store, then strikes.
nlohmann::json long_spec() {
  nlohmann::json spec = small_spec();
  spec["simulation"] = {{"trajectories", 1000},
                        {"steps", 1000},
                        {"histograms", nlohmann::json::object()},
                        {"first_activation", true},
                        {"paths", {{"count", 2}, {"stride", 100}}}};
  spec["sweep"] = {{"mode", "zip"},
                   {"axes",
                    {{{"field", "optimizer.learning_rate"}, {"values", {0.1, 0.11, 0.12}}},
                     {{"field", "simulation.trajectories"}, {"values", {1000, 2000, 3000000}}}}}};
  spec["checks"] = {{{"check", "trend"},
                     {"quantity", "rarely_active_share"},
                     {"of", "optimizer.learning_rate"},
                     {"direction", "rises"}}};
  return spec;
}

/// Starts the run, waits for two points in its store, sends the signal; the exit code of the run is the
/// shell's.
std::string struck(const std::string& run, const std::string& out, const std::string& signal) {
  return "'" BNCOLLAPSE_PROGRAM "' " + run +
         " & run=$!\n"
         "for i in $(seq 600); do\n"
         "  [ \"$('" BNCOLLAPSE_PROGRAM "' export " +
         out +
         " --table point 2>/dev/null | wc -l)\" -ge 3 ] && break\n"
         "  sleep 0.05\n"
         "done\n"
         "kill -" +
         signal + " $run\nwait $run";
}

}  // namespace

TEST_CASE("killed in the middle and resumed, a run ends with the tables of an undisturbed one") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json", out = folder / "out", whole = folder / "whole";
  write(spec, long_spec().dump());
  const Finished killed = shell(struck("run " + spec + " --threads 1 --out " + out, out, "KILL"));
  CHECK(killed.code == 128 + 9);
  CHECK(contains(shell("bncollapse export " + out + " --table point").out, "0.11"));
  const Finished resumed = shell("bncollapse run " + spec + " --out " + out + " --resume --threads 1");
  CAPTURE(resumed.err);
  CHECK(contains(resumed.err, "2 of 3 points were finished before"));
  const Finished undisturbed = shell("bncollapse run " + spec + " --out " + whole + " --threads 2");
  CHECK(resumed.code == undisturbed.code);
  CHECK(all_tables(out) == all_tables(whole));
}

TEST_CASE("Ctrl-C and SIGTERM keep the finished points, say how to resume and exit with 3") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json";
  write(spec, long_spec().dump());
  for (const std::string signal : {"INT", "TERM"}) {
    CAPTURE(signal);
    const std::string out = folder / signal;
    // Bash starts background jobs with SIGINT ignored unless job control is on.
    const Finished stopped =
        shell("set -m\n" + struck("run " + spec + " --threads 1 --out " + out, out, signal));
    CAPTURE(stopped.err);
    CHECK(stopped.code == 3);
    CHECK(contains(stopped.err, "--out " + out + " --threads 1 --resume"));
    CHECK(contains(shell("bncollapse export " + out + " --table point").out, "0.11"));
  }
}

TEST_CASE("Ctrl-C acts within seconds in long predictions and curves, which show how far they are") {
  const TemporaryFolder folder;
  const auto strikes = [&](const nlohmann::json& spec, const std::string& doing) {
    CAPTURE(doing);
    write(folder / "spec.json", spec.dump());
    const std::string out = folder / "out";
    shell("rm -rf " + out);
    const Finished stopped = shell("'" BNCOLLAPSE_PROGRAM "' run " + folder / "spec.json" + " --out " + out +
                                   " 2> " + folder / "err" +
                                   " & run=$!\n"
                                   "for i in $(seq 1200); do grep -q '" +
                                   doing + "' " + folder / "err" +
                                   " && break; sleep 0.05; done\n"
                                   "kill -TERM $run; start=$SECONDS; wait $run; code=$?\n"
                                   "cat " +
                                   folder / "err" + " >&2; [ $((SECONDS - start)) -lt 5 ] && exit $code");
    CAPTURE(stopped.err);
    CHECK(stopped.code == 3);
    CHECK(contains(stopped.err, "interrupted"));
  };
  nlohmann::json spec = small_spec();
  spec["simulation"] = {{"trajectories", 1000}, {"steps", 1}};
  spec["checks"] = nlohmann::json::array();
  spec["model"] = {{"x", {{"law", "student_t"}, {"dof", 3}}}, {"noise", {{"law", "student_t"}}}};
  nlohmann::json wide = spec;
  wide["initial"] = {{"kind", "even_ratio"}, {"gamma", 1}, {"ratio_std", 1e6}};
  strikes(wide, "predictions of point 0");
  spec["curves"] = {{{"curve", "exact_drift_ratio"}, {"count", 10000}}};
  strikes(spec, "curves [1-9]");
}

TEST_CASE("what report has started ends with it") {
  const TemporaryFolder folder;
  shell("mkdir -p " + folder / "env/bin");
  const std::string python = folder / "env/bin/python3";
  write(python, "#!/bin/sh\necho $$ > " + folder / "process" + "\nexec sleep 60\n");
  const Finished stopped = shell("chmod +x " + python + "; VIRTUAL_ENV=" + folder / "env" +
                                 " '" BNCOLLAPSE_PROGRAM "' report " + folder / "." +
                                 " & report=$!\n"
                                 "until [ -s " +
                                 folder / "process" +
                                 " ]; do sleep 0.05; done\n"
                                 "kill -TERM $report; wait $report\n"
                                 "for i in $(seq 100); do kill -0 $(cat " +
                                 folder / "process" + ") 2>/dev/null || exit 7; sleep 0.05; done");
  CHECK(stopped.code == 7);
}

TEST_CASE("a second writer is kept out of a running run's folder") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json", out = folder / "out";
  write(spec, long_spec().dump());
  const Finished result = shell("'" BNCOLLAPSE_PROGRAM "' run " + spec + " --threads 1 --out " + out +
                                " 2>/dev/null & run=$!\n"
                                "for i in $(seq 600); do [ -s " +
                                out +
                                "/results.sqlite ] && break; sleep 0.05; done\n"
                                "bncollapse run " +
                                spec + " --out " + out +
                                " --resume; code=$?\n"
                                "kill -KILL $run; wait $run 2>/dev/null; exit $code");
  CHECK(result.code == 3);
  CHECK(contains(result.err, "another run is writing here"));
}

TEST_CASE("a disk that is full: exit code 3, finished points kept, resumed once there is room") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json", out = folder / "out";
  nlohmann::json json = small_spec(1000, 100);
  json["simulation"]["histograms"] = {
      {"gamma_beta", {{"gamma", {{"count", 50}}}, {"beta", {{"count", 50}}}}}};
  json["sweep"]["axes"] = {
      {{"field", "optimizer.learning_rate"}, {"linear", {{"from", 0.01}, {"to", 0.1}, {"count", 6}}}}};
  json["simulation"]["record"] = {{"steps", {{"linear", 10}}}};
  write(spec, json.dump());
  // A point takes about 300 KiB here; a file may hold 1 MiB.
  const Finished full = shell("ulimit -f 1024; bncollapse run " + spec + " --out " + out);
  CAPTURE(full.err);
  CHECK(full.code == 3);
  CHECK(contains(full.err, "--resume"));
  const std::string kept = shell("bncollapse export " + out + " --table point").out;
  CHECK(contains(kept, "\n0,"));
  CHECK_FALSE(contains(kept, "\n5,"));
  CHECK(shell("bncollapse run " + spec + " --out " + out + " --resume").code == 0);
  CHECK(shell("bncollapse run " + spec + " --out " + folder / "whole").code == 0);
  CHECK(all_tables(out) == all_tables(folder / "whole"));
}

TEST_CASE("a full disk behind stdout is told") {
  CHECK(shell("bncollapse spec --schema > /dev/full").code == 3);
}
