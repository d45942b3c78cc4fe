#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "program.hpp"
#include "skip.hpp"

using namespace bncollapse::cli::testing;
using nlohmann::json;

namespace {

const bool has_torch = contains(shell("bncollapse train --help").out, "--resume");

std::string no_torch() { return has_torch ? "" : "there is no LibTorch"; }

std::string no_cifar10() {
  return std::filesystem::exists(BNCOLLAPSE_DATA_FOLDER "/test_batch.bin")
             ? ""
             : "CIFAR-10 is not in data/cifar-10 (tools/fetch-cifar10 fetches it)";
}

/// Two small networks on synthetic images: 4 rounds of 2 epochs of 8 steps each.
json network_spec() {
  return {{"bncollapse", 2},
          {"name", "tiny"},
          {"data", {{"dataset", "synthetic"}, {"train_images", 400}, {"test_images", 100}}},
          {"network", {{"architecture", "plain"}, {"depth", 3}, {"width", 4}}},
          {"training", {{"rounds", 4}, {"epochs", 2}, {"batch", 50}}},
          {"record",
           {{"steps", {{"in_round", {0, 4}}}},
            {"images", 50},
            {"gradient_batches", 3},
            {"pruned", true},
            {"checkpoints", "rounds"}}},
          {"sweep", {{"axes", {{{"field", "network.alpha"}, {"values", {0, 0.1}}}}}}},
          {"checks",
           {{{"check", "level"}, {"quantity", "test_accuracy"}, {"direction", "above"}, {"bound", 0}}}}};
}

/// The same networks, trained for longer than a test waits.
json long_network_spec() {
  json spec = network_spec();
  spec["training"] = {{"rounds", 1}, {"epochs", 5000}, {"batch", 50}};
  return spec;
}

/// What must be the same bits in two runs: everything but times and measured speeds.
std::string numbers(const std::string& folder) {
  std::string all;
  for (const std::string table :
       {"point", "layer", "round_value", "layer_value", "channel", "gradient_moment", "verdict"}) {
    all += shell("bncollapse export " + folder + " --table " + table).out;
  }
  return all + shell("bncollapse export " + folder + " --table epoch | cut -d, -f1-7").out +
         shell("bncollapse export " + folder + " --table pruned | cut -d, -f1-7").out;
}

/// A shell's loop that ends when the folder has a checkpoint of that name.
std::string until_checkpoint(const std::string& out, const std::string& name) {
  return "for i in $(seq 1200); do ls '" + out + "'/checkpoints/" + name +
         " >/dev/null 2>&1 && break; sleep 0.02; done\n";
}

/// When and how a run is stopped.
struct Strike {
  std::string signal;
  std::string checkpoint = "point-*-round-001.safetensors";  ///< as soon as there is one of that name
  std::string options = "";                                  ///< of the run
  std::string later = "0";                                   ///< seconds
};

/// Trains, stops the run, goes on, and compares with an undisturbed run.
void check_resumes(const json& spec, const Strike& strike) {
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out", whole = folder / "whole";
  write(file, spec.dump());
  const std::string data = " --data '" BNCOLLAPSE_DATA_FOLDER "'";
  const Finished stopped =
      shell("set -m\n'" BNCOLLAPSE_PROGRAM "' train " + file + " --device cpu --out " + out + data + " " +
            strike.options + " & run=$!\n" + until_checkpoint(out, strike.checkpoint) + "sleep " +
            strike.later + "; kill -" + strike.signal + " $run\nwait $run");
  CAPTURE(stopped.err);
  CHECK(stopped.code == (strike.signal == "KILL" ? 137 : 3));
  if (strike.signal != "KILL") CHECK(contains(stopped.err, "--resume"));
  // At once: the trainings of a killed run end by themselves, and the new ones wait for them.
  const Finished resumed =
      shell("bncollapse train " + file + " --device cpu --out " + out + data + " --resume --jobs 1");
  CAPTURE(resumed.err);
  CHECK(resumed.code == 4);  // one seed is no test
  const Finished undisturbed =
      shell("bncollapse train " + file + " --device cpu --out " + whole + data + " --jobs 2");
  CHECK(undisturbed.code == 4);
  CHECK(numbers(out) == numbers(whole));
  CHECK(contains(numbers(whole), "test_accuracy"));
}

}  // namespace

