#pragma once

struct CUstream_st;

namespace bncollapse::nets {

/// Queues a task of normalisation_tasks.hpp for `groups` groups of threads on a CUDA stream. Throws
/// std::runtime_error where CUDA refuses.
template <class Task>
void launch(const Task& task, int groups, CUstream_st* cuda_stream);

}  // namespace bncollapse::nets
