# What bench/gpu-acceptance and bench/gpu-networks share: steps with a limit and a row in a summary, packages brought along.
# To be sourced; needs root, cache, build, output, summary and patience.

# fetch PACKAGE...: downloads Debian's packages into the cache.
fetch() { mkdir -p "$cache" && cd "$cache" && apt-get download "$@"; }

# step NAME LIMIT_SECONDS COMMAND...: runs it, its output in OUTPUT/NAME.log, a row in the summary. A limit of 0 is none. Ctrl-C ends
# the script and what it has started.
step() {
  local name=$1 limit=$(($2 * patience)) began=$SECONDS verdict
  shift 2
  trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM
  # timeout runs programs, not functions; in a group of its own, which it ends as a whole.
  timeout "$limit" bash -c '"$@"' step "$@" >"$output/$name.log" 2>&1 &
  if wait $!; then
    verdict=passed
  else
    local code=$?
    verdict="FAILED (code $code$([ $code -eq 124 ] && echo ", over $limit s"))"
    tail -n 5 "$output/$name.log" >&2
  fi
  echo "| $name | $verdict | $((SECONDS - began)) s |" | tee -a "$summary"
}
not_run() { echo "| $1 | not run: $2 | |" | tee -a "$summary"; }

# start_summary: empty, with the machine beside it.
start_summary() {
  nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
  { echo "| step | verdict | time |"; echo "| --- | --- | --- |"; } >"$summary"
  machine >"$output/machine.txt"
}

# end_summary: exit code 0 where nothing failed.
end_summary() {
  echo "tables in $output, $SECONDS s"
  ! grep -q FAILED "$summary"
}

# unpack: the packages brought along.
unpack() {
  local prefix=$build/prefix package
  [ -d "$cache" ] || return 0
  mkdir -p "$prefix"
  for package in "$cache"/*.deb; do dpkg -x "$package" "$prefix"; done
  export CMAKE_PREFIX_PATH=$prefix/usr
}

# machine: what it is and what runs on it.
machine() {
  echo "commit $(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$([ -z "$(git -C "$root" status --porcelain --untracked-files=no 2>/dev/null)" ] || echo ", changed")"
  date -u +"%Y-%m-%d %H:%M UTC"
  "$nvcc" --version | tail -n 2
  python3 -c 'import torch; print("PyTorch", torch.__version__)' 2>/dev/null || echo "no PyTorch"
  nvidia-smi --query-gpu=name,driver_version,clocks.max.sm,memory.total --format=csv,noheader 2>/dev/null || echo "no device"
}
