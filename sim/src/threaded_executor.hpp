// Blocks on the threads of this processor.
#pragma once

#include "host/block_executor.hpp"
#include "kernel_table.hpp"

namespace bncollapse::sim {

class ThreadedExecutor final : public BlockExecutor {
 public:
  ThreadedExecutor(const Kernels& kernels, int threads) : kernels_(kernels), threads_(threads) {}

  std::int64_t share(int block_size) const override;
  void run(std::span<const BlockWork> work, Progress& progress) const override;

 private:
  template <class T>
  void run_as(const BlockWork& work, Progress& progress) const;

  const Kernels& kernels_;
  int threads_;
};

}  // namespace bncollapse::sim