TEST_CASE("train: stopped by Ctrl-C or killed, then resumed, ends with the numbers of an undisturbed run") {
  SKIP_IF(no_torch());
  json spec = network_spec();
  spec["training"]["epochs"] = 12;  // long enough to be hit in the middle
  check_resumes(spec, {"INT"});
  check_resumes(spec, {"KILL"});
}

TEST_CASE("train: Ctrl-C in a terminal reaches the trainings, too, and loses no epoch that was done") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  write(file, long_network_spec().dump());
  for (const std::string signal : {"INT", "TERM"}) {
    CAPTURE(signal);
    // The process group is that of the whole job.
    const Finished stopped = shell(
        "rm -rf " + out + "; set -m\n'" BNCOLLAPSE_PROGRAM "' train " + file +
        " --device cpu --jobs 2 --checkpoint-seconds 10000 --out " + out +
        " & run=$!\n"
        "for i in $(seq 600); do\n"
        "  [ $(bncollapse export " +
        out +
        " --table epoch 2>/dev/null | cut -d, -f1 | sort | uniq -c | wc -l) -ge 3 ] && break; sleep 0.05\n"
        "done\nkill -" +
        signal + " -- -$run; wait $run");
    CAPTURE(stopped.err);
    CHECK(stopped.code == 3);
    CHECK_FALSE(contains(stopped.err, "was ended by"));
    for (const char* point : {"0", "1"})
      CHECK(shell("ls " + out + "/checkpoints/point-000" + point + ".safetensors").code == 0);
  }
}

TEST_CASE("train: the trainings of a killed run end with it") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  write(file, long_network_spec().dump());
  const std::string trainings = "$(pgrep -cf -- '--out " + out + " .*--progress-lines')";
  const Finished killed = shell("'" BNCOLLAPSE_PROGRAM "' train " + file +
                                " --device cpu --jobs 2 --checkpoint-seconds 0.2 --out " + out +
                                " & run=$!\n" + until_checkpoint(out, "point-0000.safetensors") + "echo " +
                                trainings + "\nkill -KILL $run; wait $run\nfor i in $(seq 600); do [ " +
                                trainings + " = 0 ] && break; sleep 0.05; done\necho " + trainings);
  CAPTURE(killed.err);
  CHECK(killed.out == "2\n0\n");
}

TEST_CASE("train: a training that is killed itself, epochs after its last checkpoint, is resumed from that") {
  SKIP_IF(no_torch());
  json spec = network_spec();
  spec["training"] = {{"rounds", 1}, {"epochs", 60}, {"batch", 50}};
  spec["record"]["steps"] = {{"every", 40}};
  check_resumes(spec, {"KILL", "point-0000.safetensors", "--point 0 --checkpoint-seconds 0.2", "0.15"});
}

TEST_CASE("train: a training waits for another process that has its point") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out", said = folder / "said";
  write(file, network_spec().dump());
  const Finished waited = shell(
      "mkdir -p " + out + "/checkpoints\nexec 9>" + out +
      "/checkpoints/.point-0000.lock\nflock 9\n'" BNCOLLAPSE_PROGRAM "' train " + file +
      " --device cpu --point 0 --progress-lines --out " + out + " 9>&- 2>" + said +
      " & run=$!\n"
      "for i in $(seq 600); do grep -q 'waiting for it' " +
      said + " && break; sleep 0.05; done\ngrep -c 'waiting for it' " + said + "\nexec 9>&-\nwait $run");
  CAPTURE(waited.err);
  CHECK(waited.out == "1\n");
  CHECK(waited.code == 0);
}

TEST_CASE("train: real images, through checkpoint and resume") {
  SKIP_IF(no_torch());
  SKIP_IF(no_cifar10());
  json spec = network_spec();
  spec["data"] = {{"dataset", "cifar10"}, {"train_images", 400}, {"test_images", 100}};
  spec["training"]["epochs"] = 12;
  check_resumes(spec, {"TERM"});
}

