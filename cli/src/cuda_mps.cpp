#include "cuda_mps.hpp"

#include <cstdlib>
#include <system_error>

namespace bncollapse::cli {
namespace {

constexpr const char* pipe_variable = "CUDA_MPS_PIPE_DIRECTORY";
constexpr const char* log_variable = "CUDA_MPS_LOG_DIRECTORY";

bool succeeds(const char* command) { return std::system(command) == 0; }

}  // namespace

CudaMps::CudaMps(const std::function<bool()>& works) {
  if (std::getenv(pipe_variable) != nullptr) {
    state_ = std::string("MPS: the server of ") + pipe_variable + " is used";
    return;
  }
  if (!succeeds("command -v nvidia-cuda-mps-control >/dev/null 2>&1")) {
    state_ =
        "MPS (nvidia-cuda-mps-control) is not installed: trainings side by side take turns on the device";
    return;
  }
  std::string name = (std::filesystem::temp_directory_path() / "bncollapse-mps-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    state_ =
        "MPS is not started: no folder can be made in " + std::filesystem::temp_directory_path().string();
    return;
  }
  folder_ = name;
  ::setenv(pipe_variable, name.c_str(), 1);
  ::setenv(log_variable, name.c_str(), 1);
  if (!succeeds("timeout 10 nvidia-cuda-mps-control -d >/dev/null 2>&1") || !works()) {
    stop();
    state_ = "MPS does not work here: trainings side by side take turns on the device";
    return;
  }
  state_ = "MPS runs: trainings side by side share the device";
}

CudaMps::~CudaMps() { stop(); }

void CudaMps::stop() {
  if (folder_.empty()) return;
  static_cast<void>(succeeds("echo quit | timeout 10 nvidia-cuda-mps-control >/dev/null 2>&1"));
  ::unsetenv(pipe_variable);
  ::unsetenv(log_variable);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  folder_.clear();
}

}  // namespace bncollapse::cli
