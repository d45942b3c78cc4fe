#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace bncollapse::cli {

/// NVIDIA's Multi-Process Service for the processes that this one starts: with it their kernels run side by
/// side on a device, without it they take turns. Its daemon is started where nvidia-cuda-mps-control is on
/// the path and the environment names none yet, and stopped at the end.
class CudaMps {
 public:
  /// @param works  whether a process can use a device under the daemon just started; where none can, it is
  /// stopped
  explicit CudaMps(const std::function<bool()>& works);
  ~CudaMps();
  CudaMps(const CudaMps&) = delete;
  CudaMps& operator=(const CudaMps&) = delete;

  /// For people: whether it runs and why not.
  const std::string& state() const { return state_; }

 private:
  void stop();

  std::filesystem::path folder_;  ///< of its pipe and logs; empty: there is no daemon of ours
  std::string state_;
};

}  // namespace bncollapse::cli
