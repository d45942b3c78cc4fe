#include "spec/read_json.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/text_file.hpp"

namespace bncollapse::study {
namespace {

/// Deeper than any spec; what handles a document recurses.
constexpr std::size_t deepest = 64;

std::string line_and_column(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (const char c : text.substr(0, byte)) {
    if (c == '\n') ++line, column = 1;
    // A UTF-8 continuation byte belongs to the column before.
    else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
      ++column;
  }
  return fmt::format("line {}, column {}", line, column);
}

/// nlohmann's messages read "[json.exception.parse_error.101] parse error at line 1, column 2: REASON".
std::string reason(std::string_view message) {
  const auto colon = message.find(": ");
  return std::string(colon == std::string_view::npos ? message : message.substr(colon + 2));
}

/// Follows the parser's events and refuses a key that its object holds already, and what nests too deep.
class EventChecks {
 public:
  explicit EventChecks(std::string file) : file_(std::move(file)) {}

  bool operator()(int, Json::parse_event_t event, Json& value) {
    using Event = Json::parse_event_t;
    switch (event) {
      case Event::object_start:
      case Event::array_start:
        next_element();
        if (frames_.size() == deepest) {
          throw InputError(fmt::format("{}: {}: nests deeper than {} levels; no spec does", file_,
                                       theory::shortened(path()), deepest));
        }
        frames_.push_back({.is_array = event == Event::array_start, .keys = {}, .key = {}, .index = -1});
        break;
      case Event::object_end:
      case Event::array_end:
        frames_.pop_back();
        break;
      case Event::key:
        frames_.back().key = value.get<std::string>();
        if (!frames_.back().keys.insert(frames_.back().key).second) {
          throw InputError(
              fmt::format("{}: {}: stands twice; keep one of them", file_, theory::shortened(path())));
        }
        break;
      case Event::value:
        next_element();
        break;
    }
    return true;
  }

 private:
  struct Frame {
    bool is_array;
    std::set<std::string> keys;
    std::string key;
    long index;
  };

  void next_element() {
    if (!frames_.empty() && frames_.back().is_array) ++frames_.back().index;
  }

  std::string path() const {
    std::string text;
    for (const Frame& frame : frames_) {
      if (frame.is_array)
        text += fmt::format("[{}]", frame.index);
      else
        text += (text.empty() ? "" : ".") + frame.key;
    }
    return text;
  }

  std::string file_;
  std::vector<Frame> frames_;
};

}  // namespace

Json read_json(std::string_view text, const std::string& file) {
  try {
    return Json::parse(text, EventChecks(file));
  } catch (const Json::parse_error& error) {
    const std::size_t byte = error.byte > 0 ? error.byte - 1 : 0;
    throw InputError(fmt::format("{}: {}: not JSON: {}", file, line_and_column(text, byte),
                                 theory::shortened(reason(error.what()))));
  } catch (const Json::out_of_range& error) {
    const std::string_view message = error.what();
    const auto open = message.find('\''), close = message.rfind('\'');
    const auto number = message.substr(open + 1, close - open - 1);
    throw InputError(fmt::format("{}: {}: {} is too large for a number of 64 bits", file,
                                 line_and_column(text, text.find(number)), theory::shortened(number)));
  }
}

}  // namespace bncollapse::study
