#pragma once

#include <string>
#include <string_view>
#include <type_traits>

namespace bncollapse::fields {

/// A number in a message: an integer in all its digits, others with up to ten: "0.001", "1e+12".
std::string number_text(double value);

/// A text for a cell of a Markdown table, which a `|` would end.
std::string markdown_cell(std::string_view text);

/// Texts and numbers after one another.
template <class... Parts>
std::string text_of(const Parts&... parts) {
  std::string text;
  const auto append = [&]<class Part>(const Part& part) {
    if constexpr (std::is_integral_v<Part>)
      text.append(std::to_string(part));
    else if constexpr (std::is_floating_point_v<Part>)
      text.append(number_text(part));
    else
      text.append(std::string_view(part));
  };
  (append(parts), ...);
  return text;
}

}  // namespace bncollapse::fields
