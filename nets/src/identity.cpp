#include "identity.hpp"

#include "bncollapse/fields/json.hpp"
#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {

namespace {

nlohmann::json describe(const Dataset& dataset) {
  return {{"name", dataset.name}, {"images", dataset.size()}, {"hash", fingerprint(dataset)}};
}

}  // namespace

nlohmann::json identity(const Training& training, const TrainAndTest& data) {
  auto result = fields::to_json<nlohmann::json>(training);
  result.erase("record");                 // what is recorded does not change what is trained
  result.at("training").erase("rounds");  // a training may go on for more rounds
  result["train"] = describe(data.train);
  result["test"] = describe(data.test);
  return result;
}

}  // namespace bncollapse::nets
