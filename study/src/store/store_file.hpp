#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/store.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "store/file_lock.hpp"

namespace bncollapse::study {

/// Throws an error of SQLite as one of ours: InputError where the file is at fault, else RunError.
[[noreturn]] void fail_as_ours(const std::string& file, const SQLite::Exception& error);
[[noreturn]] void fail_as_ours(const std::string& file, const Json::exception& error);

/// Throws InputError with the remedy.
[[noreturn]] void fail_as_damaged(const std::string& file, const std::string& reason);

/// A row that no program of ours wrote; `guarded` adds the file.
class DamagedRow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Runs `action()`, with SQLite's errors told as ours.
template <class Action>
auto guarded(const std::string& file, const Action& action) {
  try {
    return action();
  } catch (const SQLite::Exception& error) {
    fail_as_ours(file, error);
  } catch (const Json::exception& error) {
    fail_as_ours(file, error);
  } catch (const DamagedRow& error) {
    fail_as_damaged(file, error.what());
  }
}

/// JSON that a store holds. Throws DamagedRow where it is none.
Json stored_json(const std::string& text);

/// A value of the table `meta`, empty where there is none.
std::string meta(SQLite::Database& database, const std::string& key);

/// Whether it has no tables yet.
bool is_empty(SQLite::Database& database);

/// How many points the store's spec asks for. Rows of further points, of an earlier spec of the run, are kept
/// but not read.
std::int64_t points_of_spec(SQLite::Database& database);

/// Throws InputError where a file is no undamaged store of this program's version.
void require_ours(SQLite::Database& database, const std::string& file);

/// Makes the tables and fills `meta`, in one transaction.
void create_tables(SQLite::Database& database, const StoreFormat& format, const Spec& spec,
                   const RunEnvironment& environment);

/// As long as it lives, the database's statements end with SQLITE_INTERRUPT once `stop` is true.
class StopWhile {
 public:
  StopWhile(SQLite::Database& database, const std::atomic<bool>* stop);
  ~StopWhile();
  StopWhile(const StopWhile&) = delete;
  StopWhile& operator=(const StopWhile&) = delete;

 private:
  SQLite::Database& database_;
};

/// A run's file, open for writing.
class StoreFile {
 public:
  /// As Store's constructors. The first keeps other writers of whole runs out.
  StoreFile(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
            const RunEnvironment& environment, Store::Existing existing, const std::atomic<bool>* stop);
  StoreFile(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
            const std::atomic<bool>* stop);
  ~StoreFile();
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  const std::string& path() const { return path_; }
  const StoreFormat& format() const { return format_; }

  /// `action(database)`, with SQLite's errors told as ours.
  template <class Action>
  auto with(const Action& action) {
    return guarded(path_, [&] {
      try {
        return action(*database_);
      } catch (const SQLite::Exception& error) {
        if (error.getErrorCode() == SQLITE_BUSY) stop_if_told(stop_);
        throw;
      }
    });
  }

  /// The same of what may read for long: it ends where the caller wants to stop.
  template <class Action>
  auto read(const Action& action) {
    const StopWhile watched(*database_, stop_);
    return with(action);
  }

  /// The same as `commit`, of what may write for long: where the caller wants to stop, it writes nothing.
  template <class Action>
  void commit_long(const Action& action) {
    const StopWhile watched(*database_, stop_);
    commit(action);
  }

  /// The same as `with`, in one transaction: all or nothing.
  template <class Action>
  void commit(const Action& action) {
    with([&](SQLite::Database& database) {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      action(database);
      transaction.commit();
    });
  }

 private:
  enum class Lock { take, leave };
  StoreFile(const StoreFormat& format, const std::filesystem::path& folder, Lock lock,
            const std::atomic<bool>* stop);
  void require_resumable(SQLite::Database& database, const Spec& spec, Store::Existing existing) const;

  const StoreFormat& format_;
  std::optional<FileLock> lock_;  ///< held while the store is open for writing
  std::string path_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<SQLite::Database> database_;
};

/// The undamaged store of a folder, for reading alone. Throws InputError where there is none.
SQLite::Database open_store(const std::filesystem::path& folder);

/// The format of an undamaged store.
const StoreFormat& format_of_store(SQLite::Database& database);

/// Throws InputError where the store is of the other kind of run.
void require_format(SQLite::Database& database, const StoreFormat& format);

/// Calls `read(database)` on the store of a folder, which is of this format. Throws InputError.
template <class Read>
auto with_store(const StoreFormat& format, const std::filesystem::path& folder, const Read& read) {
  return guarded((folder / store_file_name).string(), [&] {
    SQLite::Database database = open_store(folder);
    require_format(database, format);
    return read(database);
  });
}

}  // namespace bncollapse::study
