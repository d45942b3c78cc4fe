// Seeds for the fuzz targets, made of the project's own files:  fuzz_seeds EXPERIMENTS FOLDER
#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/network_store.hpp"
#include "bncollapse/study/run.hpp"
#include "bncollapse/study/spec.hpp"
#include "bytes.hpp"
#include "fnv1a.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;
using study::Json;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Number>
std::string bytes_of_number(Number number) {
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

/// Everything that the simulation of a neuron can be asked for, small.
Json neuron_spec() {
  return Json::parse(R"json({
    "bncollapse": 2, "name": "seed", "model": {"x": {"law": "student_t", "dof": 5}, "noise": {"law": "laplace"}},
    "optimizer": {"learning_rate": 0.1, "weight_decay": 0.01}, "initial": {"kind": "point", "beta": -0.5},
    "simulation": {"trajectories": 64, "steps": 8, "antithetic": true, "histograms": {"gamma": {"count": 4},
      "beta": {"count": 4}, "u": {"count": 4}, "gamma_beta": {"gamma": {"count": 3}, "beta": {"count": 3}}},
      "first_activation": true, "collapse_time": true, "time_bins": 4, "paths": {"count": 1, "stride": 4},
      "record": {"steps": [0, 4, 8]}},
    "sweep": {"axes": [{"field": "optimizer.learning_rate", "values": [0.1, 0.2]}]},
    "checks": [{"check": "trend", "quantity": "rarely_active_share", "of": "optimizer.learning_rate",
                "direction": "rises"}]
  })json");
}

Json network_spec() {
  return Json::parse(R"json({
    "bncollapse": 2, "name": "seed", "data": {"dataset": "synthetic", "train_images": 100, "test_images": 10},
    "network": {"architecture": "plain", "depth": 3, "width": 4},
    "training": {"rounds": 1, "epochs": 1, "batch": 50}, "record": {"steps": [0], "images": 50},
    "checks": [{"check": "level", "quantity": "test_accuracy", "direction": "above", "bound": 0}]
  })json");
}

void write_spec_seeds(const std::filesystem::path& experiments, const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(experiments)) {
    if (entry.path().extension() != ".json") continue;
    const std::string name =
        entry.path().parent_path().filename().string() + "-" + entry.path().filename().string();
    fuzz::write_file(folder / name, Json::parse(bytes_of(entry.path())).dump());
  }
  Json tables = neuron_spec();
  tables["model"]["x"] = {{"law", "empirical"}, {"file", "law.csv"}};
  tables["initial"] = {{"kind", "table"}, {"file", "initial.csv"}};
  Json splitting = neuron_spec();
  splitting["simulation"] = {
      {"trajectories", 1}, {"steps", 8}, {"splitting", {{"particles", 16}, {"replicas", 2}}}};
  splitting["checks"] = Json::array();
  for (const auto& [name, spec] : {std::pair{"neuron", neuron_spec()},
                                   {"network", network_spec()},
                                   {"tables", tables},
                                   {"splitting", splitting},
                                   {"neuron-defaults", study::spec_defaults()},
                                   {"network-defaults", study::network_spec_defaults()}}) {
    fuzz::write_file(folder / name, spec.dump());
  }
}

void write_table_seeds(const std::filesystem::path& folder) {
  fuzz::write_file(folder / "histogram", "lower,upper,count\n-2,-1,1\n-1,1,5\n1,3,1\n");
  fuzz::write_file(folder / "marks", "\xef\xbb\xbflower , upper,count\r\n\r\n-1e300,+0,2\r\n0,1e-300,0\r\n");
  fuzz::write_file(folder / "pairs", "gamma,beta\n1,0\n0.5,-0.1\n");
  std::string sample = "x\n";
  for (int i = 0; i < 40; ++i) sample += std::to_string(i * i % 17 - 0.25 * i) + "\n";
  fuzz::write_file(folder / "sample", sample);
}

