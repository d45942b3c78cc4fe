#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "torch.hpp"

namespace bncollapse::nets {

/// Named tensors and texts in one file of the safetensors format, version 0.3: the length of the header (8
/// bytes, little-endian), the header (JSON), the tensors' bytes. Readable by the format's libraries. float32,
/// float64, int64 and uint8. A checksum among the texts on file (FNV-1a) shows a changed bit.
struct TensorFile {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Atomically: the file at `path` is the old one or all of the new one. Throws TrainingError.
void write_tensor_file(const std::filesystem::path& path, const TensorFile& file);

/// Throws FileError naming the file and what is wrong with it.
TensorFile read_tensor_file(const std::filesystem::path& path);

}  // namespace bncollapse::nets
