#include "bncollapse/theory/law.hpp"

#include "relative_error.hpp"
#include "support.hpp"
#include "temporary_folder.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;
using bncollapse::relative_error;

namespace {

LawPtr law_of(const nlohmann::json& row) {
  const LawName name = bncollapse::fields::enumerator_of<LawName>(row["law"].get<std::string>()).value();
  const double parameter = row["parameter"].get<double>();
  return make_law({.law = name, .dof = parameter, .shape = parameter});
}

/// A text file that lives as long as the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) { std::ofstream(path()) << text; }
  std::string path() const { return folder_ / "law.csv"; }

 private:
  bncollapse::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("density, tails and partial moments agree with high-precision quadrature, as ratios") {
  // references.json: tool and version in its first line.
  CHECK(references()["tool"].get<std::string>().starts_with("mpmath"));
  for (const auto& row : references()["moments"]) {
    const LawPtr law = law_of(row);
    const double u = row["u"].get<double>();
    CAPTURE(row.dump());
    const double tolerance = law->name() == LawName::gaussian ? 1e-12 : 1e-9;
    const auto compare = [&](double value, const nlohmann::json& text) {
      const double expected = number(text);
      // Below the smallest normal number a double has no relative accuracy.
      if (std::abs(expected) < 1e-300) {
        CHECK(std::abs(value) < 2e-300);
      } else {
        CAPTURE(value);
        CAPTURE(expected);
        CHECK(relative_error(value, expected) < tolerance);
      }
    };
    compare(law->pdf(u), row["pdf"]);
    if (!row["pdf_derivative"].is_null() && u != 0) compare(law->pdf_derivative(u), row["pdf_derivative"]);
    compare(law->survival(u), row["upper"][0]);
    compare(law->cdf(u), row["lower"][0]);
    for (int k = 0; k < 3; ++k) {
      compare(law->upper_moment(k, u), row["upper"][static_cast<std::size_t>(k)]);
      compare(law->lower_moment(k, u), row["lower"][static_cast<std::size_t>(k)]);
    }
    if (law->survival(u) > 1e-300 && law->survival(u) <= 0.5) {
      CHECK(std::abs(law->upper_quantile(number(row["upper"][0])) - u) <= 1e-9 * std::max(1.0, std::abs(u)));
    }
    if (law->cdf(u) > 1e-300 && law->cdf(u) <= 0.5) {
      CHECK(std::abs(law->quantile(number(row["lower"][0])) - u) <= 1e-9 * std::max(1.0, std::abs(u)));
    }
  }
}

TEST_CASE("every law has mean 0 and variance 1, and its two sides add up") {
  for (const LawPtr& law : all_laws()) {
    CAPTURE(bncollapse::fields::name_of(law->name()));
    for (double u : {-20.0, -1.7, -0.3, 0.0, 0.1, 1.0, 1.75, 4.0}) {
      CAPTURE(u);
      CHECK(relative_error(law->upper_moment(0, u) + law->lower_moment(0, u), 1) <= 1e-14);
      CHECK(std::abs(law->upper_moment(1, u) + law->lower_moment(1, u)) < 1e-12);
      CHECK(relative_error(law->upper_moment(2, u) + law->lower_moment(2, u), 1) <= 1e-14);
      CHECK(law->survival(u) == law->upper_moment(0, u));
      CHECK(law->cdf(u) == law->lower_moment(0, u));
    }
    CHECK(relative_error(law->upper_moment(0, -INFINITY), 1) <= 1e-15);
    CHECK(relative_error(law->upper_moment(2, -INFINITY), 1) <= 1e-15);
    CHECK(law->upper_moment(2, INFINITY) == 0);
    CHECK(law->lower_moment(1, -INFINITY) == 0);
    CHECK(law->pdf(INFINITY) == 0);
    CHECK(law->pdf_derivative(-INFINITY) == 0);
    for (double huge : {1e100, 1e200, 1e308}) {
      for (int k = 0; k < 3; ++k) CHECK(std::isfinite(law->upper_moment(k, huge)));
      for (int k = 0; k < 3; ++k) CHECK(std::isfinite(law->lower_moment(k, huge)));
      CHECK(std::isfinite(law->pdf_derivative(huge)));
    }
  }
}

TEST_CASE("the density is minus the survival function's slope, p' is the density's") {
  // Central differences of step h err by h^2/6 f''' + rounding/h.
  const double h = 1e-4;
  for (const LawPtr& law : all_laws()) {
    CAPTURE(bncollapse::fields::name_of(law->name()));
    for (double x : {-1.6, -0.7, -0.2, 0.3, 0.9, 1.3}) {
      CAPTURE(x);
      CHECK(relative_error(law->pdf(x), (law->cdf(x + h) - law->cdf(x - h)) / (2 * h)) <= 1e-7);
      CHECK(std::abs(law->pdf_derivative(x) - (law->pdf(x + h) - law->pdf(x - h)) / (2 * h)) < 1e-6);
    }
  }
}

TEST_CASE("even laws are symmetric, and reflecting the skew normal negates its shape") {
  for (const LawPtr& law : all_laws()) {
    if (!law->is_even()) continue;
    CAPTURE(bncollapse::fields::name_of(law->name()));
    for (double x : {0.2, 1.1, 6.0}) {
      CHECK(law->pdf(-x) == law->pdf(x));
      CHECK(law->pdf_derivative(-x) == -law->pdf_derivative(x));
      CHECK(relative_error(law->cdf(-x), law->survival(x)) < 1e-13);
      CHECK(relative_error(law->lower_moment(2, -x), law->upper_moment(2, x)) < 1e-13);
    }
  }
  const LawPtr right = make_skew_normal_law(3);
  const LawPtr left = make_skew_normal_law(-3);
  CHECK(left->parameter() == -3);
  CHECK_FALSE(left->is_even());
  for (double x : {-2.0, 0.0, 1.5}) {
    CHECK(left->pdf(x) == right->pdf(-x));
    CHECK(left->upper_moment(1, x) == -right->lower_moment(1, -x));
    CHECK(left->quantile(0.2) == -right->upper_quantile(0.2));
  }
  const LawPtr normal = make_skew_normal_law(0);
  CHECK(relative_error(normal->survival(7), make_gaussian_law()->survival(7)) < 1e-13);
}

TEST_CASE("quantiles invert the distribution function on both sides") {
  for (const LawPtr& law : all_laws()) {
    CAPTURE(bncollapse::fields::name_of(law->name()));
    CHECK(law->quantile(0) == law->support_lower());
    CHECK(law->quantile(1) == law->support_upper());
    CHECK(law->upper_quantile(0) == law->support_upper());
    CHECK(law->upper_quantile(1) == law->support_lower());
    for (double probability : {1e-300, 1e-100, 1e-20, 1e-5, 0.02, 0.3, 0.49999, 0.5, 0.6, 0.99}) {
      CAPTURE(probability);
      // x is rounded: the probability moves by p(x) |x| times the spacing of doubles.
      const double lower = law->quantile(probability);
      const double upper = law->upper_quantile(probability);
      const double spacing = 1e-15;
      CHECK(std::abs(law->cdf(lower) - probability) <=
            1e-11 * probability + spacing * std::abs(lower) * law->pdf(lower));
      CHECK(std::abs(law->survival(upper) - probability) <=
            1e-11 * probability + spacing * std::abs(upper) * law->pdf(upper));
    }
  }
}

TEST_CASE("edges of the uniform law and kinks take the mean of both sides") {
  const LawPtr uniform = make_uniform_law();
  const double edge = uniform->support_upper();
  const double density = 1 / (2 * std::sqrt(3.0));
  CHECK(relative_error(uniform->pdf(edge), density / 2) <= 1e-15);
  CHECK(relative_error(uniform->pdf(0.3), density) <= 1e-15);
  CHECK(uniform->pdf(std::nextafter(edge, 2)) == 0);
  CHECK(uniform->upper_moment(2, edge) == 0);
  CHECK(uniform->upper_moment(0, std::nextafter(edge, 0)) > 0);
  CHECK(uniform->lower_moment(2, 9) == 1);
  CHECK(make_laplace_law()->pdf_derivative(0) == 0);
}

TEST_CASE("an empirical law of one bin is the uniform law") {
  const LawPtr uniform = make_uniform_law();
  const LawPtr law = make_empirical_law({5, 6, 7, 9}, {2, 2, 4});
  for (double u : {-3.0, -1.7, -0.4, 0.0, 0.8, 1.72}) {
    CHECK(relative_error(law->pdf(u), uniform->pdf(u)) <= 1e-14);
    for (int k = 0; k < 3; ++k) {
      CHECK(relative_error(law->upper_moment(k, u), uniform->upper_moment(k, u)) <= 1e-13);
      CHECK(relative_error(law->lower_moment(k, u), uniform->lower_moment(k, u)) <= 1e-13);
    }
  }
  CHECK(relative_error(law->quantile(0.3), uniform->quantile(0.3)) <= 1e-14);
  CHECK(law->breakpoints().size() == 4);
  CHECK(rejected_argument([] { make_empirical_law({0}, {}); }) == "edges");
  CHECK(rejected_argument([] { make_empirical_law({0, 0}, {1}); }) == "edges");
  CHECK(rejected_argument([] { make_empirical_law({0, NAN}, {1}); }) == "edges");
  CHECK(rejected_argument([] { make_empirical_law({0, 1}, {1, 2}); }) == "weights");
  CHECK(rejected_argument([] { make_empirical_law({0, 1}, {0}); }) == "weights");
  CHECK(rejected_argument([] { make_empirical_law({0, 1}, {-1}); }) == "weights");
}

TEST_CASE("empirical laws are read from files, and bad files are named with their line") {
  const TemporaryFile histogram("lower,upper,count\n5,6,2\r\n6, 7 ,2\n\n7,9,4\n");
  CHECK(relative_error(read_empirical_law(histogram.path())->pdf(0.1), make_uniform_law()->pdf(0.1)) <=
        1e-14);

  std::string sample = "x\n";
  for (int i = 0; i <= 1000; ++i) sample += std::to_string(3 + 0.002 * i) + "\n";
  const TemporaryFile uniform_sample(sample);
  const LawPtr law = make_law({.law = LawName::empirical, .file = uniform_sample.path()});
  for (double x : {-1.5, 0.0, 1.2}) CHECK(relative_error(law->cdf(x), make_uniform_law()->cdf(x)) <= 1e-13);

  // Values rounded to whole numbers: each stands for half a unit to both sides.
  const TemporaryFile rounded_sample("x\n-2\n-1\n-1\n-1\n-1\n0\n0\n0\n0\n0\n0\n1\n1\n1\n1\n2\n");
  const LawPtr rounded = read_empirical_law(rounded_sample.path());
  CHECK(rounded->is_even());
  // The variance of the 16 values is 1, that of a cell 1/12.
  const double unit = 1 / std::sqrt(1 + 1.0 / 12);
  CHECK(relative_error(rounded->cdf(-0.5 * unit), 5.0 / 16) < 1e-14);
  CHECK(relative_error(rounded->cdf(0.5 * unit), 11.0 / 16) < 1e-14);
  CHECK(relative_error(rounded->pdf(0.1), 6.0 / 16 / unit) < 1e-14);

  // A normal sample is hardly changed by rounding it to a tenth of its standard deviation.
  std::string fine = "x\n", coarse = "x\n";
  for (int i = 0; i < 4000; ++i) {
    const double x = make_gaussian_law()->quantile((i + 0.5) / 4000);
    fine += std::to_string(x) + "\n";
    coarse += std::to_string(std::round(10 * x) / 10) + "\n";
  }
  const TemporaryFile fine_sample(fine), coarse_sample(coarse);
  const LawPtr fine_law = read_empirical_law(fine_sample.path());
  const LawPtr coarse_law = read_empirical_law(coarse_sample.path());
  for (double x : {-2.0, -1.0, -0.3, 0.0, 0.7, 1.5}) {
    CAPTURE(x);
    CHECK(std::abs(fine_law->cdf(x) - coarse_law->cdf(x)) < 0.01);
  }

  const auto message = [](const std::string& text) -> std::string {
    const TemporaryFile file(text);
    try {
      read_empirical_law(file.path());
    } catch (const InvalidArgument& error) {
      CHECK(error.argument() == "file");
      CHECK(std::string(error.what()).find(file.path()) != std::string::npos);
      return error.what();
    }
    return "accepted";
  };
  CHECK(message("").find("is empty") != std::string::npos);
  CHECK(message("a,b\n1,2\n").find("line 1: the header is \"a,b\"") != std::string::npos);
  CHECK(message("lower,upper,count\n").find("no bins") != std::string::npos);
  CHECK(message("lower,upper,count\n0,1,2\n1,2\n").find("line 3: has 2 fields") != std::string::npos);
  CHECK(message("lower,upper,count\n0,1,2\n1.5,2,1\n").find("line 3: lower is 1.5") != std::string::npos);
  CHECK(message("lower,upper,count\n0,1,-2\n").find("line 2: count is negative") != std::string::npos);
  CHECK(message("lower,upper,count\n1,0,2\n").find("line 2: lower must lie below upper") !=
        std::string::npos);
  CHECK(message("lower,upper,count\n0,1,0\n").find("all counts are 0") != std::string::npos);
  CHECK(message("x\n1\ntwo\n").find("line 3: \"two\" is not a finite number") != std::string::npos);
  std::string atom = "x\n";
  for (int i = 0; i < 1000; ++i) atom += (i < 400 ? "0" : std::to_string(0.01 * (i - 700) + 0.005)) + "\n";
  CHECK(message(atom).find("the value 0 comes 400 times among 1000") != std::string::npos);
  CHECK(message("x\n1\nnan\n").find("line 3: \"nan\" is not a finite number") != std::string::npos);
  CHECK(message("x\n1\n").find("at least 2 values") != std::string::npos);
  CHECK(message("x\n1\n1\n").find("all values are equal") != std::string::npos);
  CHECK(rejected_argument([] { read_empirical_law("/nonexistent/x.csv"); }) == "file");
}

TEST_CASE("law names go both ways") {
  for (const LawPtr& law : all_laws())
    CHECK(bncollapse::fields::enumerator_of<LawName>(bncollapse::fields::name_of(law->name())) ==
          law->name());
  CHECK_FALSE(bncollapse::fields::enumerator_of<LawName>("normal"));
}

TEST_CASE("skewed laws have a quantile for every probability, whatever their shape") {
  for (int i = -600; i <= 600; ++i) {
    const LawPtr law = make_skew_normal_law(0.01 * i + 1e-4);
    for (const double probability : {1e-12, 1e-6, 1e-3, 0.5}) {
      CAPTURE(i);
      CAPTURE(probability);
      CHECK(relative_error(law->cdf(law->quantile(probability)), probability) <= 1e-12);
      CHECK(relative_error(law->survival(law->upper_quantile(probability)), probability) <= 1e-12);
    }
  }
}
