#!/usr/bin/env bash
# The schema that editors read is the one the program prints.
set -euo pipefail
if ! diff <("$FOURTUPLE" schema) "$SOURCE_DIR/docs/scenario.schema.json"; then
  echo "docs/scenario.schema.json is out of date: fourtuple schema > docs/scenario.schema.json" >&2
  exit 1
fi
