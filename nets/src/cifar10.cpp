#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <system_error>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/errors.hpp"
#include "fnv1a.hpp"

namespace bncollapse::nets {
namespace {

constexpr std::int64_t records_per_file = 10'000;
constexpr std::int64_t record_bytes = 1 + image_bytes;
constexpr std::int64_t file_bytes = records_per_file * record_bytes;

// Of the files of tools/fetch-cifar10, which compares their SHA-256 sums.
constexpr std::array<std::uint64_t, 2> cifar10_fingerprints{0x2178cafb9c4d7f10, 0xfcac52b21e689ff6};

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

TrainAndTest load_cifar10(const std::filesystem::path& folder, const std::function<void()>& between_parts) {
  TrainAndTest data;
  data.train.name = data.test.name = "CIFAR-10";
  for (int batch = 1; batch <= 5; ++batch) {
    between_parts();
    append_file(data.train, folder / ("data_batch_" + std::to_string(batch) + ".bin"));
  }
  between_parts();
  append_file(data.test, folder / "test_batch.bin");
  between_parts();
  const std::array<std::uint64_t, 2> fingerprints{fingerprint(data.train), fingerprint(data.test)};
  if (fingerprints != cifar10_fingerprints) {
    data.train.name = data.test.name = unknown_images;
  }
  data.folder_fingerprint = fnv1a(fnv1a_start, fingerprints.data(), sizeof fingerprints);
  return data;
}

}  // namespace bncollapse::nets
