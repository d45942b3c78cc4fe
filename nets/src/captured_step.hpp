#pragma once

#include <functional>
#include <memory>

#include "torch.hpp"

namespace bncollapse::nets {

/// Work that consists of tensor operations alone, on tensors that stay where they are. On a CUDA device it is
/// first done a few times as it is, which settles the workspaces of the libraries. Then it is captured in a
/// CUDA graph and replayed: the CPU launches one graph in place of hundreds of kernels. They are the same
/// kernels, so that the numbers are the same. On the CPU, with a LibTorch without CUDA, and (after a warning)
/// where capturing fails, the work is done as it is every time.
class CapturedStep {
 public:
  CapturedStep(std::function<void()> work, at::Device device);
  ~CapturedStep();

  void operator()();

  /// Whether it is being replayed.
  bool captured() const;

 private:
  struct Graph;
  std::function<void()> work_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace bncollapse::nets
