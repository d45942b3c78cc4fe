#pragma once

#include "description.hpp"

namespace bncollapse::study {

/// A spec of networks that are trained. The sections that describe one training are `data`, `network`,
/// `optimizer`, `training`, `record`.
const Description& network_description();

}  // namespace bncollapse::study
