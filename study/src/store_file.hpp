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
#include "bncollapse/study/run_store.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "file_lock.hpp"

namespace bncollapse::study {

/// Throws an error of SQLite as one of ours: InputError where the file is at fault, else RunError.
[[noreturn]] void fail_as_ours(const std::string& file, const SQLite::Exception& error);
[[noreturn]] void fail_as_ours(const std::string& file, const Json::exception& error);

/// Throws InputError with the remedy.
[[noreturn]] void fail_as_damaged(const std::string& file, const std::string& reason);

/// Runs `action()`, with SQLite's errors told as ours.
template <class Action>
auto guarded(const std::string& file, const Action& action) {
  try {
    return action();
  } catch (const SQLite::Exception& error) {
    fail_as_ours(file, error);
  } catch (const Json::exception& error) {
    fail_as_ours(file, error);
  }
}

/// SQLite holds no NaN (it would turn into null): none may arise.
double checked(double value, std::string_view what);

/// One row into `table`: the values are bound in the order of its columns.
class Insert {
 public:
  Insert(SQLite::Database& database, const std::string& table, int columns)
      : statement_(database, "INSERT INTO " + table + " VALUES (?" + repeated(columns - 1) + ")") {}

  template <class... Values>
  void row(const Values&... values) {
    int column = 0;
    (bind(++column, values), ...);
    statement_.exec();
    statement_.reset();
    statement_.clearBindings();
  }

 private:
  static std::string repeated(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += ", ?";
    return text;
  }
  void bind(int column, std::int64_t value) { statement_.bind(column, value); }
  void bind(int column, double value) { statement_.bind(column, value); }
  void bind(int column, bool value) { statement_.bind(column, value ? 1 : 0); }
  void bind(int column, const std::string& value) { statement_.bind(column, value); }
  void bind(int column, std::string_view value) { statement_.bind(column, std::string(value)); }
  void bind(int column, const char* value) { statement_.bind(column, value); }
  void bind(int column, std::nullptr_t) { statement_.bind(column); }
  void bind(int column, const std::vector<unsigned char>& value) {
    statement_.bind(column, value.data(), static_cast<int>(value.size()));
  }
  template <class Value>
  void bind(int column, const std::optional<Value>& value) {
    if (value)
      bind(column, *value);
    else
      bind(column, nullptr);
  }

  SQLite::Statement statement_;
};

/// JSON that a store holds. Throws InputError where it is none.
Json stored_json(const std::string& text, const std::string& file);

/// A value of the table `meta`, empty where there is none.
std::string meta(SQLite::Database& database, const std::string& key);

/// Whether it has no tables yet.
bool is_empty(SQLite::Database& database);

/// How many points the store's spec asks for. Rows of further points, of an earlier spec of the run, are kept
/// but not read.
std::int64_t points_of_spec(SQLite::Database& database);

/// Throws InputError where a file is no undamaged store of this program's version.
void require_ours(SQLite::Database& database, const std::string& file);

/// Makes the tables of `schema` and fills `meta`, in one transaction.
/// @param more  further rows of `meta`
void create_tables(SQLite::Database& database, const char* schema, const Spec& spec,
                   const RunEnvironment& environment, const std::map<std::string, std::string>& more);

/// In place of earlier verdicts; inside a transaction of the caller's.
void replace_verdicts(SQLite::Database& database, const std::vector<Verdict>& verdicts);

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
  /// Opens FOLDER/results.sqlite and keeps other writers of whole runs out. Where there is nothing, makes the
  /// folder and the file and calls `create(database)`. Throws as RunStore's constructor.
  /// @param stop  set to true it ends what reads long with sim::Interrupted; null: nothing does
  template <class Create>
  StoreFile(const std::filesystem::path& folder, const Spec& spec, RunStore::Existing existing,
            const std::atomic<bool>* stop, const Create& create)
      : StoreFile(folder, Lock::take, stop) {
    read([&](SQLite::Database& database) {
      if (is_empty(database))
        create(database);
      else
        require_resumable(database, spec, existing);
    });
  }

  /// Opens an existing store of the spec beside the run that writes it.
  StoreFile(const std::filesystem::path& folder, const Spec& spec, const std::atomic<bool>* stop);
  ~StoreFile();
  StoreFile(const StoreFile&) = delete;
  StoreFile& operator=(const StoreFile&) = delete;

  const std::string& path() const { return path_; }

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
  StoreFile(const std::filesystem::path& folder, Lock lock, const std::atomic<bool>* stop);
  void require_resumable(SQLite::Database& database, const Spec& spec, RunStore::Existing existing) const;

  std::optional<FileLock> lock_;  ///< held while the store is open for writing
  std::string path_;
  const std::atomic<bool>* stop_;
  std::unique_ptr<SQLite::Database> database_;
};

/// The undamaged store of a folder, for reading alone. Throws InputError where there is none.
SQLite::Database open_store(const std::filesystem::path& folder);

/// Calls `read(database)` on an existing store.
template <class Read>
auto with_store(const std::filesystem::path& folder, const Read& read) {
  return guarded((folder / store_file_name).string(), [&] {
    SQLite::Database database = open_store(folder);
    return read(database);
  });
}

}  // namespace bncollapse::study
