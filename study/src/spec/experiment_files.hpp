#pragma once

#include <string>

#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/study/json.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// Puts the absolute path and the SHA-256 of every file that a resolved spec names (`model.x.file`,
/// `initial.file`) into `given`. Relative paths start from the spec's folder. Throws InputError where a file
/// is missing or is not the one whose SHA-256 the spec gives.
void locate_files(const Json& resolved, Json& given, const Place& place);

/// Reads (gamma, beta) pairs from a CSV file with the header gamma,beta. Throws InputError with file and
/// line.
sim::InitialTable read_initial_table(const std::string& path);

}  // namespace bncollapse::study