TEST_CASE("train: results on stdout as JSON, verdicts in it, and probe takes the run") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  json spec = network_spec();
  spec["training"]["rounds"] = 1;
  write(file, spec.dump());
  const Finished trained = shell("bncollapse train " + file + " --device cpu --json --out " + out);
  CAPTURE(trained.err);
  const json result = json::parse(trained.out);
  CHECK(trained.code == 4);
  CHECK(result.at("exit_code") == 4);
  CHECK(result.at("points") == 2);
  CHECK(result.at("verdicts").size() == 1);
  const Finished probed = shell("bncollapse probe " + out + " --json");  // of all 8 mini-batches
  CAPTURE(probed.err);
  REQUIRE(probed.code == 0);
  const json probe = json::parse(probed.out);
  REQUIRE(probe.at("points").size() == 2);
  CHECK(probe.at("points").at(0).at("channels") > 0);
  CHECK(contains(shell("bncollapse export " + out + " --table probe").out, "drift_theorem1"));
  CHECK(shell("bncollapse probe " + out + " --round 1 --batches 6").code == 0);
  const Finished missing = shell("bncollapse probe " + out + " --round 2");
  CHECK(missing.code == 2);
  CHECK(contains(missing.err, "point 0: has 1 round; --round is 2"));
  CHECK(contains(shell("bncollapse probe " + out + " --batches 9").err,
                 "point 0: --batches is 9; it must be from 2 to the 8 of an epoch"));
}

TEST_CASE("probe: a checkpoint that stands within a round, or at another's end, is refused") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  const auto probe_of = [&](const std::string& options) {
    return shell("bncollapse probe " + out + " --point 0 " + options);
  };
  write(file, long_network_spec().dump());
  shell("set -m\n'" BNCOLLAPSE_PROGRAM "' train " + file +
        " --device cpu --point 0 --checkpoint-seconds 0 --out " + out + " & run=$!\n" +
        until_checkpoint(out, "*.safetensors") + "kill -INT $run\nwait $run");
  const Finished within = probe_of("");
  CHECK(within.code == 2);
  CHECK(contains(within.err, "within round 1, and a round's end is probed"));
  CHECK(shell("bncollapse export " + out + " --table probe | tail -n +2").out.empty());

  shell("rm -r " + out);
  json spec = network_spec();
  spec["training"]["rounds"] = 2;
  write(file, spec.dump());
  REQUIRE(shell("bncollapse train " + file + " --device cpu --point 0 --out " + out).code == 0);
  CHECK(probe_of("").code == 0);
  CHECK(probe_of("--round 1").code == 0);
  const std::string checkpoint = out + "/checkpoints/point-0000";
  shell("cp " + checkpoint + ".safetensors " + checkpoint + "-round-001.safetensors");
  const Finished other = probe_of("--round 1");
  CHECK(other.code == 2);
  CHECK(contains(other.err, "stands at step 32, not at the end of round 1, which is step 16"));

  CHECK(contains(probe_of("--round 3").err, "point 0: has 2 rounds; --round is 3"));

  // Trained anew, the point has no probe of its second round yet.
  shell("rm " + checkpoint + "*");
  const std::string probed =
      "bncollapse export " + out + " --table probe | tail -n +2 | cut -d, -f2 | sort -u";
  CHECK(shell(probed).out == "1\n2\n");
  REQUIRE(shell("bncollapse train " + file + " --device cpu --point 0 --resume --out " + out).code == 0);
  CHECK(shell(probed).out.empty());
}

TEST_CASE("probe: weights that were shuffled after a round are not the round's") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  json spec = network_spec();
  spec["training"]["rounds"] = spec["training"]["shuffle_weights_after"] = 1;
  write(file, spec.dump());
  REQUIRE(shell("bncollapse train " + file + " --device cpu --point 0 --out " + out).code == 0);
  const Finished shuffled = shell("bncollapse probe " + out + " --point 0");
  CHECK(shuffled.code == 2);
  CHECK(contains(shuffled.err, "they were shuffled there"));
  CHECK(shell("bncollapse probe " + out + " --point 0 --round 1").code == 0);
}

