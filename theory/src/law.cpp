#include "bncollapse/theory/law.hpp"

#include <sstream>

#include "require.hpp"

namespace bncollapse::theory {

std::string to_text(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

LawPtr make_law(const LawDescription& description) {
  switch (description.law) {
    case LawName::gaussian:
      return make_gaussian_law();
    case LawName::laplace:
      return make_laplace_law();
    case LawName::logistic:
      return make_logistic_law();
    case LawName::uniform:
      return make_uniform_law();
    case LawName::student_t:
      return make_student_t_law(description.dof);
    case LawName::skew_normal:
      return make_skew_normal_law(description.shape);
    case LawName::empirical:
      return read_empirical_law(description.file);
  }
  throw InvalidArgument("law", "is not a member of LawName");
}

}  // namespace bncollapse::theory
