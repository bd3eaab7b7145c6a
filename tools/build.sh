#!/usr/bin/env bash
# tools/build.sh PRESET [TARGET]: configures a CMake preset where it is not yet, and builds it.
# JOBS: compilers at once (default: the number of cores).
# Two builds at once in one folder write the same files, and what they spoil stays in the compiler's
# cache: the second one waits.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:?usage: tools/build.sh PRESET [TARGET]}

[ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
flock "build/$preset" cmake --build --preset "$preset" -j "${JOBS:-$(nproc)}" ${2:+--target "$2"}
