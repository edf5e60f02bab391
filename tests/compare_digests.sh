#!/usr/bin/env bash
# usage: compare_digests.sh BUILD_DIRECTORY…
# Runs every scenario with every build and fails unless all print the same trace digest: the same scenario and seed
# give a bit-identical trace whatever the compiler and its options.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

digest_of() {
  timeout 300 "$1/fourtuple" run "$2" --digest 2>/dev/null | grep -oiE '\b(0x)?[0-9a-f]{16,}\b' | tail -n 1
}

mapfile -t scenarios < <(find scenarios -type f \( -name '*.yaml' -o -name '*.yml' \) 2>/dev/null | LC_ALL=C sort)
if [ ${#scenarios[@]} -eq 0 ]; then
  echo "error: no scenario below scenarios/" >&2
  exit 1
fi
bad=0
for scenario in "${scenarios[@]}"; do
  first=
  for directory in "$@"; do
    digest=$(digest_of "$directory" "$scenario")
    if [ -z "$digest" ]; then
      echo "$scenario: $directory gives no digest" >&2
      bad=1
    elif [ -z "$first" ]; then
      first=$digest
    elif [ "$digest" != "$first" ]; then
      echo "$scenario: $directory gives $digest, $1 gives $first" >&2
      bad=1
    fi
  done
done
[ $bad -eq 0 ] && echo "${#scenarios[@]} scenarios: the same digest from $# builds"
exit $bad
