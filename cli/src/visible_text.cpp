#include "visible_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace bncollapse::cli {
namespace {

/// A character of UTF-8: its length in bytes and its code point; length 0 where the bytes are none.
struct Character {
  std::size_t length = 0;
  char32_t code = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xe ? 3 : lead >> 3 == 0x1e ? 4 : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t code = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  return {length, code};
}

bool is_visible(char32_t code) {
  if (code == '\n' || code == '\t') return true;
  const bool is_control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool turns = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  return !is_control && !turns;
}

}  // namespace

std::string visible_text(std::string_view text) {
  std::string visible;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::size_t length = std::max<std::size_t>(character.length, 1);
    if (character.length > 0 && is_visible(character.code)) {
      visible += text.substr(0, length);
    } else {
      for (const char c : text.substr(0, length))
        visible += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    text.remove_prefix(length);
  }
  return visible;
}

}  // namespace bncollapse::cli
