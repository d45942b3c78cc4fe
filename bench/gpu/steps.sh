# What `engine` and `networks` share (bash, to be sourced with their arguments): steps with a limit and a row in the summary, and one
# archive of all results so far, written anew after every step: a kill at any time loses nothing but what a step was about to write.
#
# Needs `set -a`, part (the name of the archive), budget (seconds of the whole call) and `option NAME VALUE` for the script's own options, which
# returns 1 for one that it does not know.
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 3
gpu=bench/gpu room=build-gpu kit=$root/build-gpu/kit
work=$root/build-gpu/work log=$root/build-gpu/work/$part
out= patience=1 device=cuda
for place in /usr/local/cuda/bin /usr/local/cuda/compute-sanitizer /opt/nvidia/nsight-compute/*; do
  if [ -d "$place" ]; then PATH=$PATH:$place; fi
done
PYTHONUNBUFFERED=1

usage() {
  sed -n '/^# Usage/,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
while [ $# -gt 1 ]; do
  case $1 in
    --out) out=$2 ;;
    --limit) budget=$2 ;;
    --patience) patience=$2 ;;
    *) option "$1" "$2" || usage ;;
  esac
  shift 2
done
[ $# -eq 0 ] || usage
[ -n "$out" ] || usage
rm -rf "$log"
mkdir -p "$log" "$out" || exit 3
out=$(cd "$out" && pwd)
summary=$log/summary.md
printf '| step | verdict | took | at |\n| --- | --- | --- | --- |\n' >"$summary"

# Whether the driver is there and has a device.
has_device() {
  python3 -c 'import ctypes, sys
cuda, count = ctypes.CDLL("libcuda.so.1"), ctypes.c_int()
sys.exit(cuda.cuInit(0) != 0 or cuda.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0)' 2>/dev/null
}
if has_device; then with_device=yes; else with_device=no; fi
# How programs say so.
no_device='no CUDA|no device|not compiled with CUDA|not linked with support for cuda|NVIDIA driver|does not have CUDA|no cuda'

# Seconds left of the call.
left() { echo $((budget - SECONDS)); }

# The archive and the summary beside it.
keep() {
  (
    flock 9
    tar -C "$work" -czf "$out/new.$part" "$part" 2>/dev/null  # a log that grows meanwhile is no error
    mv "$out/new.$part" "$out/$part.tgz"
    cp "$summary" "$out/new.$part" && mv "$out/new.$part" "$out/$part.md"
  ) 9>"$work/lock"
}

# step NAME SECONDS COMMAND...: runs it for as long as its limit and the call's allow; its output in NAME.log, a row in the summary.
step() { run_step any "$@"; }
# The same for what needs the device: without one it is run, too, and fails, also where the command passes.
device_step() { run_step "$device" "$@"; }
run_step() {
  local needs=$1 name=$2 limit=$(($3 * patience)) began=$SECONDS code=0 verdict=passed
  shift 3
  if [ "$limit" -gt "$(left)" ]; then limit=$(left); fi
  if [ "$limit" -le 0 ]; then
    verdict="FAILED (no time left)"
  else
    timeout --kill-after=5 "$limit" bash -c '"$@"' step "$@" >"$log/$name.log" 2>&1 || code=$?
    if [ "$needs" = cuda ] && [ $with_device = no ]; then
      if [ $code -eq 0 ]; then verdict="FAILED (passes without a device)"
      elif grep -qE "$no_device" "$log/$name.log"; then verdict="FAILED (no device)"
      else verdict="FAILED (code $code)"; fi
    elif [ $code -eq 124 ] || [ $code -eq 137 ]; then verdict="FAILED (over $limit s)"
    elif [ $code -ne 0 ]; then verdict="FAILED (code $code)"; fi
  fi
  echo "| $name | $verdict | $((SECONDS - began)) s | $began s |" | tee -a "$summary"
  [ $code -eq 0 ] || tail -n 3 "$log/$name.log"
  keep
}

# printing TEXT COMMAND...: fails, too, where the command does not print TEXT: a tool that did not find the program to look at.
printing() {
  local wanted=$1 text code
  shift
  text=$(mktemp)
  "$@" 2>&1 | tee "$text"
  code=${PIPESTATUS[0]}
  if [ "$code" -eq 0 ] && ! grep -qF -- "$wanted" "$text"; then echo "it did not print '$wanted'"; code=1; fi
  rm "$text"
  return "$code"
}

# finish: everything is in the archive; the exit code is the number of steps that failed.
finish() {
  keep
  exit "$(grep -c FAILED "$summary")"
}

# The kit, unless it is there already.
unpack() {
  local sum
  sum=$(sha256sum <$room/kit.tar.xz) || return
  [ "$sum" = "$(cat $room/kit.sum 2>/dev/null)" ] && [ -d "$kit" ] && return
  rm -rf "$kit"
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' $room/kit.tar.xz $room && echo "$sum" >$room/kit.sum
}

# What the machine is and what runs on it.
machine() {
  cat "$kit/commit"
  date -u +"%Y-%m-%d %H:%M UTC"
  nvidia-smi
  nvidia-smi -q -d CLOCK,POWER
  nvcc --version | tail -n 2
  g++ --version | head -n 1
  ldd --version | head -n 1
  grep PRETTY_NAME /etc/os-release
  lscpu | head -n 20
  free -g
  command -v compute-sanitizer ncu nvidia-cuda-mps-control cmake ninja
  python3 -c 'import torch; print("PyTorch", torch.__version__, "cuDNN", torch.backends.cudnn.version())'
}