TEST_CASE(
    "train and run each refuse the specs of the other, and train names data and points that are not there") {
  const TemporaryFolder folder;
  const std::string neuron = folder / "neuron.json", network = folder / "network.json";
  write(neuron, small_spec().dump());
  json spec = network_spec();
  write(network, spec.dump());
  const Finished ran = shell("bncollapse run " + network + " --out " + (folder / "a"));
  CHECK(ran.code == 2);
  CHECK(contains(ran.err, "use `bncollapse train`"));
  if (!has_torch) {
    const Finished lacking = shell("bncollapse train " + network);
    CHECK(lacking.code == 3);
    CHECK(contains(lacking.err, "libtorch-dev"));
    return;
  }
  const Finished trained = shell("bncollapse train " + neuron + " --out " + (folder / "b"));
  CHECK(trained.code == 2);
  CHECK(contains(trained.err, "use `bncollapse run`"));
  const Finished beyond = shell("bncollapse train " + network + " --point 2 --out " + (folder / "c"));
  CHECK(beyond.code == 2);
  CHECK(contains(beyond.err, "the spec has the points 0 to 1"));
  spec["data"] = {{"dataset", "cifar10"}};
  write(network, spec.dump());
  const Finished without =
      shell("bncollapse train " + network + " --out " + (folder / "d") + " --data " + (folder / "none"));
  CHECK(without.code == 2);
  CHECK(contains(without.err, "data_batch_1.bin"));
}

TEST_CASE("train: a training that diverges names step and layer, and the others are finished") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out";
  json spec = network_spec();
  spec["network"]["normalisation"] = "none";
  spec["sweep"] = {{"axes", {{{"field", "optimizer.learning_rate"}, {"values", {0.01, 1e6}}}}}};
  write(file, spec.dump());
  const Finished trained = shell("bncollapse train " + file + " --device cpu --out " + out);
  CHECK(trained.code == 3);
  CHECK(contains(trained.err, "point 1: bncollapse: training diverged: the loss is"));
  CHECK(contains(trained.err, "in step"));
  CHECK(contains(trained.err, "the training of point 1 failed"));
  CHECK(contains(shell("bncollapse export " + out + " --table round_value").out, "test_accuracy"));
}

TEST_CASE("the experiments' network specs are valid") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(BNCOLLAPSE_EXPERIMENTS_FOLDER)) {
    if (entry.path().extension() != ".json") continue;
    const Finished checked = shell("bncollapse spec --check '" + entry.path().string() + "'");
    CAPTURE(entry.path().string());
    CAPTURE(checked.err);
    CHECK(checked.code == 0);
  }
}

TEST_CASE("train: the command that is printed on Ctrl-C goes on as it stands") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "a spec.json", out = folder / "an out";
  json spec = network_spec();
  spec["training"]["rounds"] = 2;
  spec["record"] = {{"checkpoints", "rounds"}};
  write(file, spec.dump());
  const Finished stopped = shell("set -m\n'" BNCOLLAPSE_PROGRAM "' train '" + file +
                                 "' --device cpu --threads 2 --jobs 1 --out '" + out + "' & run=$!\n" +
                                 until_checkpoint(out, "*.safetensors") + "kill -INT $run\nwait $run");
  CAPTURE(stopped.err);
  CHECK(stopped.code == 3);
  const std::string hint = stopped.err.substr(stopped.err.find("\n  bncollapse ") + 3);
  const std::string command = hint.substr(0, hint.find('\n'));
  CHECK(contains(command, "'" + file + "' --out '" + out + "' --device cpu --threads 2 --jobs 1 --resume"));
  const Finished resumed = shell(command);
  CAPTURE(resumed.err);
  CHECK(resumed.code == 4);  // one seed is no test
}

