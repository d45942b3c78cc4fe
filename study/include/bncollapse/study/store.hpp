#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/store_format.hpp"
#include "bncollapse/study/verdict.hpp"

namespace bncollapse::study {

/// Whether a path is that of a file that this run keeps in its folder, by name or by a link, or another run
/// in its own: what the program writes on request must not take its place.
bool is_file_of_run(const std::filesystem::path& path, const std::filesystem::path& folder);

/// How and where a run was made; not part of its identity, since every engine gives the same numbers.
struct RunEnvironment {
  std::string engine, host, build, started;
};

/// The verdicts as a JSON list of objects, keys as the columns of the table `verdict`.
Json to_json(const std::vector<Verdict>& verdicts);

class StoreFile;

/// A run's store, open for writing: one SQLite file with a rollback journal, so that it is one consistent
/// file after any crash. A lock file beside it keeps a second writer of whole runs out.
class Store {
 public:
  enum class Existing {
    refuse,  ///< a store that holds anything already is an InputError
    resume,  ///< it is continued if it is of the same spec, seed and versions, else an InputError that says
             ///< why
  };

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;

  /// The points whose rows are all there.
  std::set<std::int64_t> finished_points() const;

  /// In place of earlier verdicts.
  void write(const std::vector<Verdict>& verdicts);

 protected:
  /// Opens DIR/results.sqlite, creating both where they are missing. Throws InputError (existing store; a
  /// file that is no store of ours, or damaged), RunError (folder or file cannot be written; another writer).
  /// @param stop  set to true it ends opening and reading with sim::Interrupted
  Store(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
        const RunEnvironment& environment, Existing existing, const std::atomic<bool>* stop);
  /// Opens the store of a run that has been started, beside the process that started it.
  Store(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
        const std::atomic<bool>* stop);
  ~Store();

  StoreFile& file() const { return *file_; }

 private:
  std::unique_ptr<StoreFile> file_;
};

}  // namespace bncollapse::study
