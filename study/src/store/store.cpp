#include "bncollapse/study/store.hpp"

#include "store/common_rows.hpp"
#include "store/store_file.hpp"

namespace bncollapse::study {

Store::Store(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
             const RunEnvironment& environment, Existing existing, const std::atomic<bool>* stop)
    : file_(std::make_unique<StoreFile>(format, folder, spec, environment, existing, stop)) {}

Store::Store(const StoreFormat& format, const std::filesystem::path& folder, const Spec& spec,
             const std::atomic<bool>* stop)
    : file_(std::make_unique<StoreFile>(format, folder, spec, stop)) {}

Store::~Store() = default;
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

std::set<std::int64_t> Store::finished_points() const {
  return file_->with([&](SQLite::Database& database) {
    const bool has_unfinished = file_->format().find("point")->find("finished") != nullptr;
    SQLite::Statement query(database, std::string("SELECT point FROM point WHERE point < ?") +
                                          (has_unfinished ? " AND finished" : ""));
    query.bind(1, points_of_spec(database));
    std::set<std::int64_t> points;
    while (query.executeStep()) points.insert(query.getColumn(0).getInt64());
    return points;
  });
}

void Store::write(const std::vector<Verdict>& verdicts) {
  file_->commit([&](SQLite::Database& database) {
    database.exec("DELETE FROM verdict");
    Insert<VerdictRow> insert(database);
    std::int64_t position = 0;
    for (const Verdict& verdict : verdicts) insert({verdict, position++});
  });
}

}  // namespace bncollapse::study
