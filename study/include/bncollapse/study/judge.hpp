#pragma once

#include <vector>

#include "bncollapse/study/stored_network_run.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "bncollapse/study/verdict.hpp"
#include "bncollapse/study/work_watch.hpp"

namespace bncollapse::study {

/// The spec's checks, judged from what the store holds alone, in the spec's order.
std::vector<Verdict> judge(const StoredRun& run, const WorkWatch& watch = {});
std::vector<Verdict> judge(const StoredNetworkRun& run, const WorkWatch& watch = {});

}  // namespace bncollapse::study
