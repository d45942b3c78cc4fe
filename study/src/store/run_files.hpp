#pragma once

#include <filesystem>
#include <string>

#include "bncollapse/study/store.hpp"

namespace bncollapse::study {

/// Here, now and with this build.
RunEnvironment run_environment(std::string engine);

/// With the folders above it. Throws RunError.
void create_folder(const std::filesystem::path& folder);

/// Whether anything has that name, or may have it where nobody may look. Throws nothing.
bool is_there(const std::filesystem::path& path);

/// Written beside its place and then moved there, so that it is there whole or not at all. Throws RunError.
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace bncollapse::study
