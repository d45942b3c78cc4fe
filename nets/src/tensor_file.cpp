#include "tensor_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "fnv1a.hpp"

namespace bncollapse::nets {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

using Json = nlohmann::json;

/// Numbers of a header stand in lists of tensors. The JSON library copies and writes nested values by
/// recursion, so that their depth must be bounded.
bool is_shallow(int depth, Json::parse_event_t, Json&) { return depth <= 3; }

constexpr std::array<std::pair<std::string_view, at::ScalarType>, 4> types{{
    {"F32", at::kFloat},
    {"F64", at::kDouble},
    {"I64", at::kLong},
    {"U8", at::kByte},
}};

std::string_view type_name(at::ScalarType type) {
  for (const auto& [name, known] : types) {
    if (known == type) {
      return name;
    }
  }
  throw TrainingError("a tensor file cannot hold this type of number");
}

/// A file descriptor that is closed with its scope.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : number_(::open(path.c_str(), flags, 0644)) {}
  ~Descriptor() {
    if (number_ >= 0) {
      ::close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return number_ >= 0; }
  /// -1 where it is no regular file.
  std::int64_t size_of_regular() const {
    struct stat status {};
    return ::fstat(number_, &status) == 0 && S_ISREG(status.st_mode) ? std::int64_t{status.st_size} : -1;
  }
  bool read(void* data, std::size_t size) const {
    auto* bytes = static_cast<char*>(data);
    while (size > 0) {
      const ssize_t count = ::read(number_, bytes, size);
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count <= 0) {
        return false;
      }
      bytes += count;
      size -= static_cast<std::size_t>(count);
    }
    return true;
  }
  bool sync() const { return ::fsync(number_) == 0; }
  bool write(const void* data, std::size_t size) const {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
      const ssize_t written = ::write(number_, bytes, size);
      if (written < 0 && errno == EINTR) {
        continue;
      }
      if (written <= 0) {
        return false;
      }
      bytes += written;
      size -= static_cast<std::size_t>(written);
    }
    return true;
  }

 private:
  int number_;
};

/// Of the tensors in the order of their names, then of the header without it.
constexpr const char* checksum_key = "checksum";

void require_checksum(Json header, const TensorFile& file) {
  const auto stored = file.metadata.find(checksum_key);
  if (stored == file.metadata.end()) {
    throw std::runtime_error("it has no checksum");
  }
  std::uint64_t checksum = fnv1a_start;
  for (const auto& [name, tensor] : file.tensors) {
    checksum = fnv1a(checksum, tensor.data_ptr(), tensor.nbytes());
  }
  header.at("__metadata__").erase(checksum_key);
  const std::string text = header.dump();
  if (stored->second != std::to_string(fnv1a(checksum, text.data(), text.size()))) {
    throw std::runtime_error("its checksum does not fit its contents: it was damaged");
  }
}

std::map<std::string, std::string> read_metadata(const Json& entry) {
  if (!entry.is_object() ||
      !std::all_of(entry.begin(), entry.end(), [](const Json& value) { return value.is_string(); })) {
    throw std::runtime_error("__metadata__ is not an object of texts");
  }
  return entry;
}

/// A tensor's entry in the header; `begin` and `size` in bytes of the data.
struct Entry {
  at::ScalarType type = at::kFloat;
  std::vector<std::int64_t> shape;
  std::size_t begin = 0, size = 0;
};

Entry read_entry(const std::string& name, const Json& entry, std::size_t data_size) {
  const auto problem = [&](const std::string& text) {
    return std::runtime_error("tensor " + theory::quoted(name) + ": " + text);
  };
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!entry.contains(key)) throw problem(std::string("has no ") + key);
  }
  if (!entry.at("dtype").is_string()) throw problem("dtype is not a text");
  // The JSON library takes any number for an integer; what it makes of 1e300 is undefined.
  for (const char* key : {"shape", "data_offsets"}) {
    const Json& numbers = entry.at(key);
    if (!numbers.is_array() || !std::all_of(numbers.begin(), numbers.end(),
                                            [](const Json& item) { return item.is_number_integer(); })) {
      throw problem(std::string(key) + " is not a list of integers");
    }
  }
  if (entry.at("data_offsets").size() != 2) throw problem("data_offsets are not two");
  const auto type_text = entry.at("dtype").get<std::string>();
  const auto offsets = entry.at("data_offsets").get<std::array<std::size_t, 2>>();
  for (const auto& [known, type] : types) {
    if (known != type_text) {
      continue;
    }
    Entry read{type, entry.at("shape").get<std::vector<std::int64_t>>(), offsets[0], c10::elementSize(type)};
    for (const std::int64_t extent : read.shape) {
      if (extent < 0 || (extent > 0 && read.size > data_size / static_cast<std::size_t>(extent))) {
        throw problem("its shape does not fit into the file");
      }
      read.size *= static_cast<std::size_t>(extent);
    }
    if (offsets[0] > offsets[1] || offsets[1] > data_size || offsets[1] - offsets[0] != read.size) {
      throw problem("its place in the file does not fit its shape");
    }
    return read;
  }
  throw problem("numbers of type " + theory::quoted(type_text) + "; F32, F64, I64 and U8 can be read");
}

