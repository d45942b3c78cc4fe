// What several tests of the study share.
#pragma once

#include <string>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/spec.hpp"
#include "temporary_folder.hpp"

namespace bncollapse::study::testing {

using bncollapse::TemporaryFolder;

/// A small valid spec: two learning rates, one step, two checks.
Json small_spec();

/// Parses it as if it stood in spec.json.
Spec parse(const Json& spec);

/// The message of the InputError that `parse_spec` throws; empty where it throws none.
std::string input_error(const std::string& text);
std::string input_error(const Json& spec);

}  // namespace bncollapse::study::testing
