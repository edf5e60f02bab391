#!/usr/bin/env bash
# usage: lint.sh BUILD_DIRECTORY [JOBS]: clang-tidy 16 over the sources, with the compile commands of a clang build.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1
log=$build/lint.log

# Everything the build compiles but tests: sources, or in a unity build the files that include several of them.
compiled() {
  sed -nE 's/^ *"file": "(.*)",?$/\1/p' "$build/compile_commands.json" | grep -v '/tests/' | grep -E '\.(cc|cxx)$' |
    grep -v '/cmake_pch\.' | LC_ALL=C sort -u
}

if compiled | xargs -r -P "${2:-2}" -n 1 clang-tidy-16 -p "$build" --quiet >"$log" 2>"$log.stderr"; then
  exit 0
fi
# A header's finding is repeated by every file that includes it.
grep -E '(error|warning): ' "$log" | LC_ALL=C sort -u
grep -E 'error:|Error ' "$log.stderr" | sort -u
exit 1
