#include "store/store_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <fstream>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/version.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "schema/field_schema.hpp"
#include "spec/read_json.hpp"
#include "spec/sha256.hpp"
#include "spec/spec_identity.hpp"
#include "spec/sweep.hpp"
#include "store/common_rows.hpp"
#include "store/row_checksums.hpp"
#include "store/run_files.hpp"

namespace bncollapse::study {
namespace {

/// Marks the file as ours: "BNCO" as SQLite's application_id.
constexpr int application_id = 0x424e434f;

/// Held by the run that writes the folder's store.
constexpr const char* lock_file_name = ".lock";

/// How long a store is waited for while another process commits, or has begun to make it.
constexpr int busy_timeout_ms = 60'000;
constexpr std::chrono::seconds making_timeout{3};

int pragma(SQLite::Database& database, const std::string& name) {
  return database.execAndGet("PRAGMA " + name).getInt();
}

/// The first place at which two specs differ, for people.
std::string first_difference(const Json& stored, const Json& wanted) {
  const Json changes = Json::diff(stored, wanted);
  if (changes.empty()) return "the order of its keys";
  std::string path = changes.at(0).at("path").get<std::string>().substr(1);
  const Json::json_pointer pointer(changes.at(0).at("path").get<std::string>());
  for (char& c : path) c = c == '/' ? '.' : c;
  const auto value_in = [&](const Json& spec) {
    return spec.contains(pointer) ? shown(spec.at(pointer)) : "nothing";
  };
  return fmt::format("{} is {} in the store and {} in the spec", path, value_in(stored), value_in(wanted));
}

/// Of an identity what the points' numbers depend on; which points there are is the sweep's to say.
/// @param swept  the first point's assignment, whose values a resolved spec has in the swept fields
Json experiment_of(Json identity, Json swept) {
  for (Json& value : swept) value = "swept";
  identity = with_assignment(identity, swept);
  for (const char* key : {"title", "description", "sweep", "checks", "curves", "figure"}) identity.erase(key);
  return identity;
}

/// A sweep may go on behind its last point. A point's random stream belongs to its place.
void require_same_points(const std::vector<Json>& before, const std::vector<Json>& now,
                         const std::string& file) {
  for (std::size_t i = 0; i < std::min(before.size(), now.size()); ++i) {
    if (before[i] == now[i]) continue;
    throw InputError(fmt::format(
        "{}: cannot be resumed: point {} is {} in the store and {} in the spec; a sweep can be "
        "continued with more values at the end of its first axis, which moves no other point; or take another "
        "folder with --out",
        file, i, shown(before[i]), shown(now[i])));
  }
}

/// The same points, or more or fewer at the end; what judges and draws them may differ.
void require_same(SQLite::Database& database, const std::string& file, const Spec& spec) {
  constexpr const char* remedy = "take another folder with --out, or delete this one";
  if (const std::string version = meta(database, meta_key::program_version); version != program_version()) {
    throw InputError(fmt::format("{}: cannot be resumed: it was made by version {}, this is {}; {}", file,
                                 version, program_version(), remedy));
  }
  const Json resolved = stored_json(meta(database, meta_key::spec));
  const Place place{file};
  const std::vector<Json> before = sweep_assignments(resolved, place),
                          now = sweep_assignments(spec.resolved, place);
  const Json stored = experiment_of(identity(resolved), before.front()),
             wanted = experiment_of(identity(spec.resolved), now.front());
  if (stored != wanted) {
    throw InputError(fmt::format("{}: cannot be resumed: it holds another experiment: {}; {}", file,
                                 first_difference(stored, wanted), remedy));
  }
  require_same_points(before, now, file);
}

/// The rows of `meta` that belong to the spec.
std::map<std::string, std::string> rows_of(const Spec& spec) {
  return {{meta_key::spec, spec.resolved.dump()},
          {meta_key::spec_sha256, spec.sha256()},
          {meta_key::points, std::to_string(spec.count_points())}};
}

/// The spec of a run that goes on with more points, or is judged anew.
void replace_spec(SQLite::Database& database, const Spec& spec) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  for (const auto& [key, value] : rows_of(spec)) {
    SQLite::Statement statement(
        database, "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
    statement.bind(1, key);
    statement.bind(2, value);
    statement.exec();
  }
  transaction.commit();
}

std::string no_locks(const std::string& file) {
  return file + ": its file system has no locks; take a folder on another disk with --out";
}

/// SQLite takes a file system without locks for another program's lock, and waits for it.
void require_locks(const std::string& store) {
  const int file = ::open(std::filesystem::path(store).replace_filename(lock_file_name).c_str(),
                          O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return;
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  const bool has_none = ::fcntl(file, F_SETLK, &lock) != 0 && errno == ENOLCK;
  ::close(file);
  if (has_none) throw RunError(no_locks(store));
}

bool is_lock_error(int code) {
  return code == SQLITE_IOERR_LOCK || code == SQLITE_IOERR_RDLOCK || code == SQLITE_IOERR_UNLOCK ||
         code == SQLITE_IOERR_CHECKRESERVEDLOCK || code == SQLITE_IOERR_BLOCKED;
}

/// What to do with a store that is damaged. Checkpoints beside it would go on without its rows.
std::string remedy_of_damage(const std::string& file) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(file).replace_filename("checkpoints"), error)
             ? "delete it and the folder checkpoints beside it, and run again"
             : "delete it and run again";
}

/// Waits for the process that has begun to make the store, which is so young then.
void await_tables(SQLite::Database& database, const std::string& file) {
  using FileClock = std::filesystem::file_time_type::clock;
  std::error_code error;
  const auto now = FileClock::now(), begun = std::filesystem::last_write_time(file, error);
  const auto end = error ? now : std::min(now, begun) + making_timeout;
  while (is_empty(database)) {
    if (FileClock::now() > end) {
      throw InputError(fmt::format("{}: is empty: the run that began to make it never wrote into it; {}",
                                   file, remedy_of_damage(file)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

/// A view or a virtual table runs what its author wrote; our names are words.
void require_plain_tables(SQLite::Database& database, const std::string& file) {
  SQLite::Statement query(database,
                          "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') "
                          "OR sql LIKE 'CREATE VIRTUAL%' OR name GLOB '*[^a-z_0-9]*'");
  if (query.executeStep()) {
    throw InputError(fmt::format("{}: is not a store of bncollapse: it holds {}", file,
                                 theory::quoted(query.getColumn(0).getString())));
  }
}

/// What is there under a store's names must be files: a pipe would be waited for.
void require_regular(const std::string& path) {
  for (const char* kind : {"", "-journal", "-wal"}) {
    std::error_code error;
    const auto status = std::filesystem::status(path + kind, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      throw InputError(
          fmt::format("{}{}: is {}; move it away", path, kind,
                      std::filesystem::is_directory(status) ? "a folder" : "not a regular file"));
    }
  }
}

/// SQLite follows a link and writes where it leads.
void require_no_link(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_symlink(std::filesystem::symlink_status(path, error)))
    throw InputError(path + ": is a symbolic link; move it away (the whole folder may be a link)");
}

/// A header of another version of the format is one that was damaged: SQLite has had no other. It would read
/// such a store, but take it for one that may not be written.
void require_known_format(const std::string& path) {
  constexpr std::string_view magic = "SQLite format 3";
  constexpr int write_version = 18, latest = 2;
  std::ifstream file(path, std::ios::binary);
  std::string header(write_version + 1, '\0');
  if (file.read(header.data(), static_cast<std::streamsize>(header.size())) && header.starts_with(magic) &&
      static_cast<unsigned char>(header[write_version]) > latest)
    fail_as_damaged(path, "its header");
}

/// SQLite deletes the file that a journal of several databases names at its end; a store's names none.
void require_own_journal(const std::string& path) {
  constexpr std::string_view magic = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
  std::ifstream journal(path + "-journal", std::ios::binary);
  std::string end(magic.size(), '\0');
  journal.seekg(-static_cast<std::streamoff>(magic.size()), std::ios::end);
  if (journal.read(end.data(), static_cast<std::streamsize>(end.size())) && end == magic) {
    throw InputError(
        path +
        "-journal: it names another file, which the journal of a bncollapse store never does; remove it");
  }
}

void roll_back(const std::string& path) {
  require_own_journal(path);
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE, busy_timeout_ms);
    is_empty(database);
  } catch (const SQLite::Exception& error) {
    throw InputError(
        fmt::format("{}: its last commit was cut off and cannot be undone here ({}); copy the folder to "
                    "a place where you may write, or continue its run (--resume)",
                    path, error.what()));
  }
}

/// A store for reading alone. What a killed run had begun to commit is undone first, as SQLite does when it
/// opens a store for writing.
SQLite::Database open_for_reading(const std::string& path) {
  require_locks(path);
  const auto open = [&] {
    SQLite::Database database(path, SQLite::OPEN_READONLY, busy_timeout_ms);
    await_tables(database, path);
    return database;
  };
  try {
    return open();
  } catch (const SQLite::Exception& error) {
    const int code = error.getExtendedErrorCode();
    if (code != SQLITE_READONLY_ROLLBACK && code != SQLITE_READONLY_RECOVERY) throw;
  }
  roll_back(path);
  return open();
}

/// Throws where a store is missing, or its name is that of something else.
void require_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    throw InputError(path + ": there is no such store; `bncollapse run` or `train` makes one");
  require_regular(path);
  require_known_format(path);
}

/// Waits for another process that commits, as SQLite's own timeout does, but no longer than the caller wants.
int wait_for_lock(void* stop, int waits) {
  constexpr int look_ms = 20;
  const auto* const flag = static_cast<const std::atomic<bool>*>(stop);
  if (waits >= busy_timeout_ms / look_ms || (flag != nullptr && flag->load())) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(look_ms));
  return 1;
}

}  // namespace

