// CIFAR-10's files. They are 184 MB, so an input says how they differ from six that are right: its first byte
// what stands in place of one of them, its second which, the rest at which bytes it differs.
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/errors.hpp"
#include "bytes.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;

namespace {

constexpr std::size_t record_bytes = 1 + nets::image_bytes, records = 10'000;
constexpr const char* names[]{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                              "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};

struct Change {
  std::uint32_t place;
  std::uint8_t value;
};

/// Replaces `path` by what `kind` says: a file of another size, a folder, a pipe, a link to nowhere, nothing.
void replace(const std::filesystem::path& path, std::uint8_t kind, std::uint32_t size) {
  switch (kind) {
    case 1:
      fuzz::write_file(path, "");
      std::filesystem::resize_file(path, size);
      break;
    case 2:
      std::filesystem::create_directory(path);
      break;
    case 3:
      if (::mkfifo(path.c_str(), 0600) != 0) std::abort();
      break;
    case 4:
      std::filesystem::create_symlink("nowhere", path);
      break;
    case 5:
      std::filesystem::create_symlink("/dev/zero", path);
      break;
    default:
      break;
  }
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  static const TemporaryFolder folder;
  static const std::filesystem::path whole = [] {
    const std::filesystem::path path = folder / "whole";
    fuzz::write_file(path, "");
    std::filesystem::resize_file(path, record_bytes * records);
    return path;
  }();
  const std::uint8_t kind = data[0] % 8;
  const char* changed = names[data[1] % std::size(names)];
  std::uint32_t number = 0;
  std::memcpy(&number, data + 2, sizeof number);
  for (const char* name : names) {
    std::filesystem::remove(folder / name);
    if (name != changed) std::filesystem::create_hard_link(whole, folder / name);
  }
  const std::filesystem::path path = folder / changed;
  std::vector<Change> changes;
  if (kind == 0 || kind > 5) {
    std::filesystem::copy_file(whole, path);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    for (const std::uint8_t* at = data + 6; at + 5 <= data + size; at += 5) {
      std::uint32_t place = 0;
      std::memcpy(&place, at, sizeof place);
      changes.push_back({static_cast<std::uint32_t>(place % (record_bytes * records)), at[4]});
      file.seekp(changes.back().place);
      file.put(static_cast<char>(changes.back().value));
    }
  } else {
    replace(path, kind, number % (2 * record_bytes * records));
  }
  bool is_refused = false;
  try {
    const nets::TrainAndTest images = nets::load_cifar10(folder.path());
    require(images.train.size() == 50'000 && images.test.size() == 10'000);
    require(images.train.pixels.size() == 50'000U * nets::image_bytes);
    require(images.train.name == nets::unknown_images);
    for (const std::uint8_t label : images.train.labels) require(label < nets::class_count);
    for (const std::uint8_t label : images.test.labels) require(label < nets::class_count);
    nets::subset(images.test, 1 + number % 10'000, number);
  } catch (const nets::FileError&) {
    is_refused = true;
  }
  if (kind > 1 && kind < 6) require(is_refused);
  std::filesystem::remove(path);
  return 0;
}
