#include "spec/sweep.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "bncollapse/study/point.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::study;
using namespace bncollapse::study::testing;
using bncollapse::relative_error;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Json swept(const std::vector<Json>& axes, const std::string& mode = "grid") {
  Json spec = small_spec();
  spec["checks"] = Json::array();
  spec["sweep"] = {{"mode", mode}, {"axes", axes}};
  return spec;
}

Json axis(const std::string& field, const Json& values) { return {{"field", field}, {"values", values}}; }

}  // namespace

TEST_CASE("a point is resolved without what is said of the sweep as a whole, and has all else") {
  Json given = small_spec();
  given["curves"] = {{{"curve", "activation_probability"}}};
  const Json common = common_to_points(given);
  for (const char* key : {"sweep", "checks", "curves"}) {
    CHECK(given.contains(key));
    CHECK_FALSE(common.contains(key));
    given.erase(key);
  }
  CHECK(common == given);
}

TEST_CASE("a grid holds every combination, the last axis fastest") {
  const auto points =
      parse(swept({axis("initial.gamma", {1, 2}), axis("optimizer.learning_rate", {0.1, 0.2, 0.3})})).points;
  REQUIRE(points.size() == 6);
  CHECK(points[1].summary.gamma == 1);
  CHECK(points[1].summary.learning_rate == 0.2);
  CHECK(points[3].summary.gamma == 2);
  CHECK(points[3].summary.learning_rate == 0.1);
}

TEST_CASE("zip takes the axes together") {
  const auto points = parse(swept({axis("optimizer.name", {"sgd", "adamw", "adamw"}),
                                   axis("optimizer.weight_decay", {0.1, 0.1, 0.2})},
                                  "zip"))
                          .points;
  REQUIRE(points.size() == 3);
  CHECK(points[2].experiment.optimizer.name == bncollapse::theory::OptimizerName::adamw);
  CHECK(points[2].experiment.optimizer.weight_decay == 0.2);
}

TEST_CASE("ranges hold their ends exactly, integers are rounded") {
  const auto points =
      parse(swept({{{"field", "model.batch.size"}, {"log", {{"from", 1}, {"to", 64}, {"count", 7}}}}}))
          .points;
  REQUIRE(points.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) CHECK(points[i].summary.batch == 1 << i);
  const auto rates = parse(swept({{{"field", "optimizer.learning_rate"},
                                   {"linear", {{"from", 0.1}, {"to", 0.7}, {"count", 3}}}}}))
                         .points;
  CHECK(rates[0].summary.learning_rate == 0.1);
  CHECK(relative_error(rates[1].summary.learning_rate, 0.4) <= 1e-15);
  CHECK(rates[2].summary.learning_rate == 0.7);
}

TEST_CASE("streams: a stream a point, or one for all") {
  Json spec = small_spec();
  const auto independent = parse(spec).points;
  CHECK(independent[0].experiment.random_stream != independent[1].experiment.random_stream);
  spec["simulation"]["streams"] = "common";
  const auto common = parse(spec).points;
  CHECK(common[0].experiment.random_stream == common[1].experiment.random_stream);
}

TEST_CASE("streams are those of the whole sweep") {
  CHECK(contains(input_error(swept({axis("simulation.streams", {"common", "independent"})})),
                 "is not a field of this spec that a sweep can move"));
}

TEST_CASE("sweeps that make no sense are refused with the reason") {
  CHECK(contains(input_error(swept({})), "sweep.axes: has 0 entries"));
  CHECK(contains(input_error(swept({axis("optimizer.learning_rate", Json::array())})),
                 "sweep.axes[0].values: has 0 entries"));
  CHECK(contains(input_error(swept({axis("optimizer.lerning_rate", {1})})),
                 "did you mean \"optimizer.learning_rate\"?"));
  CHECK(contains(input_error(swept({axis("learning_rate", {1})})),
                 "did you mean \"optimizer.learning_rate\"?"));
  CHECK(contains(input_error(swept({axis("name", {1})})), "sweep.axes[0].field: \"name\" is not a field"));
  CHECK(contains(input_error(swept({axis("model.x.file", {"a"})})), "is not a field"));
  CHECK(contains(input_error(swept({axis("initial.u", {1, 2}), axis("initial.gamma", {1, 2, 3})}, "zip")),
                 "zips 2 values of initial.u with 3 of initial.gamma"));
  CHECK(contains(input_error(swept({axis("initial.gamma", {1, 2, 1})})), "twice"));
  CHECK(contains(input_error(swept({axis("initial.gamma", {1}), axis("initial.gamma", {2})})),
                 "by an earlier axis"));
  CHECK(contains(input_error(swept({axis("optimizer.learning_rate", {0.1, -1})})),
                 "sweep.axes[0].values[1] for optimizer.learning_rate: is -1.0; it must be a number from 0"));
  CHECK(contains(
      input_error(swept({{{"field", "optimizer.name"}, {"log", {{"from", 1}, {"to", 2}, {"count", 2}}}}})),
      "takes names"));
  CHECK(contains(
      input_error(swept({{{"field", "initial.gamma"}, {"linear", {{"from", 1}, {"to", 2}, {"count", 200}}}},
                         {{"field", "initial.u"}, {"linear", {{"from", 1}, {"to", 2}, {"count", 200}}}}})),
      "more than 10000 points"));
}
