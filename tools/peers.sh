#!/usr/bin/env bash
# Installs the programs that `make parity` and `make bench` compare with, below build/peers, from
# their package registries at pinned versions. Does nothing for what is there. Exits 2 when a tool
# that is needed for it (Go, Python's venv) is absent.
set -euo pipefail
cd "$(dirname "$0")/.."
peers="$PWD/build/peers"
mkdir -p "$peers/bin"

need_gitleaks() {
  if ! command -v go >/dev/null; then
    echo "peers: gitleaks 8.30.1 needs Go (https://go.dev/dl); it is not installed" >&2
    exit 2
  fi
  [ -x "$peers/bin/gitleaks" ] && return
  echo "peers: installing gitleaks 8.30.1"
  GOBIN="$peers/bin" go install github.com/zricethezav/gitleaks/v8@v8.30.1 || {
    echo "peers: go install failed; the Go module proxy is needed once" >&2
    exit 2
  }
}

need_kingfisher() {
  [ -x "$peers/kingfisher/bin/kingfisher" ] && return
  echo "peers: installing kingfisher"
  if ! python3 -m venv "$peers/kingfisher" ||
    ! "$peers/kingfisher/bin/pip" install --quiet 'kingfisher-bin==2.6.0'; then
    rm -rf "$peers/kingfisher"
    echo "peers: kingfisher could not be installed; the comparison goes on without it" >&2
  fi
}

# The runners of tools/bench/match_bench.py for Go's package and Rust's crate.
need_match() {
  if ! command -v go >/dev/null || ! command -v cargo >/dev/null; then
    echo "peers: the match benchmark needs Go (https://go.dev/dl) and cargo (https://rustup.rs)" >&2
    exit 2
  fi
  (cd bench/match/go && go build -o "$peers/bin/match_bench_go" .)
  (cd bench/match/rust && cargo build --quiet --release --locked --target-dir "$peers/match_bench_rust")
  ln -sf "$peers/match_bench_rust/release/match_bench_rust" "$peers/bin/match_bench_rust"
}

for peer in "${@:-gitleaks}"; do
  "need_$peer"
done
