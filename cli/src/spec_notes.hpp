#pragma once

#include "bncollapse/study/spec.hpp"

namespace bncollapse::cli {

/// Tells, on stderr, what the program calls otherwise than the spec's file.
void tell_notes(const study::Spec& spec);

}  // namespace bncollapse::cli
