#include "spec/read_json.hpp"

#include <doctest/doctest.h>

#include <string>

#include "bncollapse/study/errors.hpp"

using namespace bncollapse::study;

namespace {

std::string message(const std::string& text) {
  try {
    read_json(text, "f.json");
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

bool starts(const std::string& text, const std::string& start) { return text.rfind(start, 0) == 0; }

}  // namespace

TEST_CASE("syntax errors name line and column") {
  CHECK(starts(message("{\n  \"a\": 1,\n  oops\n}"), "f.json: line 3, column 3: "));
  CHECK(starts(message("{\"a\": NaN}"), "f.json: line 1, column 7: "));
  CHECK(starts(message("{\"ä\": ]"), "f.json: line 1, column 7: "));
  CHECK(starts(message(""), "f.json: line 1, column 1: "));
  CHECK(starts(message("{\"a\": 1} x"), "f.json: line 1, column 10: "));
}

TEST_CASE("a number beyond the doubles is refused where it stands") {
  CHECK(message("{\n \"a\": 1e999}") ==
        "f.json: line 2, column 7: 1e999 is too large for a number of 64 bits");
}

TEST_CASE("a key that stands twice is refused with its path") {
  CHECK(message(R"({"a": {"b": [1, {"c": 1, "c": 2}]}})") ==
        "f.json: a.b[1].c: stands twice; keep one of them");
  CHECK(message(R"([[0], {"k": [{"x": 1}, {"x": 1}], "k": 2}])") ==
        "f.json: [1].k: stands twice; keep one of them");
  CHECK(message(R"({"a": {"c": 1}, "b": {"c": 2}})").empty());
}

TEST_CASE("what nests too deep is refused where it does, a byte-order mark is none of the text") {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK(message(nested(64)).empty());
  CHECK(starts(message(nested(65)), "f.json: [0][0]"));
  CHECK(message("\xef\xbb\xbf{}").empty());
}
