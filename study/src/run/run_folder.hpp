// What runs of both kinds write into their folder.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "bncollapse/study/judge.hpp"
#include "bncollapse/study/store.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "store/run_files.hpp"

namespace bncollapse::study {

/// Starts or resumes a run: its store and spec.resolved.json.
/// @param engine  what computes its points
template <class Store>
Store open_run(const Spec& spec, const std::filesystem::path& folder, const std::string& engine,
               typename Store::Existing existing, const std::atomic<bool>* stop) {
  Store store(folder, spec, run_environment(engine), existing, stop);
  write_file(folder / "spec.resolved.json", spec.resolved.dump(2) + "\n");
  return store;
}

/// Judges a run whose points are all there; the verdicts go into the store and FOLDER/verdicts.json.
template <class Store>
std::vector<Verdict> judge_run(Store& store, const std::filesystem::path& folder, const WorkWatch& watch) {
  std::vector<Verdict> verdicts = judge(store.read(), watch);
  store.write(verdicts);
  write_file(folder / "verdicts.json", to_json(verdicts).dump(2) + "\n");
  return verdicts;
}

}  // namespace bncollapse::study
