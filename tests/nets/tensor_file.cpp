#include "tensor_file.hpp"

#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <vector>

#include "bncollapse/nets/errors.hpp"
#include "message.hpp"
#include "temporary_folder.hpp"
#include "torch_doctest.hpp"

using namespace bncollapse::nets;
using bncollapse::TemporaryFolder;

namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

TEST_CASE("tensors and texts come back as they were written, a refused write leaves the old file") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "file.safetensors";
  TensorFile file;
  file.metadata = {{"key", "value \"quoted\""}};
  file.tensors = {{"a", at::arange(6, at::kFloat).view({2, 3}).t()},
                  {"b", at::full({}, 1.0 / 3, at::kDouble)},
                  {"c", at::tensor({-1, 1 << 20}, at::kLong)},
                  {"d", at::empty({0, 4}, at::kFloat)}};
  write_tensor_file(path, file);
  const TensorFile back = read_tensor_file(path);
  CHECK(back.metadata == file.metadata);
  REQUIRE(back.tensors.size() == 4);
  for (const auto& [name, tensor] : file.tensors) {
    CHECK(back.tensors.at(name).equal(tensor));
  }
  const std::string before = bytes_of(path);
  std::filesystem::create_directory(folder.path() /
                                    "file.safetensors.new");  // the fresh file cannot be opened
  CHECK_THROWS_AS(write_tensor_file(path, {}), TrainingError);
  CHECK(bytes_of(path) == before);
}

TEST_CASE("what is no file of its header's size is refused before it is read") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "file.safetensors";
  const auto refused = [&](const char* problem) {
    const std::string told = message_of([&] { read_tensor_file(path); });
    CAPTURE(told);
    CHECK(contains(told, path.string()));
    CHECK(contains(told, problem));
    std::filesystem::remove(path);
  };
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  refused("is not a regular file; move it away");
  std::filesystem::create_directory(path);
  refused("is not a regular file; move it away");
  std::filesystem::create_symlink("/dev/zero", path);
  refused("is not a regular file; move it away");
  std::filesystem::create_symlink(path, path);
  refused("cannot be opened");
  write_tensor_file(path, {.tensors = {{"a", at::ones({3})}}, .metadata = {}});
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  refused("its size does not fit its header");
}

TEST_CASE("a file cut short or changed is refused, wherever it is cut") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "file.safetensors";
  write_tensor_file(path, {.tensors = {{"a", at::ones({3})}}, .metadata = {}});
  const std::string bytes = bytes_of(path);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    write(path, bytes.substr(0, length));
    CHECK_THROWS_AS(read_tensor_file(path), FileError);
  }
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = bytes;
    changed.replace(changed.find(from), from.size(), to);
    write(path, changed);
    return message_of([&] { read_tensor_file(path); });
  };
  CHECK(contains(with("F32", "F31"), "numbers of type \"F31\""));
  CHECK(contains(with("[3]", "[2]"), "tensor \"a\": its place in the file does not fit its shape"));
  CHECK(contains(with("[3]", "[-"), "not a whole safetensors file"));
  CHECK(contains(with("[3]", "1e3"), "tensor \"a\": shape is not a list of integers"));
  CHECK(contains(with("0,12]", "1e99]"), "tensor \"a\": data_offsets is not a list of integers"));
  for (const auto& [from, to, problem] : std::vector<std::array<const char*, 3>>{
           {"shape", "shabe", "tensor \"a\": has no shape"},
           {"\"F32\"", "12345", "tensor \"a\": dtype is not a text"},
           {"[3]", "3.0", "tensor \"a\": shape is not a list of integers"},
           {"[0,12]", "[0012]", "its header is not JSON"},
           {"[0,12]", "[1212]", "tensor \"a\": data_offsets are not two"}}) {
    const std::string told = with(from, to);
    CAPTURE(told);
    CHECK(contains(told, problem));
    CHECK_FALSE(contains(told, "json.exception"));
  }
  const auto told_of_header = [&](const std::string& header) {
    const std::uint64_t length = header.size();
    write(path, std::string(reinterpret_cast<const char*>(&length), sizeof length) + header);
    return message_of([&] { read_tensor_file(path); });
  };
  CHECK(contains(told_of_header(R"({"__metadata__":{"step":1}})"), "__metadata__ is not an object of texts"));
  CHECK(contains(told_of_header(R"({"a":[1]})"), "tensor \"a\": has no dtype"));
  CHECK(contains(told_of_header("[1]"), "not a whole safetensors file"));
  const std::string nested = R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"b":)" +
                             std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}}";
  CHECK(contains(told_of_header(nested), "not a whole safetensors file"));
  // A bit that turns, anywhere.
  for (std::size_t place = 0; place < bytes.size(); ++place) {
    CAPTURE(place);
    std::string changed = bytes;
    changed[place] = static_cast<char>(changed[place] ^ 1);
    write(path, changed);
    CHECK_THROWS_AS(read_tensor_file(path), FileError);
  }
  CHECK(contains(message_of([&] { read_tensor_file(folder.path() / "none"); }), "none: cannot be opened"));
}
