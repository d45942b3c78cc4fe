#include "spec/experiment_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <vector>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "spec/sha256.hpp"

namespace bncollapse::study {
namespace {

void locate(const Json& section, Json& given, const Place& place) {
  const auto name = section.at("file").get<std::string>();
  if (name.empty()) place.key("file").fail("is empty; it must name a CSV file");
  if (name.find('\0') != std::string::npos) place.key("file").fail("holds a NUL, which no file's name does");
  const auto folder = std::filesystem::absolute(place.file).parent_path();
  const std::string path = (folder / name).lexically_normal().string();
  std::string digest;
  try {
    theory::require_regular_file(path);
    digest = sha256(theory::read_text_file(path, theory::largest_table));
  } catch (const theory::FileError& error) {
    place.key("file").fail(fmt::format("names a file that cannot be used: {}", error.what()));
  }
  if (section.contains("sha256") && section.at("sha256").get_ref<const std::string&>() != digest) {
    place.key("sha256").fail(fmt::format("is {}, but that of {} is {}; it is another file",
                                         section.at("sha256").dump(), path, digest));
  }
  given["file"] = path;
  given["sha256"] = digest;
}

}  // namespace

void locate_files(const Json& resolved, Json& given, const Place& place) {
  const Json& law = resolved.at("model").at("x");
  if (law.at("law") == "empirical") locate(law, given["model"]["x"], place.key("model").key("x"));
  const Json& initial = resolved.at("initial");
  if (initial.at("kind") == "table") locate(initial, given["initial"], place.key("initial"));
}

sim::InitialTable read_initial_table(const std::string& path) {
  constexpr std::string_view header = "gamma,beta";
  try {
    theory::TableFile file(path);
    if (file.header() != header)
      file.fail(fmt::format("the header is {}; it must be {}", theory::quoted(file.header()), header));
    sim::InitialTable table;
    for (std::vector<double> row; file.next(row);) {
      table.gamma.push_back(row[0]);
      table.beta.push_back(row[1]);
    }
    if (table.gamma.empty()) file.fail("has no rows below it; there must be at least one");
    return table;
  } catch (const theory::FileError& error) {
    throw InputError(error.what());
  }
}

}  // namespace bncollapse::study
