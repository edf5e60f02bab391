#!/usr/bin/env bash
# usage: run_all.sh BUILD_DIRECTORY [JOBS]
# Runs every fuzz target of a fuzz build for FUZZ_SECONDS (60) on its seed corpus, JOBS (2) at a time. New inputs stay
# in the build directory; an input that crashes is kept in out/fuzz/ and its log is printed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
jobs=${2:-2}
export build FUZZ_SECONDS="${FUZZ_SECONDS:-60}"
export UBSAN_OPTIONS=print_stacktrace=1
mkdir -p out/fuzz

fuzz_one() {
  local name=$1 seeds=tests/fuzz/corpus/$1 corpus=$build/corpus/$1 log=$build/fuzz_$1.log
  mkdir -p "$corpus"
  if [ -z "$(ls -A "$seeds" 2>/dev/null)" ]; then
    echo "$name: FAILED, $seeds is empty"
    return 1
  fi
  if "$build/bin/fuzz_$name" -max_total_time="$FUZZ_SECONDS" -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
      -artifact_prefix="out/fuzz/$name-" "$corpus" "$seeds" >"$log" 2>&1; then
    echo "$name: $(grep -oE 'number_of_executed_units: *[0-9]+' "$log" | grep -oE '[0-9]+') inputs, no failure"
  else
    echo "$name: FAILED"
    tail -n 60 "$log"
    return 1
  fi
}
export -f fuzz_one

mapfile -t names < <(find tests/fuzz -maxdepth 1 -name '*_fuzz.cc' -printf '%f\n' | sed 's/_fuzz\.cc$//' | LC_ALL=C sort)
if [ ${#names[@]} -eq 0 ]; then
  echo "error: no fuzz target in tests/fuzz/" >&2
  exit 1
fi
printf '%s\n' "${names[@]}" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}'
