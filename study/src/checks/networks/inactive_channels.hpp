#pragma once

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/study/stored_network_run.hpp"

namespace bncollapse::study {

inline bool is_inactive(const StoredChannel& channel) {
  return channel.maximum < nets::criterion::inactive.threshold;
}

}  // namespace bncollapse::study