TEST_CASE("train: a store or a checkpoint of another age is refused with the remedy, which works") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out", whole = folder / "whole";
  write(file, network_spec().dump());
  const std::string train = "bncollapse train " + file + " --device cpu --out ";
  REQUIRE(shell(train + whole).code == 4);
  REQUIRE(shell(train + out + " --point 0").code == 0);
  REQUIRE(shell(train + out + " --point 1").code == 0);
  const std::string checkpoint = out + "/checkpoints/point-0000.safetensors";

  // The store is gone: its rows cannot come back from the checkpoint.
  shell("rm " + out + "/results.sqlite");
  const Finished alone = shell(train + out + " --point 0");
  CHECK(alone.code == 2);
  CHECK(contains(alone.err,
                 "point 0: its checkpoint stands after epoch 8, but the store has 0 of these epochs"));
  CHECK(shell(train + out + " --resume").code == 2);
  CHECK(contains(alone.err, "delete " + checkpoint));
  shell("rm " + out + "/checkpoints/point-000?.safetensors");
  CHECK(shell(train + out + " --resume").code == 4);
  CHECK(numbers(out) == numbers(whole));

  // The checkpoint is damaged, and its training finished.
  shell("truncate -s 2000 " + checkpoint);
  const Finished damaged = shell(train + out + " --point 0");
  CHECK(damaged.code == 2);
  CHECK(contains(damaged.err, checkpoint));
  CHECK(contains(damaged.err, "delete it"));
  shell("rm " + checkpoint);
  CHECK(contains(shell("bncollapse probe " + out + " --point 0").err, "--resume --point 0"));
  CHECK(shell(train + out + " --resume --point 0").code == 0);
  CHECK(shell(train + out + " --resume").code == 4);
  CHECK(numbers(out) == numbers(whole));

  // The store is damaged.
  shell("truncate -s 2000 " + out + "/results.sqlite");
  const Finished store = shell(train + out + " --resume");
  CHECK(store.code == 2);
  CHECK(contains(store.err, "delete it and the folder checkpoints beside it"));
  shell("rm -r " + out + "/results.sqlite " + out + "/checkpoints");
  CHECK(shell(train + out).code == 4);
  CHECK(numbers(out) == numbers(whole));
}

TEST_CASE("train: points that start together in an empty folder, or one with an empty store, make it once") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  const std::string file = folder / "spec.json", out = folder / "out", whole = folder / "whole";
  write(file, network_spec().dump());
  const std::string train = "'" BNCOLLAPSE_PROGRAM "' train " + file + " --device cpu --out ";
  const Finished together = shell("mkdir " + out + "; : >" + out + "/results.sqlite\n" + train + out +
                                  " --point 0 & a=$!\n" + train + out + " --point 1 & b=$!\n" + train + out +
                                  " --point 1 & c=$!\nwait $a && wait $b && wait $c");
  CAPTURE(together.err);
  CHECK(together.code == 0);
  CHECK(shell(train + out + " --resume").code == 4);
  REQUIRE(shell(train + whole).code == 4);
  CHECK(numbers(out) == numbers(whole));
}

TEST_CASE("train: a training that a signal ends is told with the signal") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  json spec = network_spec();
  spec["data"]["train_images"] = 5000;  // long enough to be hit in the middle
  spec.erase("sweep");
  const std::string file = folder / "spec.json", out = folder / "out";
  write(file, spec.dump());
  const Finished killed =
      shell("'" BNCOLLAPSE_PROGRAM "' train " + file + " --device cpu --jobs 1 --out " + out + " & run=$!\n" +
            until_checkpoint(out, "*.safetensors") + "pkill -KILL -P $run\nwait $run");
  CAPTURE(killed.err);
  CHECK(killed.code == 3);
  CHECK(contains(killed.err, "point 0: was ended by signal 9 (Killed)"));
}

TEST_CASE("train --point takes a decimal number") {
  SKIP_IF(no_torch());
  const TemporaryFolder folder;
  json spec = network_spec();
  spec["training"]["rounds"] = 1;
  spec["sweep"] = {{"axes", {{{"field", "seed"}, {"values", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}}}}};
  write(folder / "spec.json", spec.dump());
  REQUIRE(shell("bncollapse train " + folder / "spec.json" + " --point 010 --out " + folder / "out").code ==
          0);
  CHECK(std::filesystem::exists(folder / "out/checkpoints/point-0010.safetensors"));
}

TEST_CASE("NaN is no number on the command line") {
  SKIP_IF(no_torch());
  for (const std::string line :
       {"probe nowhere --learning-rate nan", "train none.json --checkpoint-seconds NaN"}) {
    CAPTURE(line);
    const Finished refused = shell("bncollapse " + line);
    CHECK(refused.code == 2);
    CHECK(contains(refused.err, "must be a decimal number"));
  }
}
