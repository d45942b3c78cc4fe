// The files of the repository that are made of the program's own tables and fields.
//   bncollapse_reference SOURCE           writes them into the source folder
//   bncollapse_reference SOURCE --check   exit code 1 where one is not as it would be written
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/store_format.hpp"

namespace {

using namespace bncollapse;

/// Path -> text.
std::map<std::string, std::string> generated_files() {
  return {{"docs/SPEC.md", study::spec_reference()},
          {"docs/STORE.md", study::store_reference()},
          {"plots/field_labels.json", study::field_labels().dump(1) + "\n"},
          {"plots/store_format.json", study::store_formats().dump(1) + "\n"}};
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

int main(int argc, char** argv) {
  const bool is_check = argc == 3 && std::string(argv[2]) == "--check";
  if (argc != 2 && !is_check) {
    std::fputs("use: bncollapse_reference SOURCE [--check]\n", stderr);
    return 2;
  }
  int code = 0;
  for (const auto& [name, text] : generated_files()) {
    const std::filesystem::path path = std::filesystem::path(argv[1]) / name;
    if (text_of(path) == text) continue;
    if (is_check) {
      std::fprintf(stderr, "%s: is stale; run bncollapse_reference %s\n", name.c_str(), argv[1]);
      code = 1;
    } else if (!(std::ofstream(path, std::ios::binary) << text).flush()) {
      std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
      code = 3;
    }
  }
  return code;
}
