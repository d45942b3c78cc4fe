#pragma once

#include <string>
#include <string_view>

namespace bncollapse::cli {

/// `text` for a terminal: control characters other than line ends and tabs, marks that turn the direction of
/// writing and bytes that are no UTF-8 are written out as \xNN, so that texts of others command no terminal.
std::string visible_text(std::string_view text);

}  // namespace bncollapse::cli
