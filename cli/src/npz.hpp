#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bncollapse::cli {

/// NumPy's .npz: an uncompressed ZIP archive (APPNOTE 6.3.3, without ZIP64: 4 GiB and 65535 arrays at most)
/// of .npy files (format 1.0), built in memory. numpy.load gives each array under its name.
class NpzArchive {
 public:
  void add(const std::string& name, const std::vector<std::int64_t>& values);
  void add(const std::string& name, const std::vector<double>& values);
  /// UTF-8 texts, as NumPy's fixed-width Unicode.
  void add(const std::string& name, const std::vector<std::string>& values);

  /// The whole archive. Throws study::RunError where it is too large for the format.
  std::string bytes() const;

 private:
  void add_array(const std::string& name, const std::string& type, std::size_t count,
                 const std::string& data);

  struct Entry {
    std::string name;
    std::uint32_t crc, size, offset;
  };
  std::vector<Entry> entries_;
  std::string files_;
};

}  // namespace bncollapse::cli
