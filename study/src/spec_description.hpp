#pragma once

#include "description.hpp"

namespace bncollapse::study {

/// The whole spec. The sections that describe one experiment are `model`, `optimizer`, `initial`,
/// `simulation`.
const Description& spec_description();

/// A law of x: the object `model.x`.
Description law_description();

std::vector<std::string> law_names();
std::vector<std::string> noise_law_names();
std::vector<std::string> optimizer_names();

}  // namespace bncollapse::study
