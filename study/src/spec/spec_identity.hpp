#pragma once

#include "bncollapse/study/json.hpp"

namespace bncollapse::study {

/// What makes a resolved spec the experiment it is: tables by their SHA-256, wherever their files lie.
Json identity(Json resolved);

}  // namespace bncollapse::study
