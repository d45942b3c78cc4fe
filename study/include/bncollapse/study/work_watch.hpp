#pragma once

#include "bncollapse/theory/pause.hpp"

namespace bncollapse::study {

using theory::WorkWatch;

}  // namespace bncollapse::study
