#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bncollapse::theory {

/// A file that was given cannot be used. The message begins with its name and says what is wrong and what is
/// allowed.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Text of others for a message: in quotation marks, its first 200 bytes.
std::string quoted(std::string_view text);
/// The same without the marks.
std::string shortened(std::string_view text);

/// "-" as a file's name: the standard input.
inline constexpr std::string_view standard_input = "-";

inline constexpr std::size_t largest_table = std::size_t{256} << 20;

/// The bytes of a file of at most `largest` bytes: a regular file, a pipe or `standard_input`; not a folder,
/// not a device. A named pipe that nobody writes into for 3 s is given up. Throws FileError.
std::string read_text_file(const std::string& path, std::size_t largest);

/// Throws FileError unless `path` is a regular file, which may be read more than once.
void require_regular_file(const std::string& path);

/// A table of numbers in CSV: a header, then lines of as many finite numbers. A byte-order mark of UTF-8,
/// blank lines, blanks around a field, a plus sign, and \r\n for \n are allowed; a number too small for a
/// double is 0.
class TableFile {
 public:
  /// Reads `path` as read_text_file does and takes its header.
  explicit TableFile(const std::string& path);

  const std::string& header() const { return header_; }

  /// The next line's numbers; false at the end.
  bool next(std::vector<double>& numbers);

  /// Throws FileError "PATH: line N: problem" of the line read last.
  [[noreturn]] void fail(const std::string& problem) const;
  /// "PATH: problem", of the whole table.
  [[noreturn]] void fail_as_a_whole(const std::string& problem) const;

 private:
  /// The next line that is not blank, without blanks around it.
  bool next_line(std::string_view& line);

  std::string path_, text_, header_;
  std::size_t position_ = 0, line_ = 0, fields_ = 0;
};

}  // namespace bncollapse::theory
