#!/usr/bin/env bash
# Formatting, the layer check, generated tables, seeds for each fuzz target, and clang-tidy:
# lint.sh [--all]
# clang-tidy looks at the files that differ from the base revision (MERLON_LINT_BASE, else the commit
# before); with --all at every file, which takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1-}" in
    '' | --all) ;;
    *) echo "lint: unknown argument '$1' (expected --all or nothing)" >&2; exit 2 ;;
esac

mapfile -t sources < <(git ls-files -- 'src/*.cpp' 'src/*.h' 'tests/*.cpp' 'tests/*.h' \
    'bench/*.cpp' 'bench/*.h')
clang-format-19 --dry-run --Werror "${sources[@]}"
python3 tools/check_layers.py
python3 tools/unicode/make_tables.py --check
python3 tools/unicode/make_normal_form.py --check
python3 tools/fuzz_seeds.py --check
python3 tools/inventory_table.py

base=${MERLON_LINT_BASE:-HEAD~1}
if [ "${1-}" = --all ]; then
    changed=("${sources[@]}")
else
    git rev-parse -q --verify "$base" > /dev/null || base=$(git hash-object -t tree /dev/null)
    mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- 'src/*.cpp' 'tests/*.cpp' \
    'bench/*.cpp')
fi
mapfile -t changed < <(printf '%s\n' "${changed[@]}" | grep '\.cpp$' || true)
if [ "${#changed[@]}" -gt 0 ]; then
    # The tests' build has a compile command for every file that clang-tidy may be asked about.
    [ -f build/tidy/compile_commands.json ] || cmake --preset tidy > /dev/null
    printf '%s\0' "${changed[@]}" | xargs -0 -n 4 -P "$(nproc)" \
        clang-tidy-19 --quiet -p build/tidy --warnings-as-errors='*' 2> build/tidy/stderr.txt \
        || { tail -5 build/tidy/stderr.txt >&2; exit 1; }
fi
echo "lint: ${#sources[@]} files formatted, layers as drawn, clang-tidy on ${#changed[@]} files"
