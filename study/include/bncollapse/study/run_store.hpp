#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "bncollapse/study/verdict.hpp"

namespace bncollapse::study {

/// The version of the store's tables (docs/ARCHITECTURE.md); SQLite's user_version.
inline constexpr int store_version = 3;

/// The store's file inside a run's folder.
inline constexpr char store_file_name[] = "results.sqlite";

/// Whether a path is that of a file that this run keeps in its folder, by name or by a link, or another run
/// in its own: what the program writes on request must not take its place.
bool is_file_of_run(const std::filesystem::path& path, const std::filesystem::path& folder);

/// Everything that is written of a finished point.
struct PointResult {
  PointSummary summary;
  PointPrediction prediction;
  sim::Estimates estimates;
};

/// How and where a run was made; not part of its identity, since every engine gives the same numbers.
struct RunEnvironment {
  std::string engine, host, build, started;
};

class StoreFile;

/// A run's store, open for writing: one SQLite file with a rollback journal, so that it is one consistent
/// file after any crash. A lock file beside it keeps a second writer out.
class RunStore {
 public:
  enum class Existing {
    refuse,  ///< a store that holds anything already is an InputError
    resume,  ///< it is continued if it is of the same spec, seed and versions, else an InputError that says
             ///< why
  };

  /// Opens DIR/results.sqlite, creating both where they are missing. Throws InputError (existing store; a
  /// file that is no store of ours, or damaged), RunError (folder or file cannot be written; another writer).
  /// @param stop  set to true it ends opening and reading with sim::Interrupted
  RunStore(const std::filesystem::path& folder, const Spec& spec, const RunEnvironment& environment,
           Existing existing, const std::atomic<bool>* stop = nullptr);
  ~RunStore();
  RunStore(const RunStore&) = delete;
  RunStore& operator=(const RunStore&) = delete;

  /// Points already finished, which are the first so many of the sweep.
  std::int64_t finished_points() const;

  /// Commits one point, all or nothing. Throws RunError; what was committed before is kept.
  void write(const PointResult& result);

  /// Commits the curves and verdicts in place of earlier ones.
  void write(const std::vector<CurveSample>& curves, const std::vector<Verdict>& verdicts);

  StoredRun read() const;

 private:
  std::unique_ptr<StoreFile> file_;
};

/// Reads DIR/results.sqlite. Throws InputError where there is none, or it is no store of ours, or is damaged.
StoredRun read_stored_run(const std::filesystem::path& folder);

}  // namespace bncollapse::study
