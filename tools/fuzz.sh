#!/usr/bin/env bash
# Runs every libFuzzer target for some seconds each: fuzz.sh [SECONDS] (default: tests/budget.txt).
# They are of the sanitize build: its libraries serve them and the unit tests.
# A crash leaves its input in build/fuzz/crashes and makes the run fail. The seeds are made by
# tools/fuzz_seeds.py, which has to know every target.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-$(awk '$1 == "fuzz_each_target" { print $2 }' tests/budget.txt)}
tools/build.sh sanitize

mkdir -p build/fuzz/crashes
python3 tools/fuzz_seeds.py build/fuzz/seeds
run_one() {
    local target=$1 seconds=$2 name corpus
    name=$(basename "$target")
    corpus=build/fuzz/corpus/$name
    mkdir -p "$corpus" "build/fuzz/seeds/$name"
    if ! "$target" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=0 \
        -artifact_prefix="build/fuzz/crashes/$name-" "$corpus" "build/fuzz/seeds/$name" \
        > "build/fuzz/$name.log" 2>&1; then
        tail -40 "build/fuzz/$name.log" >&2
        echo "fuzz: $name failed" >&2
        return 1
    fi
}
export -f run_one

mapfile -t targets < <(find build/sanitize/src -type f -executable -name '*_fuzz' | sort)
passed=0 failed=0
while read -r verdict; do
    if [ "$verdict" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done < <(printf '%s\n' "${targets[@]}" \
    | xargs -P "$(nproc)" -I{} bash -c 'run_one "$1" "$2" && echo ok || echo failed' _ {} "$seconds")
echo "fuzz, $seconds s each: $passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
