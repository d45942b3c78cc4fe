#pragma once

#include <nlohmann/json.hpp>

namespace bncollapse::study {

/// JSON whose keys keep their order: resolved specs list their fields in the order of their schema.
using Json = nlohmann::ordered_json;

}  // namespace bncollapse::study
