#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// Puts the names of this version in place of those that a spec of version 1 has, and this version's number
/// in place of its own. Specs of other versions stay as they are.
/// @return a line for each key or value that has another name now
std::vector<std::string> upgrade(Json& spec);

/// "; NAME is called ANOTHER since version 2" for each name of version 1 in `spec`, of another version, that
/// `message` is about; else an empty text.
std::string hint_of_old_names(const Json& spec, const std::string& message);

}  // namespace bncollapse::study
