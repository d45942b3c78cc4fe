#include <algorithm>
#include <cmath>
#include <string_view>

#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/text_file.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

constexpr std::string_view histogram_header = "lower,upper,count";
constexpr std::string_view sample_header = "x";

LawPtr read_histogram(TableFile& table) {
  std::vector<double> edges;
  std::vector<double> weights;
  for (std::vector<double> row; table.next(row);) {
    if (!(row[0] < row[1])) table.fail("lower must lie below upper");
    if (edges.empty()) edges.push_back(row[0]);
    if (row[0] != edges.back()) {
      table.fail("lower is " + to_text(row[0]) + ", the bin before it ends at " + to_text(edges.back()) +
                 "; bins must be contiguous");
    }
    if (row[2] < 0) table.fail("count is negative");
    edges.push_back(row[1]);
    weights.push_back(row[2]);
  }
  if (weights.empty()) table.fail("no bins follow the header");
  if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; })) {
    table.fail("all counts are 0; at least one must be positive");
  }
  return make_empirical_law(std::move(edges), std::move(weights));
}

/// Bins of about equal counts, twice the cube root of the sample's size of them (Rice's rule), with edges at
/// sample values; equal edges are merged.
LawPtr read_sample(TableFile& table) {
  std::vector<double> sample;
  for (std::vector<double> row; table.next(row);) sample.push_back(row.front());
  if (sample.size() < 2) table.fail("a sample needs at least 2 values");
  std::sort(sample.begin(), sample.end());
  if (sample.front() == sample.back()) table.fail("all values are equal; a law needs a positive variance");

  const double count = static_cast<double>(sample.size());
  const auto bins = static_cast<std::size_t>(std::ceil(2 * std::cbrt(count)));
  std::vector<double> edges{sample.front()};
  std::vector<double> weights;
  std::size_t last = 0;
  for (std::size_t i = 1; i <= bins; ++i) {
    const std::size_t rank = i * (sample.size() - 1) / bins;
    if (sample[rank] > edges.back()) {
      edges.push_back(sample[rank]);
      weights.push_back(static_cast<double>(rank - last));
      last = rank;
    }
  }
  return make_empirical_law(std::move(edges), std::move(weights));
}

}  // namespace

LawPtr read_empirical_law(const std::string& path) {
  try {
    TableFile table(path);
    if (table.header() == histogram_header) return read_histogram(table);
    if (table.header() == sample_header) return read_sample(table);
    table.fail("the header is " + quoted(table.header()) + "; it must be " + quoted(histogram_header) +
               " or " + quoted(sample_header));
  } catch (const FileError& error) {
    throw InvalidArgument("file", std::string("cannot be used: ") + error.what());
  }
}

}  // namespace bncollapse::theory
