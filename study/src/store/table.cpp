#include "store/table.hpp"

#include <bit>
#include <cmath>

#include "bncollapse/study/errors.hpp"
#include "store/store_file.hpp"

namespace bncollapse::study {

void Stored<Json>::read(const SQLite::Column& column, Json& value) {
  value = stored_json(column.getString());
}

void Stored<std::vector<std::int64_t>>::bind(SQLite::Statement& statement, int position,
                                             const std::vector<std::int64_t>& value) {
  std::vector<unsigned char> bytes;
  bytes.reserve(value.size() * sizeof(std::int64_t));
  for (const std::int64_t count : value) {
    const auto bits = std::bit_cast<std::uint64_t>(count);
    for (int shift = 0; shift < 64; shift += 8)
      bytes.push_back(static_cast<unsigned char>(bits >> shift & 0xff));
  }
  statement.bind(position, bytes.data(), static_cast<int>(bytes.size()));
}

void Stored<std::vector<std::int64_t>>::read(const SQLite::Column& column, std::vector<std::int64_t>& value) {
  const auto* bytes = static_cast<const unsigned char*>(column.getBlob());
  value.assign(static_cast<std::size_t>(column.getBytes()) / sizeof(std::int64_t), 0);
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::uint64_t bits = 0;
    for (std::size_t byte = 0; byte < sizeof bits; ++byte)
      bits |= std::uint64_t{bytes[sizeof bits * i + byte]} << 8 * byte;
    value[i] = std::bit_cast<std::int64_t>(bits);
  }
}

void require_number(double value, const char* table, const char* column) {
  if (std::isnan(value)) {
    throw RunError(
        fmt::format("{} of the table {} came out as NaN; nothing of this point was stored", column, table));
  }
}

}  // namespace bncollapse::study
