#include <doctest/doctest.h>

#include <string>

#include "program.hpp"
#include "skip.hpp"

using namespace bncollapse::cli::testing;
using nlohmann::json;

namespace {

json spec_of(int trajectories) {
  return {{"bncollapse", 2},
          {"name", "streams"},
          {"model", json::object()},
          {"optimizer", json::object()},
          {"initial", {{"kind", "point"}, {"gamma", 1}, {"beta", 0.4}}},
          {"simulation", {{"trajectories", trajectories}, {"steps", 4}}}};
}

}  // namespace

TEST_CASE("streams that are closed or full leave a run as it is, and its files without text of theirs") {
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json";
  write(spec, spec_of(2000).dump());
  const auto run = [&](const std::string& out, const std::string& streams) {
    return shell("bncollapse run " + spec + " --out " + folder / out + " " + streams).code;
  };
  CHECK(run("whole", "") == 0);
  CHECK(run("no-stderr", "2>&-") == 0);
  CHECK(run("full-stderr", "2>/dev/full") == 0);
  CHECK(run("no-stdin", "<&-") == 0);
  CHECK(run("no-stdout", ">&-") == 3);
  CHECK(run("none", "<&- >&- 2>&-") == 3);
  const auto estimates = [&](const std::string& out) {
    return shell("bncollapse export " + folder / out + " --table estimate").out;
  };
  for (const std::string out : {"no-stderr", "full-stderr", "no-stdin", "no-stdout", "none"}) {
    CAPTURE(out);
    CHECK(estimates(out) == estimates("whole"));
    CHECK(shell("cat " + folder / out + "/.lock").out.empty());
  }
}

TEST_CASE("a reader that leaves early ends the program without a word, by an exit code of its own") {
  const Finished cut = shell("set -o pipefail; bncollapse spec --schema | head -c 1");
  CHECK(cut.code == 3);
  CHECK(cut.err.empty());
}

TEST_CASE("threads that cannot be started are told with the remedy") {
  SKIP_IF(can_limit_address_space ? "" : "a sanitizer needs more address space than a limit leaves");
  const TemporaryFolder folder;
  const std::string spec = folder / "spec.json";
  write(spec, spec_of(2000).dump());
  // A thread's stack is 8 MiB, as a rule.
  const Finished few =
      shell("ulimit -s 8192; " +
            with_address_space(1500, "'" BNCOLLAPSE_PROGRAM "' run " + spec +
                                         " --engine cpu --threads 1000 --out " + folder / "out"));
  CAPTURE(few.err);
  CHECK(few.code == 3);
  CHECK(contains(few.err, "of 1000 threads can be started"));
  CHECK(contains(few.err, "--threads"));
}
