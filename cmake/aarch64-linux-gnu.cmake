# Debian's cross compiler for 64-bit Arm, with Debian's arm64 packages, under QEMU's user mode (CONTRIBUTING.md).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
# GCC else notes at each std::pair<long double, long double> of Boost's that its rules for arguments changed in release 10.
set(CMAKE_CXX_FLAGS_INIT -Wno-psabi)
