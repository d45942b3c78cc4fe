#include "experiment_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "bncollapse/study/errors.hpp"
#include "read_json.hpp"
#include "sha256.hpp"

namespace bncollapse::study {
namespace {

void locate(const Json& section, Json& given, const Place& place) {
  const auto name = section.at("file").get<std::string>();
  if (name.empty()) place.key("file").fail("is empty; it must name a CSV file");
  const auto folder = std::filesystem::absolute(place.file).parent_path();
  const std::string path = (folder / name).lexically_normal().string();
  std::string digest;
  try {
    digest = sha256(read_text_file(path));
  } catch (const InputError& error) {
    place.key("file").fail(fmt::format("names a file that cannot be used: {}", error.what()));
  }
  if (section.contains("sha256") && section.at("sha256").get_ref<const std::string&>() != digest) {
    place.key("sha256").fail(fmt::format("is {}, but that of {} is {}; it is another file",
                                         section.at("sha256").dump(), path, digest));
  }
  given["file"] = path;
  given["sha256"] = digest;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Reads a finite number that is the whole text; false where it is none.
bool read_number(std::string_view text, double& value) {
  const std::string_view digits = trimmed(text);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && std::isfinite(value);
}

}  // namespace

void locate_files(const Json& resolved, Json& given, const Place& place) {
  const Json& law = resolved.at("model").at("x");
  if (law.at("law") == "empirical") locate(law, given["model"]["x"], place.key("model").key("x"));
  const Json& initial = resolved.at("initial");
  if (initial.at("kind") == "table") locate(initial, given["initial"], place.key("initial"));
}

sim::InitialTable read_initial_table(const std::string& path) {
  std::istringstream lines(read_text_file(path));
  sim::InitialTable table;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1) {
      if (line != "gamma,beta") {
        throw InputError(fmt::format("{}: line 1: is \"{}\"; it must be the header gamma,beta", path, line));
      }
      continue;
    }
    if (line.empty()) continue;
    const auto comma = line.find(',');
    double gamma = 0, beta = 0;
    const bool has_both = comma != std::string::npos &&
                          read_number(std::string_view(line).substr(0, comma), gamma) &&
                          read_number(std::string_view(line).substr(comma + 1), beta);
    if (!has_both) {
      throw InputError(fmt::format("{}: line {}: is \"{}\"; it must be two finite numbers gamma,beta", path,
                                   number, line));
    }
    table.gamma.push_back(gamma);
    table.beta.push_back(beta);
  }
  if (table.gamma.empty())
    throw InputError(path + ": has no rows below its header; it must have at least one");
  return table;
}

}  // namespace bncollapse::study
