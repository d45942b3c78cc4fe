#define BNC_TARGET reference
#include "lane_functions.hpp"

namespace bncollapse::sim {

LaneTable reference_lane_table() { return reference::lane_table("scalar"); }

}  // namespace bncollapse::sim