void fail_as_damaged(const std::string& file, const std::string& reason) {
  throw InputError(fmt::format("{}: is damaged ({}); {}", file, reason, remedy_of_damage(file)));
}

void fail_as_ours(const std::string& file, const SQLite::Exception& error) {
  constexpr const char* kept =
      "what was committed before is kept; after the repair, continue the run or training with --resume";
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
      throw InputError(
          file + ": is not an SQLite file, so no store of bncollapse; move it away or take another folder");
    case SQLITE_CORRUPT:
      fail_as_damaged(file, error.what());
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      require_locks(file);
      throw RunError(file + ": is being used by another program; try again when that has ended");
    case SQLITE_FULL:
      throw RunError(fmt::format("{}: the disk is full; free space; {}", file, kept));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      throw RunError(
          fmt::format("{}: may not be written (permissions, or a read-only file system); {}", file, kept));
    case SQLITE_CANTOPEN:
      throw RunError(
          fmt::format("{}: cannot be opened ({}); look at the permissions of the file and its folder, and at "
                      "the limit of open files (ulimit -n)",
                      file, error.what()));
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS:
      throw RunError(no_locks(file));
    case SQLITE_IOERR:
      if (is_lock_error(error.getExtendedErrorCode())) throw RunError(no_locks(file));
      throw RunError(fmt::format(
          "{}: the disk fails, or the limit on the size of files is reached (ulimit -f) ({}, SQLite's "
          "code {}); {}",
          file, error.what(), error.getExtendedErrorCode(), kept));
    case SQLITE_ERROR:
      throw InputError(fmt::format("{}: is not a whole store of bncollapse ({}); {}", file,
                                   theory::shortened(error.what()), remedy_of_damage(file)));
    case SQLITE_CONSTRAINT:
      throw RunError(
          fmt::format("{}: another process wrote the same rows ({}); {}", file, error.what(), kept));
    case SQLITE_INTERRUPT:
      throw sim::Interrupted();
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    default:
      throw RunError(fmt::format("{}: {} (SQLite's code {}); {}", file, error.what(),
                                 error.getExtendedErrorCode(), kept));
  }
}

