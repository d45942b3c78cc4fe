#include "tensor_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "bncollapse/nets/errors.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "fnv1a.hpp"

namespace bncollapse::nets {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

using Json = nlohmann::json;

/// A header's numbers stand in lists of tensors. What nests is copied and written by recursion, however deep
/// it is.
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
    throw std::runtime_error("__metadata__ is no object of texts");
  }
  return entry;
}

at::Tensor read_tensor(const std::string& name, const Json& entry, const char* data, std::size_t data_size) {
  const auto problem = [&](const std::string& text) {
    return std::runtime_error("tensor " + theory::quoted(name) + ": " + text);
  };
  for (const char* key : {"dtype", "shape", "data_offsets"}) {
    if (!entry.contains(key)) throw problem(std::string("has no ") + key);
  }
  if (!entry.at("dtype").is_string()) throw problem("dtype is no text");
  if (entry.at("data_offsets").size() != 2) throw problem("data_offsets are not two");
  // The JSON library takes any number for an integer; what it makes of 1e300 is undefined.
  for (const char* key : {"shape", "data_offsets"}) {
    const Json& numbers = entry.at(key);
    if (!numbers.is_array() || !std::all_of(numbers.begin(), numbers.end(),
                                            [](const Json& item) { return item.is_number_integer(); })) {
      throw problem(std::string(key) + " is no list of integers");
    }
  }
  const auto type_text = entry.at("dtype").get<std::string>();
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto offsets = entry.at("data_offsets").get<std::array<std::size_t, 2>>();
  for (const auto& [known, type] : types) {
    if (known != type_text) {
      continue;
    }
    std::size_t size = c10::elementSize(type);
    for (const std::int64_t extent : shape) {
      if (extent < 0 || (extent > 0 && size > data_size / static_cast<std::size_t>(extent))) {
        throw problem("its shape does not fit into the file");
      }
      size *= static_cast<std::size_t>(extent);
    }
    if (offsets[0] > offsets[1] || offsets[1] > data_size || offsets[1] - offsets[0] != size) {
      throw problem("its place in the file does not fit its shape");
    }
    at::Tensor tensor = at::empty(shape, type);
    if (size > 0) {
      std::memcpy(tensor.data_ptr(), data + offsets[0], size);
    }
    return tensor;
  }
  throw problem("numbers of type " + theory::quoted(type_text) + "; F32, F64, I64 and U8 can be read");
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
  std::ifstream input(path, std::ios::binary);
  if (!input) {
    throw FileError(path.string() + ": cannot be opened: " + std::strerror(errno));
  }
  const std::string bytes{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
  try {
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length) {
      throw std::runtime_error("it is shorter than its header");
    }
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > bytes.size() - sizeof length) {
      throw std::runtime_error("it is shorter than its header");
    }
    const char* data = bytes.data() + sizeof length + length;
    const std::size_t data_size = bytes.size() - sizeof length - length;
    const Json header = Json::parse(bytes.data() + sizeof length, data, is_shallow);
    TensorFile file;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        file.metadata = read_metadata(entry);
      } else {
        file.tensors.emplace(name, read_tensor(name, entry, data, data_size));
      }
    }
    require_checksum(header, file);
    file.metadata.erase(checksum_key);
    return file;
  } catch (const Json::exception&) {
    throw FileError(path.string() + ": is no whole safetensors file: its header is no JSON");
  } catch (const std::exception& error) {
    throw FileError(path.string() + ": is no whole safetensors file: " + error.what());
  }
}

}  // namespace bncollapse::nets