void write_tensor_seeds(const std::filesystem::path& folder) {
  const std::string contents =
      bytes_of_number(1.5F) + bytes_of_number(-2.0F) + bytes_of_number(std::int64_t{7}) + "\x05";
  nlohmann::json header = {{"__metadata__", {{"format", "pt"}}},
                           {"a", {{"dtype", "F32"}, {"shape", {2, 1}}, {"data_offsets", {0, 8}}}},
                           {"b", {{"dtype", "I64"}, {"shape", Json::array()}, {"data_offsets", {8, 16}}}},
                           {"c", {{"dtype", "U8"}, {"shape", {1}}, {"data_offsets", {16, 17}}}},
                           {"d", {{"dtype", "F64"}, {"shape", {0, 4}}, {"data_offsets", {17, 17}}}}};
  std::uint64_t checksum = nets::fnv1a_start;
  for (const auto& [start, size] : {std::pair{0, 8}, {8, 8}, {16, 1}})
    checksum = nets::fnv1a(checksum, contents.data() + start, static_cast<std::size_t>(size));
  const std::string plain = header.dump();
  header["__metadata__"]["checksum"] = std::to_string(nets::fnv1a(checksum, plain.data(), plain.size()));
  const std::string text = header.dump();
  fuzz::write_file(folder / "whole", bytes_of_number<std::uint64_t>(text.size()) + text + contents);
  fuzz::write_file(folder / "empty", bytes_of_number<std::uint64_t>(2) + "{}");
}

void write_cifar10_seeds(const std::filesystem::path& folder) {
  for (char kind = 0; kind < 6; ++kind) {
    for (const char file : {'\0', '\5'})
      fuzz::write_file(folder / (std::to_string(kind) + "-" + std::to_string(file)),
                       std::string{kind, file} + bytes_of_number<std::uint32_t>(30'730'001) +
                           bytes_of_number<std::uint32_t>(3073) + '\x09' +
                           bytes_of_number<std::uint32_t>(6146 + 9) + '\xff');
  }
}

void write_store_seed(const std::filesystem::path& to, const std::string& store, const std::string& journal) {
  fuzz::write_file(to, bytes_of_number(static_cast<std::uint32_t>(store.size())) + store + journal);
}

/// The store in `run`, of small pages, so that it is small; and the same in the middle of a commit.
void write_store_seeds(const std::filesystem::path& run, const std::filesystem::path& folder,
                       const std::string& name) {
  const std::filesystem::path path = run / study::store_file_name;
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE);
  database.exec("PRAGMA page_size = 512; VACUUM");
  write_store_seed(folder / name, bytes_of(path), "");
  database.exec("PRAGMA cache_size = 1; BEGIN; UPDATE meta SET value = value || hex(zeroblob(400))");
  write_store_seed(folder / (name + "-cut-off"), bytes_of(path), bytes_of(path.string() + "-journal"));
  database.exec("ROLLBACK");
}

void write_run_seeds(const std::filesystem::path& folder) {
  const TemporaryFolder scratch;
  const study::Spec spec = study::parse_spec(neuron_spec().dump(), "seed");
  const auto engine = sim::make_engine(sim::EngineName::reference, 1);
  study::run_spec(spec, scratch.path(), *engine, study::Store::Existing::refuse);
  write_store_seeds(scratch.path(), folder, "run");
}

void write_network_seeds(const std::filesystem::path& folder) {
  const TemporaryFolder scratch;
  const study::Spec spec = study::parse_spec(network_spec().dump(), "seed");
  const study::TrainingPoint point = spec.trainings.front();
  const std::vector<nets::LayerShape> shapes{
      {.name = "conv1", .inputs = 3, .outputs = 1, .kernel = 9, .positions = 1024, .normalised = true}};
  const std::vector<nets::LayerRecord> records{
      {.layer = "conv1", .channels = {{.gamma = 0.5, .maximum = 1}}}};
  study::EpochRows rows;
  rows.epoch.round = rows.epoch.epoch = 1;
  rows.epoch.step = point.epoch_steps();
  rows.records = {{0, records}};
  rows.round.emplace();
  rows.round->result.round = 1;
  rows.round->result.step = point.epoch_steps();
  rows.round->result.records = records;
  rows.round->norms = {{.layer = "conv1", .norms = {1}}};
  rows.round->result.small_gamma_1e2.layer_shares = rows.round->result.small_gamma.layer_shares =
      rows.round->result.inactive.layer_shares = {0};
  {
    study::NetworkStore store(scratch.path(), spec, {}, study::Store::Existing::refuse);
    store.begin(point, shapes, 0, "an engine", nets::synthetic_dataset(100, 10, 1));
    store.write(point, shapes, rows);
    store.finish(point);
    store.write(study::judge(store.read()));
  }
  write_store_seeds(scratch.path(), folder, "networks");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: fuzz_seeds EXPERIMENTS FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder(argv[2]);
  for (const char* target : {"spec", "tables", "tensor_file", "cifar10", "store"})
    std::filesystem::create_directories(folder / target);
  write_spec_seeds(argv[1], folder / "spec");
  write_table_seeds(folder / "tables");
  write_tensor_seeds(folder / "tensor_file");
  write_cifar10_seeds(folder / "cifar10");
  write_run_seeds(folder / "store");
  write_network_seeds(folder / "store");
  return 0;
}
