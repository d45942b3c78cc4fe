#include "bncollapse/theory/text_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

namespace bncollapse::theory {
namespace {

constexpr std::size_t longest_quote = 200;
constexpr int writer_timeout_ms = 3000;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string name_of(const std::string& path) { return path == standard_input ? "standard input" : path; }

/// An open file, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : name_(name_of(path)),
        is_ours_(path != standard_input),
        number_(is_ours_ ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO) {
    if (number_ < 0) fail();
  }
  ~Descriptor() {
    if (is_ours_) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  /// Refuses what is no file to read; of a regular file the size, else 0.
  std::size_t size() const {
    struct stat status {};
    if (::fstat(number_, &status) != 0) fail();
    if (S_ISDIR(status.st_mode)) throw FileError(name_ + ": is a folder; give a file");
    if (S_ISREG(status.st_mode)) return static_cast<std::size_t>(status.st_size);
    if (S_ISFIFO(status.st_mode)) {
      wait_for_writer();
    } else if (is_ours_) {
      throw FileError(name_ + ": is not a regular file; give a file, a pipe or - for the standard input");
    }
    return 0;
  }

  std::size_t read(char* to, std::size_t count) const {
    for (;;) {
      const ssize_t got = ::read(number_, to, count);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) fail();
    }
  }

 private:
  [[noreturn]] void fail() const {
    if (errno == ENOENT) throw FileError(name_ + ": there is no such file");
    throw FileError(name_ + ": cannot be read: " + std::strerror(errno));
  }

  void wait_for_writer() const {
    if (!is_ours_) return;
    pollfd wait{.fd = number_, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, writer_timeout_ms) == 0)
      throw FileError(name_ + ": is a pipe that no program writes into");
    ::fcntl(number_, F_SETFL, ::fcntl(number_, F_GETFL) & ~O_NONBLOCK);
  }

  std::string name_;
  bool is_ours_;
  int number_;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t start = 0; start <= line.size();) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    fields.push_back(trimmed(line.substr(start, end - start)));
    start = end + 1;
  }
  return fields;
}

/// A finite number that is the whole field; NaN where it is none, infinity where it is too large.
double number_of(std::string_view field) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (end != field.data() + field.size() || error == std::errc::invalid_argument) return std::nan("");
  // from_chars leaves open on which side it is out of range.
  if (error == std::errc::result_out_of_range) value = std::strtod(std::string(field).c_str(), nullptr);
  const bool is_spelt_out = field.find_first_of("nN") != std::string_view::npos;  // inf, nan
  return is_spelt_out ? std::nan("") : value + 0.0;                               // -0 is 0
}

}  // namespace

std::string shortened(std::string_view text) {
  if (text.size() <= longest_quote) return std::string(text);
  std::size_t end = longest_quote;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // inside a character
  return std::string(text.substr(0, end)) + "...";
}

std::string quoted(std::string_view text) { return '"' + shortened(text) + '"'; }

std::string read_text_file(const std::string& path, std::size_t largest) {
  const Descriptor file(path);
  const auto refuse_larger = [&](std::size_t size) {
    if (size > largest)
      throw FileError(name_of(path) + ": is larger than " + std::to_string(largest >> 20) + " MiB");
  };
  const std::size_t size = file.size();
  refuse_larger(size);
  std::string text;
  constexpr std::size_t part = std::size_t{1} << 16;
  text.reserve(size + part);
  for (std::size_t got = part; got > 0;) {
    const std::size_t before = text.size();
    text.resize(before + part);
    got = file.read(text.data() + before, part);
    text.resize(before + got);
    refuse_larger(text.size());
  }
  return text;
}

void require_regular_file(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    throw FileError(path + ": is not a regular file");
}

TableFile::TableFile(const std::string& path)
    : path_(name_of(path)), text_(read_text_file(path, largest_table)) {
  if (text_.starts_with(byte_order_mark)) position_ = byte_order_mark.size();
  std::string_view line;
  if (!next_line(line)) throw FileError(path_ + ": is empty; it must begin with a header");
  for (const std::string_view field : fields_of(line)) {
    if (fields_++ > 0) header_ += ',';
    header_ += field;
  }
}

bool TableFile::next(std::vector<double>& numbers) {
  std::string_view line;
  if (!next_line(line)) return false;
  const std::vector<std::string_view> fields = fields_of(line);
  if (fields.size() != fields_) {
    fail("has " + std::to_string(fields.size()) + " fields; the header asks for " + std::to_string(fields_));
  }
  numbers.clear();
  for (const std::string_view field : fields) {
    numbers.push_back(number_of(field));
    if (std::isfinite(numbers.back())) continue;
    fail(quoted(field) +
         (std::isnan(numbers.back()) ? " is not a finite number" : " is too large for a number of 64 bits"));
  }
  return true;
}

void TableFile::fail_as_a_whole(const std::string& problem) const { throw FileError(path_ + ": " + problem); }

void TableFile::fail(const std::string& problem) const {
  throw FileError(path_ + ": line " + std::to_string(line_) + ": " + problem);
}

bool TableFile::next_line(std::string_view& line) {
  while (position_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    line = trimmed(std::string_view(text_).substr(position_, end - position_));
    position_ = end + 1;
    ++line_;
    if (!line.empty()) return true;
  }
  return false;
}

}  // namespace bncollapse::theory
