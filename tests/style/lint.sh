#!/usr/bin/env bash
# usage: lint.sh BUILD_DIRECTORY [JOBS]: clang-tidy 16 over the sources, with the compile commands of a clang build.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/style/sources.sh
build=$1
log=$build/lint.log
if cxx_sources sim capture viz app | grep '\.cc$' |
    xargs -r -P "${2:-2}" -n 4 clang-tidy-16 -p "$build" --quiet >"$log" 2>"$log.stderr"; then
  exit 0
fi
# A header's finding is repeated by every file that includes it.
grep -E '(error|warning): ' "$log" | LC_ALL=C sort -u
grep -E 'error:|Error ' "$log.stderr" | sort -u
exit 1
