#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "program.hpp"
#include "skip.hpp"

using namespace bncollapse::cli::testing;

TEST_CASE("CSV holds the table and the swept fields") {
  const TemporaryFolder folder;
  write(folder / "spec.json", small_spec().dump());
  REQUIRE(shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out").code == 0);
  const Finished csv =
      shell("bncollapse export " + folder / "out" + " --csv " + folder / "a.csv && cat " + folder / "a.csv");
  CHECK(csv.out.rfind("point,step,quantity,mean,standard_error,count,optimizer.learning_rate\n", 0) == 0);
  CHECK(contains(csv.out, "\n1,1,probability_change_antithetic,"));
  CHECK(csv.out == shell("bncollapse export " + folder / "out").out);
  const Finished unknown = shell("bncollapse export " + folder / "out" + " --table nothing");
  CHECK(unknown.code == 2);
  CHECK(contains(unknown.err, "has no table nothing; it has meta, point, prediction"));
}

TEST_CASE("NumPy reads the archive as the store has it") {
  SKIP_IF(no_python_module("numpy"));
  const TemporaryFolder folder;
  auto spec = small_spec();
  spec["title"] = "γ and β";
  spec["simulation"]["histograms"] = nlohmann::json::object();
  spec["checks"] = {{{"check", "estimators_agree"}, {"claim", "größer, \"gleich\""}},
                    {{"check", "trend"},
                     {"claim", "trend"},
                     {"quantity", "probability_change_antithetic"},
                     {"of", "optimizer.learning_rate"},
                     {"direction", "falls"}}};
  write(folder / "spec.json", spec.dump());
  REQUIRE(shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out").code == 0);
  REQUIRE(shell("bncollapse export " + folder / "out" + " --npz " + folder / "a.npz").code == 0);
  write(folder / "compare.py", R"(
import json, sqlite3, sys, zipfile
import numpy as np
folder = sys.argv[1]
assert zipfile.ZipFile(folder + "/a.npz").testzip() is None
arrays = np.load(folder + "/a.npz")
database = sqlite3.connect(folder + "/out/results.sqlite")
rows = database.execute("SELECT mean, count, quantity FROM estimate ORDER BY point, quantity, step").fetchall()
assert arrays["estimate.mean"].dtype == np.float64 and arrays["estimate.count"].dtype == np.int64
assert list(arrays["estimate.mean"]) == [r[0] for r in rows]
assert list(arrays["estimate.count"]) == [r[1] for r in rows]
assert list(arrays["estimate.quantity"]) == [r[2] for r in rows]
assert arrays["verdict.claim"][0].startswith("größer, \"gleich\""), arrays["verdict.claim"][0]
counts, offsets = arrays["histogram.counts"], arrays["histogram.counts_offsets"]
blobs = [np.frombuffer(r[0], "<i8") for r in database.execute("SELECT counts FROM histogram ORDER BY point, quantity, step")]
assert len(offsets) == len(blobs) + 1
assert all((counts[a:b] == blob).all() for a, b, blob in zip(offsets, offsets[1:], blobs))
assert list(arrays["point.optimizer.learning_rate"]) == [0.02, 0.04]

# The types are those of the columns, also where all is null or no row is there.
null = np.iinfo(np.int64).min
assert arrays["point.approximation"].dtype.kind == "U" and list(arrays["point.approximation"]) == ["", ""]
assert arrays["curve.series"].dtype.kind == "U" and len(arrays["curve.series"]) == 0
assert arrays["path.step"].dtype == np.int64 and arrays["path.gamma"].dtype == np.float64
assert arrays["path.optimizer.learning_rate"].dtype == np.float64
bins = dict(zip(arrays["histogram.quantity"], zip(arrays["histogram.y_count"], arrays["histogram.y_upper"])))
assert arrays["histogram.y_count"].dtype == np.int64
assert bins["gamma"][0] == null and np.isnan(bins["gamma"][1]) and bins["gamma_beta"][0] == 100
claim = arrays["verdict.claim"]
assert arrays["verdict.point"].dtype == np.int64 and set(arrays["verdict.point"][claim == "trend"]) == {null}
assert np.isnan(arrays["verdict.optimizer.learning_rate"][claim == "trend"]).all()
)");
  const Finished compared = shell("/usr/bin/python3 " + folder / "compare.py" + " " + folder / "");
  CAPTURE(compared.err);
  CHECK(compared.code == 0);
}

TEST_CASE("what is written on request takes the place of no file of the run") {
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  write(file, small_spec().dump());
  REQUIRE(shell("bncollapse run " + file + " --out " + out).code == 0);
  REQUIRE(shell("ln -s " + out + "/results.sqlite " + out + "/link; mkdir " + out + "/checkpoints").code ==
          0);
  const std::string digest = shell("cat " + out + "/results.sqlite " + out + "/*.json | sha256sum").out;
  for (const char* name : {"results.sqlite", "results.sqlite-journal", "spec.resolved.json", "verdicts.json",
                           ".lock", "link", "../out/results.sqlite", "checkpoints/x"}) {
    for (const char* command : {"export OUT --csv ", "export OUT --npz ", "report OUT --out "}) {
      CAPTURE(name);
      std::string words = command;
      words.replace(words.find("OUT"), 3, out);
      const Finished refused = shell("bncollapse " + words + out + "/" + name);
      CHECK(refused.code == 2);
      CHECK(contains(refused.err, "take another name"));
    }
  }
  const std::string other = folder / "other";
  REQUIRE(shell("cp -r " + out + " " + other).code == 0);
  CHECK(shell("bncollapse export " + out + " --csv " + other + "/results.sqlite").code == 2);
  CHECK(shell("bncollapse report " + out + " --out " + other + "/spec.resolved.json").code == 2);
  const std::string both = folder / "both";
  const Finished twice = shell("bncollapse export " + out + " --csv " + both + " --npz " + both);
  CHECK(twice.code == 2);
  CHECK(contains(twice.err, "give each a file of its own"));
  CHECK(shell("cat " + out + "/results.sqlite " + out + "/*.json | sha256sum").out == digest);
  CHECK(shell("bncollapse export " + out + " --csv " + out + "/estimates.csv").code == 0);
}

TEST_CASE("a file that does not fit on the disk is told and not left in parts") {
  const TemporaryFolder folder;
  write(folder / "spec.json", small_spec().dump());
  REQUIRE(shell("bncollapse run " + folder / "spec.json" + " --out " + folder / "out").code == 0);
  const std::string csv = folder / "all.csv", run = folder / "out";
  const Finished full = shell("ulimit -f 1; bncollapse export " + run + " --csv " + csv);
  CHECK(full.code == 3);
  CHECK(contains(full.err, csv + ": cannot be written"));
  CHECK(contains(full.err, "free space"));
  CHECK_FALSE(std::filesystem::exists(csv));
}
