#include <fstream>
#include <string>
#include <system_error>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/errors.hpp"

namespace bncollapse::nets {
namespace {

constexpr std::int64_t records_per_file = 10'000;
constexpr std::int64_t record_bytes = 1 + image_bytes;
constexpr std::int64_t file_bytes = records_per_file * record_bytes;

// Of the files of tools/fetch-cifar10, which compares their SHA-256 sums.
constexpr std::uint64_t train_fingerprint = 0x2178cafb9c4d7f10, test_fingerprint = 0xfcac52b21e689ff6;

void append_file(Dataset& dataset, const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    throw FileError(path.string() + ": " + error.message() +
                    "; tools/fetch-cifar10 FOLDER fetches CIFAR-10's files");
  }
  if (size != static_cast<std::uintmax_t>(file_bytes)) {
    throw FileError(path.string() + ": byte " + std::to_string(std::min<std::uintmax_t>(size, file_bytes)) +
                    ": the file has " + std::to_string(size) + " bytes; it must have " +
                    std::to_string(file_bytes) + ", " + std::to_string(records_per_file) + " records of " +
                    std::to_string(record_bytes));
  }
  std::string bytes(static_cast<std::size_t>(file_bytes), '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), file_bytes)) {
    throw FileError(path.string() + ": byte " + std::to_string(file.gcount()) + ": reading stopped here");
  }
  for (std::int64_t offset = 0; offset < file_bytes; offset += record_bytes) {
    const auto record = bytes.begin() + offset;
    const auto label = static_cast<std::uint8_t>(*record);
    if (label >= class_count) {
      throw FileError(path.string() + ": byte " + std::to_string(offset) + ": label " +
                      std::to_string(label) + "; labels go from 0 to " + std::to_string(class_count - 1));
    }
    dataset.labels.push_back(label);
    dataset.pixels.insert(dataset.pixels.end(), record + 1, record + record_bytes);
  }
}

}  // namespace

TrainAndTest load_cifar10(const std::filesystem::path& folder) {
  TrainAndTest data;
  data.train.name = data.test.name = "CIFAR-10";
  for (int batch = 1; batch <= 5; ++batch) {
    append_file(data.train, folder / ("data_batch_" + std::to_string(batch) + ".bin"));
  }
  append_file(data.test, folder / "test_batch.bin");
  if (fingerprint(data.train) != train_fingerprint || fingerprint(data.test) != test_fingerprint) {
    data.train.name = data.test.name = unknown_images;
  }
  return data;
}

}  // namespace bncollapse::nets
