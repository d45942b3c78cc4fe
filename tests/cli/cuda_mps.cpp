#include "cuda_mps.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "program.hpp"

using namespace bncollapse::cli;
using namespace bncollapse::cli::testing;

namespace {

/// A folder on the path, in front of all else, whose nvidia-cuda-mps-control writes down how it is called.
class MadeControl {
 public:
  explicit MadeControl(int exit_code) : path_(std::getenv("PATH")) {
    const std::string program = folder_ / "nvidia-cuda-mps-control";
    write(program, "#!/bin/sh\n{ echo \"$CUDA_MPS_PIPE_DIRECTORY $*\"; [ $# -gt 0 ] || cat; } >> " + log() +
                       "\nexit " + std::to_string(exit_code) + "\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("PATH", ((folder_ / "") + ":" + path_).c_str(), 1);
  }
  ~MadeControl() { ::setenv("PATH", path_.c_str(), 1); }

  std::string calls() const {
    std::ostringstream text;
    text << std::ifstream(log()).rdbuf();
    return text.str();
  }

 private:
  std::string log() const { return folder_ / "calls"; }

  TemporaryFolder folder_;
  std::string path_;
};

}  // namespace

TEST_CASE("MPS: started for the run in a folder of its own, stopped at the end") {
  const MadeControl control(0);
  std::string folder;
  {
    const CudaMps mps([&] {
      folder = std::getenv("CUDA_MPS_PIPE_DIRECTORY");
      return std::filesystem::is_directory(folder);
    });
    CHECK(contains(mps.state(), "MPS runs"));
    CHECK(control.calls() == folder + " -d\n");
  }
  CHECK(control.calls() == folder + " -d\n" + folder + " \nquit\n");
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK(std::getenv("CUDA_MPS_PIPE_DIRECTORY") == nullptr);
}

TEST_CASE("MPS: stopped at once where it does not start or no process can use a device under it") {
  {
    const MadeControl control(1);
    CHECK(contains(CudaMps([] { return true; }).state(), "does not work here"));
    CHECK(contains(control.calls(), "quit"));
  }
  const MadeControl control(0);
  CHECK(contains(CudaMps([] { return false; }).state(), "does not work here"));
  CHECK(contains(control.calls(), "quit"));
  CHECK(std::getenv("CUDA_MPS_PIPE_DIRECTORY") == nullptr);
}

TEST_CASE("MPS: one that the environment names is left alone") {
  const MadeControl control(0);
  ::setenv("CUDA_MPS_PIPE_DIRECTORY", "/nowhere", 1);
  CHECK(contains(CudaMps([] { return false; }).state(), "CUDA_MPS_PIPE_DIRECTORY"));
  CHECK(std::string(std::getenv("CUDA_MPS_PIPE_DIRECTORY")) == "/nowhere");
  ::unsetenv("CUDA_MPS_PIPE_DIRECTORY");
  CHECK(control.calls().empty());
}
