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

/// A value of a sample, how often it comes, and the interval that it stands for.
struct Cell {
  double value;
  double count;
  double lower;
  double upper;
};

/// Each distinct value stands for the interval between the midpoints to its neighbours, the outermost ones
/// for as much outwards as inwards: values rounded to a grid are spread over what rounding took them from.
std::vector<Cell> cells_of(const std::vector<double>& sorted) {
  std::vector<Cell> cells;
  for (const double value : sorted) {
    if (cells.empty() || cells.back().value != value) cells.push_back({value, 0, value, value});
    ++cells.back().count;
  }
  for (std::size_t i = 1; i < cells.size(); ++i)
    cells[i - 1].upper = cells[i].lower = cells[i - 1].value + (cells[i].value - cells[i - 1].value) / 2;
  cells.front().lower -= cells.front().upper - cells.front().value;
  cells.back().upper += cells.back().value - cells.back().lower;
  return cells;
}

/// Bins of at least the sample's size over twice its cube root (Rice's rule), made of whole cells. A value
/// that fills a bin alone has one of its own; it is refused where it stands out of both neighbours as no
/// rounding of a density would.
LawPtr read_sample(TableFile& table) {
  constexpr double largest_step = 20;
  std::vector<double> sample;
  for (std::vector<double> row; table.next(row);) sample.push_back(row.front());
  if (sample.size() < 2) table.fail("a sample needs at least 2 values");
  std::sort(sample.begin(), sample.end());
  if (sample.front() == sample.back()) table.fail("all values are equal; a law needs a positive variance");

  const double count = static_cast<double>(sample.size());
  const double full = count / std::ceil(2 * std::cbrt(count));
  const std::vector<Cell> cells = cells_of(sample);
  std::vector<double> edges{cells.front().lower};
  std::vector<double> weights;
  std::vector<const Cell*> alone;  // the cell that is a bin of its own
  double held = 0;
  const auto close = [&](double upper, const Cell* cell) {
    edges.push_back(upper);
    weights.push_back(held);
    alone.push_back(cell);
    held = 0;
  };
  for (const Cell& cell : cells) {
    const bool fills = cell.count > 1 && cell.count >= full;
    if (fills && held > 0) close(cell.lower, nullptr);
    held += cell.count;
    if (held >= full) close(cell.upper, fills ? &cell : nullptr);
  }
  if (held > 0) {
    if (weights.empty() || alone.back() != nullptr) {
      close(cells.back().upper, nullptr);
    } else {
      edges.back() = cells.back().upper;
      weights.back() += held;
    }
  }

  const auto density = [&](std::size_t bin) { return weights[bin] / (edges[bin + 1] - edges[bin]); };
  for (std::size_t bin = 0; bin < weights.size(); ++bin) {
    if (alone[bin] == nullptr || weights.size() < 2) continue;
    const double before = bin > 0 ? density(bin - 1) : 0;
    const double after = bin + 1 < weights.size() ? density(bin + 1) : 0;
    if (density(bin) <= largest_step * std::max(before, after)) continue;
    table.fail_as_a_whole("the value " + to_text(alone[bin]->value) + " comes " + to_text(weights[bin]) +
                          " times among " + to_text(count) +
                          ", far more often than its neighbours: x has an atom there, which a density cannot "
                          "hold; leave these values out, or give a histogram (header " +
                          quoted(histogram_header) + ") with bins of your own");
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
