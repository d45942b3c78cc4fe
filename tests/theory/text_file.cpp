#include "bncollapse/theory/text_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace bncollapse::theory;

namespace {

/// A path that nothing stands at before and after the test.
class TemporaryPath {
 public:
  TemporaryPath()
      : path_(
            (std::filesystem::temp_directory_path() / ("bncollapse-text-file-" + std::to_string(::getpid())))
                .string()) {
    std::filesystem::remove(path_);
  }
  explicit TemporaryPath(const std::string& text) : TemporaryPath() {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TemporaryPath() { std::filesystem::remove(path_); }
  TemporaryPath(const TemporaryPath&) = delete;
  TemporaryPath& operator=(const TemporaryPath&) = delete;

  const std::string& operator()() const { return path_; }

 private:
  std::string path_;
};

std::string message(const std::function<void()>& action) {
  try {
    action();
  } catch (const FileError& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<double> numbers_in(const std::string& text) {
  const TemporaryPath path(text);
  TableFile table(path());
  std::vector<double> all;
  for (std::vector<double> row; table.next(row);) all.insert(all.end(), row.begin(), row.end());
  return all;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("tables: one set of rules for marks, line ends, blanks, signs and exponents") {
  const std::vector<double> expected{1, -2.5, 3e5, 0.25};
  for (const std::string text :
       {"a,b\n1,-2.5\n3e5,.25\n",
        "\xef\xbb\xbf"
        "a,b\n1,-2.5\n3e5,.25",
        "a,b\r\n1,-2.5\r\n3e5,.25\r\n", "\n a , b \n\n +1 ,\t-2.5\n \n+3E+5,+.25\n\n"}) {
    CAPTURE(text);
    CHECK(numbers_in(text) == expected);
  }
  CHECK_FALSE(std::signbit(numbers_in("a\n-0\n").front()));
  CHECK(numbers_in("a\n1e-999\n-1e-999\n") == std::vector<double>{0, 0});
  for (const std::string field : {"1e999", "-1e999"}) {
    CHECK(contains(message([&] { numbers_in("a\n" + field + "\n"); }),
                   "line 2: \"" + field + "\" is too large for a number of 64 bits"));
  }
  for (const std::string field :
       {"nan", "inf", "-infinity", "0x10", "1 2", "", "+-1", "++1", "1e", "\"1\""}) {
    CAPTURE(field);
    CHECK(contains(message([&] { numbers_in("a,b\n1," + field + "\n"); }), "is not a finite number"));
  }
  CHECK(contains(message([] { numbers_in(std::string("a\n1\0\n", 5)); }), "line 2: "));
  CHECK(
      contains(message([] { numbers_in("a,b\n\n1,2,3\n"); }), "line 3: has 3 fields; the header asks for 2"));
  CHECK(contains(message([] { numbers_in("\xef\xbb\xbf\n"); }), "is empty"));
}

TEST_CASE("a table of 20 MB is read") {
  std::string text = "a,b\n";
  std::size_t rows = 0;
  for (; text.size() < std::size_t{20} << 20; ++rows) text += "1.25,-0.75\n";
  CHECK(numbers_in(text).size() == 2 * rows);
}

TEST_CASE("messages quote at most 200 bytes of a file, and whole characters") {
  const std::string said = message([] { numbers_in("a\n" + std::string(100'000, 'x') + "\n"); });
  CHECK(said.size() < 400);
  CHECK(contains(said, "xxx...\""));
  CHECK(shortened(std::string(199, 'x') + "\xc3\xa4") == std::string(199, 'x') + "...");
}

TEST_CASE("files that are none are refused, sparse ones by their size, pipes are read or given up") {
  constexpr std::size_t largest = std::size_t{1} << 20;
  const TemporaryPath path;
  const auto read = [&](const std::string& file) { return message([&] { read_text_file(file, largest); }); };
  CHECK(contains(read(path()), "there is no such file"));
  CHECK(contains(read("/"), "is a folder"));
  CHECK(contains(read("/dev/zero"), "not a regular file"));
  std::ofstream(path()).close();
  std::filesystem::resize_file(path(), std::uintmax_t{1} << 40);
  CHECK(contains(read(path()), "larger than 1 MiB"));
  std::filesystem::remove(path());

  REQUIRE(::mkfifo(path().c_str(), 0600) == 0);
  CHECK(contains(read(path()), "a pipe that no program writes into"));
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::ofstream(path()) << "text";
  });
  CHECK(read_text_file(path(), largest) == "text");
  writer.join();
  CHECK(contains(message([&] { require_regular_file(path()); }), "not a regular file"));
}
