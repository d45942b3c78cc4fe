// Tables of numbers: an empirical law (a histogram or a sample) and a table of initial pairs.
#include <cmath>
#include <cstdlib>
#include <limits>

#include "bncollapse/study/errors.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "bncollapse/theory/law.hpp"
#include "bytes.hpp"
#include "spec/experiment_files.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// What a law promises wherever it is asked.
void require_law(const theory::Law& law) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  require(law.support_lower() < law.support_upper());
  for (const double x : {-infinity, law.support_lower(), -1.0, 0.0, 0.5, law.support_upper(), infinity}) {
    require(law.pdf(x) >= 0);
    require(!std::isnan(law.pdf_derivative(x)));
    require(law.cdf(x) >= 0 && law.cdf(x) <= 1);
    require(std::abs(law.cdf(x) + law.survival(x) - 1) < 1e-9);
    for (int k = 0; k <= 2; ++k) require(std::isfinite(law.upper_moment(k, x) + law.lower_moment(k, x)));
  }
  require(std::abs(law.upper_moment(0, -infinity) - 1) < 1e-6);
  require(std::abs(law.upper_moment(1, -infinity)) < 1e-6);
  require(std::abs(law.upper_moment(2, -infinity) - 1) < 1e-6);
  for (const double probability : {0.0, 1e-300, 0.25, 0.5, 1.0}) {
    require(std::isfinite(law.quantile(probability)));
    require(std::isfinite(law.upper_quantile(probability)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TemporaryFolder folder;
  const std::string path = folder / "table.csv";
  fuzz::write_file(path, fuzz::text_of(data, size));
  try {
    require_law(*theory::read_empirical_law(path));
  } catch (const theory::InvalidArgument&) {
  }
  try {
    const sim::InitialTable table = study::read_initial_table(path);
    require(!table.gamma.empty() && table.gamma.size() == table.beta.size());
    for (const double gamma : table.gamma) require(std::isfinite(gamma));
    for (const double beta : table.beta) require(std::isfinite(beta));
  } catch (const study::InputError&) {
  }
  return 0;
}
