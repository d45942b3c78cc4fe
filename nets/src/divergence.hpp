#pragma once

#include <cstdint>

#include "training_state.hpp"

namespace bncollapse::nets {

/// Throws TrainingError naming the step and the first layer whose output is not finite.
/// @param position  of the step in the epoch under way, from 0; the parameters are those before it
/// @param loss      of this step, not finite
[[noreturn]] void throw_diverged(const TrainingState& state, std::int64_t position, float loss);

}  // namespace bncollapse::nets
