#!/usr/bin/env bash
# Fails when a C++ file is not as clang-format 16 writes it. To repair: tests/style/format.sh --fix
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/style/sources.sh
options=(--dry-run -Werror)
if [ "${1:-}" = --fix ]; then
  options=(-i)
fi
cxx_sources sim capture viz app tests | xargs -r -P 2 -n 16 clang-format-16 "${options[@]}"
