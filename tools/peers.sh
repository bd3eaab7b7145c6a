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

# The same with RE2 (compiled to WebAssembly) in place of Go's regexp.
need_gitleaks_re2() {
  need_gitleaks
  [ -x "$peers/re2/bin/gitleaks" ] && return
  echo "peers: installing gitleaks 8.30.1 with RE2"
  GOBIN="$peers/re2/bin" go install -tags gore2regex github.com/zricethezav/gitleaks/v8@v8.30.1 ||
    echo "peers: gitleaks with RE2 could not be built; the comparison goes on without it" >&2
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

# install_go NAME VERSION MODULE: with Go, from its module proxy.
install_go() {
  if ! command -v go >/dev/null; then
    echo "peers: $1 $2 needs Go (https://go.dev/dl); it is not installed" >&2
    exit 2
  fi
  [ -x "$peers/bin/$1" ] && return
  echo "peers: installing $1 $2"
  GOBIN="$peers/bin" go install "$3@$2" || {
    echo "peers: go install failed; the Go module proxy is needed once" >&2
    exit 2
  }
}

# For tools/parity/inventory_parity.py, osv_parity.py and tools/bench/sca_bench.py.
need_scalibr() { install_go scalibr v0.5.2 github.com/google/osv-scalibr/binary/scalibr; }

# For tools/parity/inventory_parity.py --peer syft and tools/bench/sbom_bench.py.
need_syft() { install_go syft v1.51.0 github.com/anchore/syft/cmd/syft; }

# For tools/parity/inventory_parity.py --peer trivy. Its sources want an experiment of Go 1.26.
need_trivy() { GOEXPERIMENT=jsonv2 install_go trivy v0.74.0 github.com/aquasecurity/trivy/cmd/trivy; }

# For spdx_schemas: Syft's module carries the schema that SPDX publishes. Nothing is built.
need_spdx_schemas() {
  local folder="$peers/spdx" module
  [ -f "$folder/spdx-schema-2.3.json" ] && return
  echo "peers: fetching SPDX's schema"
  module=$(go mod download -json github.com/anchore/syft@v1.51.0 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p "$folder"
  cp "$module/schema/spdx-json/spdx-schema-2.3.json" "$folder/" || {
    echo "peers: SPDX's schema could not be fetched; the Go module proxy is needed once" >&2
    exit 2
  }
}

# Beside `merlon compat grype`, by hand: it wants a database of its own.
need_grype() { install_go grype v0.121.3 github.com/anchore/grype/cmd/grype; }

# For tools/parity/reachability_parity.py.
need_govulncheck() { install_go govulncheck v1.1.4 golang.org/x/vuln/cmd/govulncheck; }

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

# For tools/parity/rego_partial_parity.py.
need_opa() {
  install_go opa v1.22.2 github.com/open-policy-agent/opa
}

# For tools/bench/rego_bench.py (OPA, regorus), tools/parity/rego_parity.py and rego_builtins_parity.py (OPA).
need_rego() {
  need_rego_oracle
  need_opa
  if ! command -v cargo >/dev/null; then
    echo "peers: the Rego benchmark needs cargo (https://rustup.rs)" >&2
    exit 2
  fi
  (cd bench/rego/rust && cargo build --quiet --release --locked --target-dir "$peers/rego_bench_rust")
  ln -sf "$peers/rego_bench_rust/release/rego_bench_rust" "$peers/bin/rego_bench_rust"
}

# For tools/parity/conftest_parity.py; the examples stand in the module that was installed.
need_conftest() {
  install_go conftest v0.71.1 github.com/open-policy-agent/conftest
  ln -sfn "$(go env GOMODCACHE)/github.com/open-policy-agent/conftest@v0.71.1/examples" \
    "$peers/conftest_examples"
}

need_rego_oracle() {
  if ! command -v go >/dev/null; then
    echo "peers: OPA 1.22.2 needs Go (https://go.dev/dl); it is not installed" >&2
    exit 2
  fi
  (cd bench/rego/go && go build -o "$peers/bin/rego_bench_go" .)
}

# The official suite of JSON Schema stands in the source package of Python's jsonschema, the drafts'
# metaschemas in jsonschema-specifications.
need_json_schema_suite() {
  local folder="$peers/json-schema" scratch
  [ -d "$folder/tests" ] && return
  echo "peers: fetching the JSON Schema test suite"
  scratch=$(mktemp -d)
  cat > "$scratch/requirements" <<'END'
jsonschema==4.26.0 --hash=sha256:0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326
jsonschema-specifications==2025.9.1 --hash=sha256:98802fee3a11ee76ecaca44429fda8a41bff98b00a0f2838151b113f210cc6fe
END
  if ! python3 -m pip download --quiet --no-deps --require-hashes --no-binary jsonschema \
    -d "$scratch" -r "$scratch/requirements"; then
    rm -rf "$scratch"
    echo "peers: the JSON Schema test suite could not be fetched from the Python registry" >&2
    exit 2
  fi
  mkdir -p "$folder/metaschemas"
  tar -xzf "$scratch"/jsonschema-4.26.0.tar.gz -C "$folder" --strip-components=2 \
    jsonschema-4.26.0/json/tests jsonschema-4.26.0/json/remotes
  python3 -m zipfile -e "$scratch"/jsonschema_specifications-2025.9.1-py3-none-any.whl \
    "$folder/metaschemas"
  rm -rf "$scratch"
}

# Real configurations of public repositories. One that is gone is named, and the others are fetched;
# without the network the comparison goes on with what is there. Says how many that is.
need_configs() {
  mkdir -p "$peers/configs"
  local repository commit file wanted=0 here=0 code
  while read -r repository commit; do
    [[ -z $repository || $repository == "#"* ]] && continue
    wanted=$((wanted + 1))
    file="$peers/configs/${repository/\//+}.toml"
    if [ -s "$file" ]; then
      here=$((here + 1))
      continue
    fi
    [ "${code:-0}" = 0 ] || [ "$code" = 22 ] || continue  # the network is not there
    code=0
    curl --fail --silent --location --max-time 20 --output "$file" \
      "https://raw.githubusercontent.com/$repository/$commit/.gitleaks.toml" || code=$?
    if [ "$code" = 0 ] && [ -s "$file" ]; then
      here=$((here + 1))
      continue
    fi
    rm -f "$file"
    echo "peers: the configuration of $repository could not be fetched (curl: $code)" >&2
  done <tools/parity/configs.txt
  echo "peers: $here of $wanted configurations"
}

# The native tools that order versions, one small program each (tests/peers/versions). What cannot be
# built here is named, and tools/parity/version_parity.py goes on without it.
need_versions() {
  local folder="$peers/versions" sources="$PWD/tests/peers/versions"
  mkdir -p "$folder"
  absent() { echo "peers: $1 is left out: $2" >&2; }
  [ -x "$folder/dpkg" ] || gcc -O2 -o "$folder/dpkg" "$sources/dpkg.c" -ldpkg -lmd 2>"$folder/dpkg.log" ||
    absent dpkg "Debian's libdpkg-dev and libmd-dev are needed"
  [ -x "$folder/rpm" ] || gcc -O2 -o "$folder/rpm" "$sources/rpm.c" -lrpm -lrpmio 2>"$folder/rpm.log" ||
    absent rpm "librpm-dev is needed"
  [ -x "$folder/alpm" ] || gcc -O2 -o "$folder/alpm" "$sources/alpm.c" -lalpm 2>"$folder/alpm.log" ||
    absent alpm "libalpm-dev is needed"
  command -v elixir >/dev/null || absent hex "elixir is needed"
  command -v ruby >/dev/null || absent gem "ruby is needed"
  command -v php >/dev/null || absent composer "php-cli is needed"
  [ -d "$folder/node_modules/semver" ] ||
    npm install --silent --no-save --prefix "$folder" semver@7.6.3 >"$folder/npm.log" 2>&1 ||
    absent npm "semver 7.6.3 could not be installed with npm"
  [ -x "$folder/python/bin/python" ] || {
    python3 -m venv "$folder/python" && "$folder/python/bin/pip" install --quiet 'packaging==21.3'
  } || absent pypi "packaging 21.3 could not be installed with pip"
  [ -x "$folder/go" ] || (cd "$sources/go" && go build -o "$folder/go" .) ||
    absent go "Go and golang.org/x/mod 0.22.0 are needed"
  if [ ! -f "$folder/Maven.class" ]; then
    { mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
      -Dartifact=org.apache.maven:maven-artifact:3.8.6 -DoutputDirectory="$folder" &&
      mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
        -Dartifact=org.apache.commons:commons-lang3:3.12.0 -DoutputDirectory="$folder" &&
      javac -cp "$folder/maven-artifact-3.8.6.jar" -d "$folder" "$sources/Maven.java"; } ||
      absent maven "Maven, a JDK and maven-artifact 3.8.6 are needed"
  fi
}

for peer in "${@:-gitleaks}"; do
  "need_$peer"
done
