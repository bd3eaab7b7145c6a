#!/usr/bin/env bash
# All that `make test` and CI run. Each part must pass; the last lines are the count of all parts
# and ctest's own.
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=$(nproc)

step() {
    printf '\n== %s (%s s)\n' "$1" "$SECONDS"
}

step "release build"
tools/build.sh release

step "lint"
tools/lint.sh

step "unit tests under AddressSanitizer and UBSan"
tools/build.sh sanitize
ctest --test-dir build/sanitize -R '^unit\.' -j "$jobs" --output-on-failure

step "fuzz"
tools/fuzz.sh

step "unit, golden, conformance and command line tests"
ctest --test-dir build/release -j "$jobs" --output-on-failure
