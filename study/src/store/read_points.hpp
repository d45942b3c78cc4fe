// Rows of tables, given to the points that they belong to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "store/table.hpp"

namespace bncollapse::study {

/// Calls `visit(point, row)` for each row of one of the points. They are sorted by `index_of(point)`.
template <class Row, class Point, class Visit>
void for_each_row_of(std::vector<Point>& points, SQLite::Database& database, std::string_view clause,
                     const Visit& visit) {
  for_each_row<Row>(database, clause, [&](Row& row) {
    const auto point =
        std::lower_bound(points.begin(), points.end(), row.point,
                         [](const Point& stored, std::int64_t index) { return index_of(stored) < index; });
    if (point != points.end() && index_of(*point) == row.point) visit(*point, row);
  });
}

}  // namespace bncollapse::study
