#include "bncollapse/theory/law.hpp"

#include <array>
#include <sstream>
#include <utility>

#include "require.hpp"

namespace bncollapse::theory {

namespace {

constexpr std::array<std::pair<LawName, std::string_view>, 7> law_names{{
    {LawName::gaussian, "gaussian"},
    {LawName::laplace, "laplace"},
    {LawName::logistic, "logistic"},
    {LawName::uniform, "uniform"},
    {LawName::student_t, "student_t"},
    {LawName::skew_normal, "skew_normal"},
    {LawName::empirical, "empirical"},
}};

}  // namespace

std::string to_text(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

std::string_view to_string(LawName name) {
  for (const auto& [law, text] : law_names) {
    if (law == name) return text;
  }
  throw InvalidArgument("law", "is no member of LawName");
}

std::optional<LawName> law_name_from_string(std::string_view text) {
  for (const auto& [law, name] : law_names) {
    if (name == text) return law;
  }
  return std::nullopt;
}

LawPtr make_law(const LawDescription& description) {
  switch (description.name) {
    case LawName::gaussian:
      return make_gaussian_law();
    case LawName::laplace:
      return make_laplace_law();
    case LawName::logistic:
      return make_logistic_law();
    case LawName::uniform:
      return make_uniform_law();
    case LawName::student_t:
      return make_student_t_law(description.degrees_of_freedom);
    case LawName::skew_normal:
      return make_skew_normal_law(description.shape);
    case LawName::empirical:
      return read_empirical_law(description.file);
  }
  throw InvalidArgument("law", "is no member of LawName");
}

}  // namespace bncollapse::theory
