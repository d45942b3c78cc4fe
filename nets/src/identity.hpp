#pragma once

#include <nlohmann/json.hpp>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/training.hpp"

namespace bncollapse::nets {

/// All that decides the numbers of a training, but for how many rounds it goes on: what a checkpoint belongs
/// to.
nlohmann::json identity(const Training& training, const TrainAndTest& data);

}  // namespace bncollapse::nets
