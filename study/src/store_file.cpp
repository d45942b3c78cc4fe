#include "store_file.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cmath>

#include "bncollapse/study/version.hpp"

namespace bncollapse::study {
namespace {

/// Marks the file as ours: "BNCO" as SQLite's application_id.
constexpr int application_id = 0x424e434f;

/// How long a writer waits for another's commit.
constexpr int busy_timeout_ms = 60'000;

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
  const auto shown = [&](const Json& spec) {
    return spec.contains(pointer) ? spec.at(pointer).dump() : "nothing";
  };
  return fmt::format("{} is {} in the store and {} in the spec", path, shown(stored), shown(wanted));
}

void require_same(SQLite::Database& database, const std::string& file, const Spec& spec) {
  constexpr const char* remedy = "take another folder with --out, or delete this one";
  if (const std::string version = meta(database, "program_version"); version != program_version()) {
    throw InputError(fmt::format("{}: cannot be resumed: it was made by version {}, this is {}; {}", file,
                                 version, program_version(), remedy));
  }
  if (meta(database, "spec_sha256") != spec.sha256()) {
    throw InputError(fmt::format("{}: cannot be resumed: it holds another experiment: {}; {}", file,
                                 first_difference(Json::parse(meta(database, "spec")), spec.resolved),
                                 remedy));
  }
}

void create_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw RunError(fmt::format("{}: cannot be made a folder: {}", folder.string(), error.message()));
}

}  // namespace

void fail_as_ours(const std::string& file, const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
      throw InputError(
          file + ": is not an SQLite file, so no store of bncollapse; move it away or take another folder");
    case SQLITE_CORRUPT:
      throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, error.what()));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw RunError(file + ": is being used by another program; try again when that has ended");
    default:
      throw RunError(
          fmt::format("{}: {} (SQLite: {}); points finished before are kept: free space or permissions, "
                      "then run again with --resume",
                      file, error.what(), error.getErrorStr()));
  }
}

void fail_as_ours(const std::string& file, const Json::exception& error) {
  throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, error.what()));
}

double checked(double value, std::string_view what) {
  if (std::isnan(value))
    throw RunError(fmt::format("{} came out as NaN; nothing of this point was stored", what));
  return value;
}

std::string meta(SQLite::Database& database, const std::string& key) {
  SQLite::Statement query(database, "SELECT value FROM meta WHERE key = ?");
  query.bind(1, key);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

void require_ours(SQLite::Database& database, const std::string& file) {
  if (pragma(database, "application_id") != application_id) {
    throw InputError(
        file + ": is an SQLite file, but not a store of bncollapse; move it away or take another folder");
  }
  if (const int version = pragma(database, "user_version"); version != store_version) {
    throw InputError(fmt::format("{}: has store version {}, this program writes {}; take another folder",
                                 file, version, store_version));
  }
  const std::string damage = database.execAndGet("PRAGMA quick_check(1)").getString();
  if (damage != "ok")
    throw InputError(fmt::format("{}: is damaged ({}); delete it and run again", file, damage));
}

void create_tables(SQLite::Database& database, const char* schema, const Spec& spec,
                   const RunEnvironment& environment, const std::map<std::string, std::string>& more) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
  database.exec(fmt::format("PRAGMA application_id = {}", application_id));
  database.exec(fmt::format("PRAGMA user_version = {}", store_version));
  database.exec(schema);
  Insert row(database, "meta", 2);
  row.row("store_version", std::to_string(store_version));
  row.row("program_version", program_version());
  row.row("spec_sha256", spec.sha256());
  row.row("spec", spec.resolved.dump());
  row.row("name", spec.name());
  row.row("seed", spec.resolved.at("seed").dump());
  row.row("generator", "Philox 4x32-10");
  row.row("engine", environment.engine);
  row.row("host", environment.host);
  row.row("build", environment.build);
  row.row("started", environment.started);
  for (const auto& [key, value] : more) row.row(key, value);
  transaction.commit();
}

void replace_verdicts(SQLite::Database& database, const std::vector<Verdict>& verdicts) {
  database.exec("DELETE FROM verdict");
  Insert verdict_row(database, "verdict", 13);
  std::int64_t position = 0;
  for (const Verdict& verdict : verdicts) {
    verdict_row.row(position++, verdict.check, verdict.claim, verdict.point, verdict.field,
                    checked(verdict.measured, verdict.check), verdict.standard_error, verdict.predicted,
                    checked(verdict.deviation, verdict.check), verdict.tolerance, verdict.tolerance_source,
                    to_string(verdict.outcome), verdict.note);
  }
}

StoreFile::StoreFile(const std::filesystem::path& folder, Lock lock)
    : path_((folder / store_file_name).string()) {
  if (lock == Lock::take) {
    create_folder(folder);
    lock_ = FileLock::take(folder / ".lock");
    if (!lock_)
      throw FolderInUse(folder.string() +
                        ": another run is writing here; wait for it or take another folder with --out");
  }
  if (std::filesystem::is_directory(path_)) throw InputError(path_ + ": is a folder; move it away");
  const int create = lock == Lock::take ? SQLite::OPEN_CREATE : 0;
  database_ = guarded(path_, [&] {
    return std::make_unique<SQLite::Database>(path_, SQLite::OPEN_READWRITE | create, busy_timeout_ms);
  });
  with([](SQLite::Database& database) { database.exec("PRAGMA synchronous = FULL"); });
}

StoreFile::StoreFile(const std::filesystem::path& folder, const Spec& spec) : StoreFile(folder, Lock::leave) {
  with([&](SQLite::Database& database) {
    require_ours(database, path_);
    require_same(database, path_, spec);
  });
}

StoreFile::~StoreFile() = default;

bool StoreFile::is_empty(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void StoreFile::require_resumable(SQLite::Database& database, const Spec& spec,
                                  RunStore::Existing existing) const {
  require_ours(database, path_);
  if (existing == RunStore::Existing::refuse) {
    throw InputError(path_ +
                     ": exists already; add --resume to continue it, or take another folder with --out");
  }
  require_same(database, path_, spec);
}

}  // namespace bncollapse::study