void fail_as_ours(const std::string& file, const Json::exception&) {
  fail_as_damaged(file, "the spec in it is not valid");
}

Json stored_json(const std::string& text) {
  try {
    return read_json(text, "its JSON");
  } catch (const InputError& error) {
    throw DamagedRow(error.what());
  }
}

bool is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

std::string meta(SQLite::Database& database, const std::string& key) {
  SQLite::Statement query(database, "SELECT value FROM meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

std::int64_t points_of_spec(SQLite::Database& database) {
  return database
      .execAndGet("SELECT coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'points'), 1 << 62)")
      .getInt64();
}

void require_ours(SQLite::Database& database, const std::string& file) {
  if (pragma(database, "application_id") != application_id) {
    throw InputError(
        file + ": is an SQLite file, but not a store of bncollapse; move it away or take another folder");
  }
  if (const int version = pragma(database, "user_version"); version != store_version) {
    throw InputError(
        fmt::format("{}: has store version {}, this program reads and writes {}; take the program "
                    "that wrote it, or run again in another folder",
                    file, version, store_version));
  }
  require_plain_tables(database, file);
  const std::string damage = database.execAndGet("PRAGMA integrity_check(1)").getString();
  if (damage != "ok") fail_as_damaged(file, damage);
  if (const std::string rows = damaged_rows(database); !rows.empty())
    fail_as_damaged(file, rows + " do not have their checksum");
}

void create_tables(SQLite::Database& database, const StoreFormat& format, const Spec& spec,
                   const RunEnvironment& environment) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  database.exec(fmt::format("PRAGMA application_id = {}", application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", store_version));
  for (const TableFormat& table : format.tables) database.exec(table.definition());
  begin_checksums(database);
  std::map<std::string, std::string> rows = rows_of(spec);
  rows.insert({{meta_key::store_version, std::to_string(store_version)},
               {meta_key::program_version, program_version()},
               {meta_key::kind, format.kind},
               {meta_key::name, spec.name()},
               {meta_key::seed, spec.resolved.at("seed").dump()},
               {meta_key::generator, "Philox 4x32-10"},
               {meta_key::engine, environment.engine},
               {meta_key::host, environment.host},
               {meta_key::build, environment.build},
               {meta_key::started, environment.started}});
  Insert<MetaRow> insert(database);
  for (const auto& [key, value] : rows) insert({key, value});
  transaction.commit();
}

SQLite::Database open_store(const std::filesystem::path& folder) {
  const std::string path = (folder / store_file_name).string();
  require_file(path);
  return guarded(path, [&] {
    SQLite::Database database = open_for_reading(path);
    require_ours(database, path);
    return database;
  });
}

StopWhile::StopWhile(SQLite::Database& database, const std::atomic<bool>* stop) : database_(database) {
  constexpr int between_looks = 100'000;  // operations of SQLite's, some milliseconds
  const auto is_set = [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; };
  if (stop != nullptr)
    sqlite3_progress_handler(database.getHandle(), between_looks, is_set,
                             const_cast<std::atomic<bool>*>(stop));
}

StopWhile::~StopWhile() { sqlite3_progress_handler(database_.getHandle(), 0, nullptr, nullptr); }

const StoreFormat& format_of_store(SQLite::Database& database) {
  return meta(database, meta_key::kind) == network_store_format().kind ? network_store_format()
                                                                       : neuron_store_format();
}

void require_format(SQLite::Database& database, const StoreFormat& format) {
  if (&format_of_store(database) == &format) return;
  throw InputError(fmt::format("{}: holds no run of {}; give a folder that `bncollapse {}` wrote",
                               database.getFilename(), format.subject, format.verb));
}

StoreFile::StoreFile(const StoreFormat& format, const std::filesystem::path& folder, Lock lock,
                     const std::atomic<bool>* stop)
    : format_(format), path_((folder / store_file_name).string()), stop_(stop) {
  if (lock == Lock::take) {
    create_folder(folder);
    require_locks(path_);
    lock_ = FileLock::take(folder / lock_file_name);
    if (!lock_)
      throw FolderInUse(folder.string() +
                        ": another run is writing here; wait for it or take another folder with --out");
  }
  require_no_link(path_);
  require_regular(path_);
  require_known_format(path_);
  const int create = lock == Lock::take ? SQLite::OPEN_CREATE : 0;
  database_ = guarded(
      path_, [&] { return std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE | create); });
  sqlite3_busy_handler(database_->getHandle(), wait_for_lock, const_cast<std::atomic<bool>*>(stop_));
  with([](SQLite::Database& database) { database.exec("PRAGMA synchronous = FULL"); });
}

StoreFile::StoreFile(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
                     const RunEnvironment& environment, Store::Existing existing,
                     const std::atomic<bool>* stop)
    : StoreFile(format, folder, Lock::take, stop) {
  read([&](SQLite::Database& database) {
    if (is_empty(database))
      create_tables(database, format, spec, environment);
    else
      require_resumable(database, spec, existing);
  });
}

StoreFile::StoreFile(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
                     const std::atomic<bool>* stop)
    : StoreFile(format, folder, Lock::leave, stop) {
  read([&](SQLite::Database& database) {
    await_tables(database, path_);
    require_ours(database, path_);
    keep_checksums(database);
    require_same(database, path_, spec);
  });
}

StoreFile::~StoreFile() = default;

void StoreFile::require_resumable(SQLite::Database& database, const Spec& spec,
                                  Store::Existing existing) const {
  require_ours(database, path_);
  keep_checksums(database);
  if (existing == Store::Existing::refuse) {
    throw InputError(path_ +
                     ": exists already; add --resume to continue it, or take another folder with --out");
  }
  require_same(database, path_, spec);
  if (meta(database, meta_key::spec_sha256) != spec.sha256()) replace_spec(database, spec);
}

}  // namespace bncollapse::study
