#!/usr/bin/env bash
# Installs what a build, a test run and the demo need, and nothing else:
#   1. packages of the distribution (Debian 12),
#   2. what third_party.lock names, from its package registry, checked by SHA-256.
# Idempotent; under two seconds when nothing is missing. Needs root or sudo for the first part only
# when something is missing; else it prints the exact command.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
    # compilers and build
    g++ cmake ninja-build make pkg-config ccache mold git python3 python3-yaml
    clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19
    # libraries, each behind one room (ARCHITECTURE.md)
    libfmt-dev libre2-dev libyaml-dev libtomlplusplus-dev libssl-dev
    libarchive-dev zlib1g-dev libzstd-dev liblzma-dev libbz2-dev liblz4-dev nettle-dev libacl1-dev
    libbrotli-dev libexpat1-dev libsnappy-dev libsqlite3-dev libdeflate-dev libgmp-dev libpq-dev
    # tests and benches
    libgtest-dev libbenchmark-dev libpcre2-dev libvectorscan-dev libxml2-utils
    # a real server for the tests of the evidence store
    postgresql
    # ssh-keygen, with which people sign what they approve
    openssh-client
    # the time zones of policies
    tzdata
    # the word list of the precision filter
    wamerican
    # the source of src/match/unicode_tables_data.cpp (tools/unicode/make_tables.py)
    unicode-data
)

missing_packages() {
    local package
    # One dpkg-query for all: a query for each package costs seconds. It fails when one is unknown.
    { dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true; } \
        | awk '$2 == "installed" { print $1 }' > "$scratch/installed"
    for package in "${packages[@]}"; do
        grep -qx "${package%%:*}" "$scratch/installed" || echo "$package"
    done
}

install_packages() {
    local missing=("$@")
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
                   "${missing[@]}")
    echo "setup: installing ${missing[*]}"
    if [ "$(id -u)" = 0 ]; then
        apt-get update -q && "${install[@]}"
    elif sudo -n true 2>/dev/null; then
        sudo apt-get update -q && sudo "${install[@]}"
    else
        echo "setup: these packages are missing and this user may not install them. Run as root:" >&2
        echo "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
}

# A line of the lock: registry name version sha256 licence. Only the Python registry is needed today.
install_locked() {
    local registry name version sha256 licence target
    while read -r registry name version sha256 licence; do
        case "$registry" in '' | '#'*) continue ;; esac
        target="build/third_party/$name-$version"
        [ -e "$target/.complete" ] && continue
        if [ "$registry" != pypi ]; then
            echo "setup: third_party.lock: unknown registry '$registry' (expected pypi)" >&2
            exit 1
        fi
        echo "setup: fetching $name $version ($licence)"
        mkdir -p "$target"
        printf '%s==%s --hash=sha256:%s\n' "$name" "$version" "$sha256" > "$scratch/requirement"
        python3 -m pip download --quiet --no-deps --require-hashes -d "$target" \
            -r "$scratch/requirement"
        touch "$target/.complete"
    done < third_party.lock
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
    echo "setup: no dpkg and apt-get here; install the equivalents of: ${packages[*]}" >&2
    exit 1
fi
mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}"
install_locked
