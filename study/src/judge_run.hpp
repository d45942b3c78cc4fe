#pragma once

#include <filesystem>
#include <vector>

#include "bncollapse/study/verdict.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "run_files.hpp"

namespace bncollapse::study {

/// Judges a run whose points are all there; the verdicts go into the store and FOLDER/verdicts.json.
template <class Store>
std::vector<Verdict> judge_run(Store& store, const std::filesystem::path& folder, const WorkWatch& watch) {
  const std::vector<Verdict> verdicts = judge(store.read(), watch);
  store.write(verdicts);
  write_file(folder / "verdicts.json", to_json(verdicts).dump(2) + "\n");
  return verdicts;
}

}  // namespace bncollapse::study
