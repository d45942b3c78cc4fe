#include "bncollapse/nets/collapse.hpp"

#include <doctest/doctest.h>

#include "bncollapse/theory/invalid_argument.hpp"
#include "relative_error.hpp"

using namespace bncollapse::nets;
using bncollapse::relative_error;

namespace {

// Two convolutions in a chain, then a linear layer that reads 4 positions of each of the second's filters.
const std::vector<LayerShape> shapes{{.name = "a",
                                      .inputs = 3,
                                      .outputs = 4,
                                      .kernel = 9,
                                      .positions = 16,
                                      .input_layer = -1,
                                      .normalised = true},
                                     {.name = "b",
                                      .inputs = 4,
                                      .outputs = 5,
                                      .kernel = 9,
                                      .positions = 4,
                                      .input_layer = 0,
                                      .normalised = true},
                                     {.name = "c",
                                      .inputs = 5,
                                      .outputs = 10,
                                      .kernel = 4,
                                      .positions = 1,
                                      .input_layer = 1,
                                      .normalised = false}};

std::vector<LayerRecord> records_with(double gamma, double maximum) {
  return {{.layer = "a", .channels = {{.gamma = gamma, .maximum = maximum}, {.gamma = 1, .maximum = 1}}}};
}

}  // namespace

TEST_CASE("a filter collapses strictly below the threshold, by either sign of gamma or by its maximum") {
  CHECK(collapsed_filters(records_with(0.009, 5), criterion::small_gamma_1e2) == FilterMarks{{true, false}});
  CHECK(collapsed_filters(records_with(-0.009, 5), criterion::small_gamma_1e2) == FilterMarks{{true, false}});
  CHECK(collapsed_filters(records_with(1e-2, 5), criterion::small_gamma_1e2) == FilterMarks{{false, false}});
  CHECK(collapsed_filters(records_with(1, 0), criterion::inactive) == FilterMarks{{true, false}});
  CHECK(collapsed_filters(records_with(0, 1e-12), criterion::inactive) == FilterMarks{{false, false}});
}

TEST_CASE("multiplications are counted by hand, a removed filter takes its reader's weights with it") {
  CHECK(multiplications(shapes) == 3 * 4 * 9 * 16 + 4 * 5 * 9 * 4 + 5 * 10 * 4);
  const FilterMarks marks{{true, false, false, false}, {true, true, false, false, false}};
  CHECK(multiplications(shapes, marks) == 3 * 3 * 9 * 16 + 3 * 3 * 9 * 4 + 3 * 10 * 4);
  const Collapse result = collapse(shapes, marks);
  CHECK(result.layer_shares == std::vector<double>{0.25, 0.4});
  CHECK(relative_error(result.share, 3.0 / 9) <= 1e-14);
  CHECK(relative_error(result.flops_removed, 1 - 1740.0 / 2648) <= 1e-14);
}

TEST_CASE("marks that do not fit the network are refused") {
  CHECK_THROWS_AS(multiplications(shapes, {{true, false, false, false}}),
                  bncollapse::theory::InvalidArgument);
  CHECK_THROWS_AS(multiplications(shapes, {{true}, {true}}), bncollapse::theory::InvalidArgument);
}