at::Tensor tensor_of(const Entry& entry, const std::string& data) {
  at::Tensor tensor = at::empty(entry.shape, entry.type);
  if (entry.size > 0) {
    std::memcpy(tensor.data_ptr(), data.data() + entry.begin, entry.size);
  }
  return tensor;
}

/// A file that is read piece by piece, once it is known what it is.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path)
      : path_(path.string()), file_(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK /* a pipe is not waited for */) {
    if (!file_.is_open()) {
      throw UnreadableFile(path.string() + ": cannot be opened: " + std::strerror(errno));
    }
    left_ = file_.size_of_regular();
    if (left_ < 0) {
      throw UnreadableFile(path.string() + ": is not a regular file; move it away");
    }
  }

  std::size_t left() const { return static_cast<std::size_t>(left_); }
  std::string read(std::size_t count) {
    std::string bytes(count, '\0');
    if (!file_.read(bytes.data(), count)) {
      throw UnreadableFile(path_ + ": cannot be read to its end: " + std::strerror(errno));
    }
    left_ -= static_cast<std::int64_t>(count);
    return bytes;
  }

 private:
  std::string path_;
  Descriptor file_;
  std::int64_t left_ = 0;
};

/// The header's text; what follows it are the data.
std::string read_header(InputFile& input) {
  constexpr std::uint64_t largest = 100'000'000;  // as the format has it
  std::uint64_t length = 0;
  if (input.left() < sizeof length) {
    throw std::runtime_error("it is shorter than its header");
  }
  std::memcpy(&length, input.read(sizeof length).data(), sizeof length);
  if (length > std::min<std::uint64_t>(largest, input.left())) {
    throw std::runtime_error("it is shorter than its header");
  }
  return input.read(length);
}

}  // namespace

void write_tensor_file(const std::filesystem::path& path, const TensorFile& file) {
  Json header = {{"__metadata__", file.metadata}};
  std::vector<at::Tensor> contents;
  std::size_t offset = 0;
  std::uint64_t checksum = fnv1a_start;
  for (const auto& [name, tensor] : file.tensors) {
    contents.push_back(tensor.detach().cpu().contiguous());
    const std::size_t end = offset + contents.back().nbytes();
    checksum = fnv1a(checksum, contents.back().data_ptr(), contents.back().nbytes());
    header[name] = {{"dtype", type_name(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  header["__metadata__"][checksum_key] = std::to_string(fnv1a(checksum, text.data(), text.size()));
  text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();

  const std::filesystem::path fresh = path.string() + ".new";
  const auto fail = [&] {
    const std::string reason = std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    throw TrainingError(path.string() + ": cannot be written: " + reason);
  };
  {
    const Descriptor output(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC);
    if (!output.is_open() || !output.write(&length, sizeof length) ||
        !output.write(text.data(), text.size())) {
      fail();
    }
    for (const at::Tensor& tensor : contents) {
      if (!output.write(tensor.data_ptr(), tensor.nbytes())) {
        fail();
      }
    }
    if (!output.sync()) {
      fail();
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    fail();
  }
  const Descriptor folder(path.has_parent_path() ? path.parent_path() : ".",
                          O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!folder.is_open() || !folder.sync()) {
    throw TrainingError(path.string() + ": its folder cannot be synced: " + std::strerror(errno));
  }
}

TensorFile read_tensor_file(const std::filesystem::path& path) {
  InputFile input(path);
  try {
    const Json header = Json::parse(read_header(input), is_shallow);
    TensorFile file;
    std::map<std::string, Entry> entries;
    std::size_t size = 0;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        file.metadata = read_metadata(entry);
      } else {
        size += entries.emplace(name, read_entry(name, entry, input.left())).first->second.size;
      }
    }
    if (size != input.left()) {
      throw std::runtime_error("its size does not fit its header");
    }
    const std::string data = input.read(size);
    for (const auto& [name, entry] : entries) file.tensors.emplace(name, tensor_of(entry, data));
    require_checksum(header, file);
    file.metadata.erase(checksum_key);
    return file;
  } catch (const UnreadableFile&) {
    throw;
  } catch (const Json::exception&) {
    throw FileError(path.string() + ": is not a whole safetensors file: its header is not JSON");
  } catch (const std::bad_alloc&) {
    throw UnreadableFile(path.string() + ": is larger than the memory that is free; free some and try again");
  } catch (const std::exception& error) {
    throw FileError(path.string() + ": is not a whole safetensors file: " + error.what());
  }
}

}  // namespace bncollapse::nets
