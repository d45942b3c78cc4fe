#include "bncollapse/nets/dataset.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <set>
#include <string>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "message.hpp"
#include "relative_error.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse::nets;
using bncollapse::relative_error;
using bncollapse::TemporaryFolder;
using bncollapse::theory::InvalidArgument;

namespace {

constexpr std::int64_t records = 10'000;
constexpr std::int64_t record_bytes = 3073;

/// A file of CIFAR-10's form: record r has label (r + shift) % 10 and, as pixel r % 3072, r % 251.
std::string batch_file(int shift) {
  std::string bytes(records * record_bytes, '\0');
  for (std::int64_t record = 0; record < records; ++record) {
    const std::int64_t start = record * record_bytes;
    bytes[static_cast<std::size_t>(start)] = static_cast<char>((record + shift) % 10);
    bytes[static_cast<std::size_t>(start + 1 + record % 3072)] = static_cast<char>(record % 251);
  }
  return bytes;
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_all(const std::filesystem::path& folder) {
  for (int batch = 1; batch <= 5; ++batch) {
    write(folder / ("data_batch_" + std::to_string(batch) + ".bin"), batch_file(batch));
  }
  write(folder / "test_batch.bin", batch_file(0));
}

}  // namespace

TEST_CASE("CIFAR-10's files are read record by record, a broken one is named with the place") {
  const TemporaryFolder folder;
  write_all(folder.path());
  const TrainAndTest data = load_cifar10(folder.path());
  REQUIRE(data.train.size() == 50'000);
  REQUIRE(data.test.size() == 10'000);
  CHECK(data.train.pixels.size() == 50'000u * 3072u);
  CHECK(data.train.name == unknown_images);  // not CIFAR-10's
  REQUIRE(data.folder_fingerprint);
  CHECK(data.test.labels[13] == 3);
  CHECK(data.train.labels[20'000 + 13] == (13 + 3) % 10);
  CHECK(data.test.pixels[4000 * 3072 + 928] == 4000 % 251);
  CHECK(data.test.pixels[4000 * 3072 + 927] == 0);

  const auto path = folder.path() / "data_batch_3.bin";
  const auto message = [&] { return message_of([&] { load_cifar10(folder.path()); }); };

  std::string bytes = batch_file(3);
  bytes[1] = '\1';
  write(path, bytes);
  CHECK(load_cifar10(folder.path()).folder_fingerprint != data.folder_fingerprint);

  bytes[5 * record_bytes] = 10;
  write(path, bytes);
  CHECK_THROWS_AS(load_cifar10(folder.path()), FileError);
  CHECK(contains(message(), path.string() + ": byte 15365: label 10; labels go from 0 to 9"));

  write(path, batch_file(3).substr(0, 1'000'000));
  CHECK(contains(message(),
                 path.string() + ": byte 1000000: the file has 1000000 bytes; it must have 30730000"));

  write(path, batch_file(3) + "x");
  CHECK(contains(message(), path.string() + ": byte 30730000: the file has 30730001 bytes"));

  std::filesystem::remove(path);
  CHECK(contains(message(), path.string() + ": No such file or directory; tools/fetch-cifar10"));
}

TEST_CASE("whatever reads or makes images can be ended on the way") {
  struct Ended {};
  const TemporaryFolder folder;
  write_all(folder.path());
  int parts = 0;
  const auto end_late = [&parts] {
    if (++parts == 6) throw Ended();
  };
  CHECK_THROWS_AS(load_cifar10(folder.path(), end_late), Ended);
  parts = 0;
  CHECK_THROWS_AS(synthetic_dataset(10'000, 1, 1, end_late), Ended);
}

TEST_CASE("a subset is drawn by its seed, keeps the order and grows with its size") {
  const Dataset all = synthetic_dataset(300, 1, 1).train;
  const Dataset small = subset(all, 50, 9);
  const Dataset large = subset(all, 120, 9);
  CHECK(small.size() == 50);
  CHECK(small.labels == subset(all, 50, 9).labels);
  CHECK(small.pixels != subset(all, 50, 10).pixels);
  const auto images = [](const Dataset& dataset) {
    std::set<std::vector<std::uint8_t>> result;
    for (auto image = dataset.pixels.begin(); image != dataset.pixels.end(); image += image_bytes) {
      result.emplace(image, image + image_bytes);
    }
    return result;
  };
  const auto in_small = images(small), in_large = images(large);
  CHECK(in_small.size() == 50);
  for (const auto& image : in_small) {
    REQUIRE(in_large.contains(image));
  }
  CHECK(subset(all, 300, 4).pixels == all.pixels);
  CHECK_THROWS_AS(subset(all, 0, 1), InvalidArgument);
  CHECK(contains(message_of([&] { subset(all, 301, 1); }), "count is 301; it must be from 1 to 300"));
}

TEST_CASE("random labels are uniform, fixed by their seed and leave the images alone") {
  const Dataset all = synthetic_dataset(4000, 1, 1).train;
  const Dataset random = with_random_labels(all, 5);
  CHECK(random.pixels == all.pixels);
  CHECK(random.labels == with_random_labels(all, 5).labels);
  CHECK(random.labels != with_random_labels(all, 6).labels);
  CHECK(random.name == "synthetic, random labels");
  std::array<int, 10> counts{};
  for (const auto label : random.labels) {
    ++counts.at(label);
  }
  double chi_square = 0;
  for (const int count : counts) {
    chi_square += (count - 400) * (count - 400) / 400.0;
  }
  CHECK(chi_square <
        33.7);  // 9 degrees of freedom: exceeded with probability 1e-4 (R 4.2: qchisq(1e-4, 9, F))
}

TEST_CASE("the synthetic set is a pure function of its seed and index, balanced, in range") {
  const TrainAndTest data = synthetic_dataset(40, 20, 3);
  CHECK(data.train.size() == 40);
  CHECK(data.test.size() == 20);
  for (std::size_t index = 0; index < 40; ++index) {
    CHECK(data.train.labels[index] == index % 10);
  }
  CHECK(synthetic_dataset(10, 1, 3).train.pixels ==
        std::vector<std::uint8_t>(data.train.pixels.begin(), data.train.pixels.begin() + 10 * image_bytes));
  CHECK(synthetic_dataset(40, 20, 4).train.pixels != data.train.pixels);
  CHECK(data.test.pixels !=
        std::vector<std::uint8_t>(data.train.pixels.begin(), data.train.pixels.begin() + 20 * image_bytes));
  for (const std::uint8_t pixel : data.train.pixels) {
    REQUIRE(pixel >= 8);
    REQUIRE(pixel <= 248);
  }
  CHECK_THROWS_AS(synthetic_dataset(0, 1, 3), InvalidArgument);
  CHECK_THROWS_AS(synthetic_dataset(1, 0, 3), InvalidArgument);
}

TEST_CASE("pixel statistics are each channel's mean and standard deviation") {
  Dataset dataset{
      .name = "hand-made", .pixels = std::vector<std::uint8_t>(2 * image_bytes, 51), .labels = {0, 1}};
  for (std::int64_t pixel = 0; pixel < 1024; ++pixel) {
    dataset.pixels[static_cast<std::size_t>(pixel)] = 0;                         // image 0, red
    dataset.pixels[static_cast<std::size_t>(image_bytes + pixel)] = 255;         // image 1, red
    dataset.pixels[static_cast<std::size_t>(image_bytes + 1024 + pixel)] = 153;  // image 1, green
  }
  const PixelStatistics statistics = pixel_statistics(dataset);
  CHECK(relative_error(statistics.mean[0], 0.5) <= 1e-12);
  CHECK(relative_error(statistics.deviation[0], 0.5) <= 1e-12);
  CHECK(relative_error(statistics.mean[1], 0.4) <= 1e-12);
  CHECK(relative_error(statistics.deviation[1], 0.2) <= 1e-12);
  CHECK(relative_error(statistics.mean[2], 0.2) <= 1e-12);
  CHECK(statistics.deviation[2] == 1);
}
