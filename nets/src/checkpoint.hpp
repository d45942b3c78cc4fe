#pragma once

#include <filesystem>

#include "bncollapse/nets/trainer.hpp"
#include "training_state.hpp"

namespace bncollapse::nets {

/// Copies of what the training goes on from.
Checkpoint take_checkpoint(TrainingState& state);

/// Puts the training where its checkpoint stands; rounds may differ. Throws FileError where the file is none
/// of this training, and then leaves the training as it is.
void load_checkpoint(const std::filesystem::path& path, TrainingState& state);

}  // namespace bncollapse::nets
