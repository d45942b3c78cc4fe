// Files of tensors (safetensors), as checkpoints are.
#include "tensor_file.hpp"

#include <cstdlib>
#include <cstring>

#include "bncollapse/nets/errors.hpp"
#include "bytes.hpp"
#include "json_mutator.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;

// Changes the header as JSON and sets its length right, or any byte.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  static fuzz::JsonMutator mutate({"__metadata__", "checksum", "dtype", "shape", "data_offsets", "F32", "F64",
                                   "I64", "U8", "F16", "a", "b"});
  std::uint64_t length = 0;
  if (seed % 4 == 0 || size < sizeof length || max_size < size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(&length, data, sizeof length);
  if (length > size - sizeof length) return LLVMFuzzerMutate(data, size, max_size);
  const std::vector<std::uint8_t> contents(data + sizeof length + length, data + size);
  length = mutate(data + sizeof length, length, max_size - sizeof length - contents.size(), seed);
  std::memcpy(data, &length, sizeof length);
  std::copy(contents.begin(), contents.end(), data + sizeof length + length);
  return sizeof length + length + contents.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TemporaryFolder folder;
  const std::filesystem::path path = folder / "file.safetensors";
  fuzz::write_file(path, fuzz::text_of(data, size));
  try {
    const nets::TensorFile file = nets::read_tensor_file(path);
    // What is accepted is whole: it can be written, and is then read as the same.
    const std::filesystem::path copy = folder / "copy.safetensors";
    nets::write_tensor_file(copy, file);
    const nets::TensorFile back = nets::read_tensor_file(copy);
    if (back.metadata != file.metadata || back.tensors.size() != file.tensors.size()) std::abort();
  } catch (const nets::FileError&) {
  }
  return 0;
}
