#pragma once

#include <filesystem>

namespace bncollapse::cli {

/// The program of the verbs that need LibTorch, beside this one: loading LibTorch takes a third of a second,
/// which the other verbs need not wait for. Where this was built without LibTorch, there is no such file.
std::filesystem::path networks_program();

}  // namespace bncollapse::cli
