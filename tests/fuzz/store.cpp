// A store, and beside it the journal of a commit that was cut off. An input is the length of the store (4
// bytes, little-endian), the store, the journal.
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/network_store.hpp"
#include "bncollapse/study/run_store.hpp"
#include "bncollapse/study/stored_table.hpp"
#include "bytes.hpp"
#include "json_mutator.hpp"
#include "store/row_checksums.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;

namespace {

constexpr std::size_t prefix = sizeof(std::uint32_t);

std::size_t store_size(const std::uint8_t* data, std::size_t size) {
  std::uint32_t length = 0;
  std::memcpy(&length, data, prefix);
  return std::min<std::size_t>(length, size - prefix);
}

/// Without tables: such a store is waited for, as one that is being made.
bool is_empty(std::string_view store) {
  constexpr std::size_t table_count = 103;
  return store.empty() ||
         (store.size() > table_count + 1 && store[table_count] == 0 && store[table_count + 1] == 0);
}

template <class Action>
void allow_refusal(const Action& action) {
  try {
    action();
  } catch (const study::InputError&) {
  } catch (const study::RunError&) {
  }
}

/// Gives the rows the checksums that they have now, so that what was changed is read further.
void seal(const std::filesystem::path& path) {
  try {
    SQLite::Database database(path, SQLite::OPEN_READWRITE);
    SQLite::Transaction transaction(database);
    const auto sums = study::checksums_of_rows(database);
    database.exec(std::string("DELETE FROM ") + study::checksum_table);
    SQLite::Statement insert(database,
                             std::string("INSERT INTO ") + study::checksum_table + " VALUES (?, ?)");
    for (const auto& [point, sum] : sums) {
      insert.bind(1, point);
      insert.bind(2, static_cast<std::int64_t>(sum));
      insert.exec();
      insert.reset();
    }
    transaction.commit();
  } catch (const SQLite::Exception&) {
  }
}

void read_everything(const std::filesystem::path& folder) {
  allow_refusal([&] {
    const study::StoredTables tables(folder);
    for (const std::string& table : tables.names()) allow_refusal([&] { tables.read(table); });
  });
  allow_refusal([&] { study::read_stored_run(folder); });
  allow_refusal([&] { study::read_stored_network_run(folder); });
}

}  // namespace

// SQLite checks the layout of a store: most changes keep all bytes in their places.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand random(seed);
  if (size <= prefix || random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) {
    const std::size_t place = prefix + random() % (size - prefix);
    const std::size_t count = std::min<std::size_t>(1 + random() % 8, size - place);
    switch (random() % 4) {
      case 0:
        data[place] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        data[place] = static_cast<std::uint8_t>(data[place] + (random() % 2 == 0 ? 1 : 255));
        break;
      case 2:
        std::memmove(data + place, data + prefix + random() % (size - prefix - count + 1), count);
        break;
      default:
        LLVMFuzzerMutate(data + place, count, count);
    }
  }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= prefix) return 0;
  static const TemporaryFolder folder;
  const std::string_view bytes = fuzz::text_of(data + prefix, size - prefix);
  const std::size_t length = store_size(data, size);
  const std::string_view store = bytes.substr(0, length), journal = bytes.substr(length);
  if (is_empty(store)) return 0;
  const std::filesystem::path path = folder / study::store_file_name;
  fuzz::write_file(path, store);
  const std::filesystem::path journal_path = path.string() + "-journal";
  std::filesystem::remove(journal_path);
  if (!journal.empty()) fuzz::write_file(journal_path, journal);
  read_everything(folder.path());
  seal(path);
  read_everything(folder.path());
  return 0;
}
