#include "npz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/crc.hpp>
#include <limits>

#include "bncollapse/study/errors.hpp"

namespace bncollapse::cli {
namespace {

template <class Unsigned>
void append(std::string& bytes, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i) bytes += static_cast<char>(value >> 8 * i & 0xff);
}

void append16(std::string& bytes, unsigned value) { append(bytes, static_cast<std::uint16_t>(value)); }
void append32(std::string& bytes, std::uint32_t value) { append(bytes, value); }

/// The code points of a valid UTF-8 text.
std::u32string code_points(const std::string& text) {
  std::u32string points;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    char32_t point = more == 0 ? lead : lead & (0x3f >> more);
    for (int k = 0; k < more && i < text.size(); ++k)
      point = point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3f);
    points += point;
  }
  return points;
}

/// The header of a one-dimensional little-endian array, padded to a multiple of 64 bytes.
std::string npy_header(const std::string& type, std::size_t count) {
  constexpr std::size_t prefix = 10, alignment = 64;
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", type, count);
  text.append(alignment - 1 - (prefix + text.size()) % alignment, ' ');
  text += '\n';
  std::string header = "\x93NUMPY";
  header += '\x01';
  header += '\0';
  append16(header, static_cast<unsigned>(text.size()));
  return header + text;
}

// ZIP's constants: version 2.0, UTF-8 names, stored, 1980-01-01 (no clock: the same store gives the same
// bytes).
constexpr unsigned zip_version = 20, utf8_names = 1u << 11, stored = 0, zip_time = 0, zip_date = 1u << 5 | 1;

void append_common(std::string& bytes, std::uint32_t crc, std::uint32_t size, const std::string& name) {
  append16(bytes, zip_version);
  append16(bytes, utf8_names);
  append16(bytes, stored);
  append16(bytes, zip_time);
  append16(bytes, zip_date);
  append32(bytes, crc);
  append32(bytes, size);
  append32(bytes, size);
  append16(bytes, static_cast<unsigned>(name.size()));
  append16(bytes, 0);
}

}  // namespace

void NpzArchive::add(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string data;
  for (const std::int64_t value : values) append(data, std::bit_cast<std::uint64_t>(value));
  add_array(name, "<i8", values.size(), data);
}

void NpzArchive::add(const std::string& name, const std::vector<double>& values) {
  std::string data;
  for (const double value : values) append(data, std::bit_cast<std::uint64_t>(value));
  add_array(name, "<f8", values.size(), data);
}

void NpzArchive::add(const std::string& name, const std::vector<std::string>& values) {
  std::vector<std::u32string> texts;
  std::size_t width = 1;
  for (const std::string& value : values)
    width = std::max(width, texts.emplace_back(code_points(value)).size());
  std::string data;
  for (std::u32string& text : texts) {
    text.resize(width);
    for (const char32_t point : text) append32(data, point);
  }
  add_array(name, fmt::format("<U{}", width), values.size(), data);
}

void NpzArchive::add_array(const std::string& name, const std::string& type, std::size_t count,
                           const std::string& data) {
  const std::string file = npy_header(type, count) + data;
  if (files_.size() + file.size() > std::numeric_limits<std::uint32_t>::max() / 2) {
    throw study::RunError("the arrays are too large for one .npz file; export tables with --csv");
  }
  boost::crc_32_type crc;
  crc.process_bytes(file.data(), file.size());
  const Entry entry{name + ".npy", crc.checksum(), static_cast<std::uint32_t>(file.size()),
                    static_cast<std::uint32_t>(files_.size())};
  append32(files_, 0x04034b50);
  append_common(files_, entry.crc, entry.size, entry.name);
  files_ += entry.name + file;
  entries_.push_back(entry);
}

std::string NpzArchive::bytes() const {
  std::string directory;
  for (const Entry& entry : entries_) {
    append32(directory, 0x02014b50);
    append16(directory, zip_version);
    append_common(directory, entry.crc, entry.size, entry.name);
    append16(directory, 0);  // comment
    append16(directory, 0);  // disk
    append16(directory, 0);  // internal attributes
    append32(directory, 0);  // external attributes
    append32(directory, entry.offset);
    directory += entry.name;
  }
  std::string end;
  append32(end, 0x06054b50);
  append32(end, 0);  // disks
  append16(end, static_cast<unsigned>(entries_.size()));
  append16(end, static_cast<unsigned>(entries_.size()));
  append32(end, static_cast<std::uint32_t>(directory.size()));
  append32(end, static_cast<std::uint32_t>(files_.size()));
  append16(end, 0);
  return files_ + directory + end;
}

}  // namespace bncollapse::cli
