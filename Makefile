# Merlon: `make help` lists the targets. A newcomer needs two: `make demo` and `make test`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
FUZZ_SECONDS ?=

.PHONY: help setup build demo test lint unit sanitize thread fuzz bench parity conformance \
        package install clean docs

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Installs what is missing (distribution packages, third_party.lock)
	@tools/setup.sh

build: setup ## Builds build/release/merlon and its tests
	@tools/build.sh release

demo: setup ## Builds, scans a realistic small project, writes SARIF and HTML
	@tools/build.sh release merlon
	@tools/demo.sh

test: setup ## Lint, release build, all tests, sanitizer build of the unit tests, a short fuzz run
	@tools/test.sh

lint: setup ## Formatting, layer check, clang-tidy on the changed files
	@tools/lint.sh

unit: build ## The unit tests of the release build
	@ctest --test-dir build/release -R "^unit\." -j $(JOBS) --output-on-failure

conformance: build ## The public suites of ../shared/corpora or MERLON_CORPORA
	@ctest --test-dir build/release -R '^conformance\.' --output-on-failure

sanitize: setup ## The unit tests under AddressSanitizer and UBSan (clang 19)
	@tools/build.sh sanitize
	@ctest --test-dir build/sanitize -R '^unit\.' -j $(JOBS) --output-on-failure

thread: setup ## Unit tests and the whole program under ThreadSanitizer (clang 19)
	@tools/build.sh thread
	@TSAN_OPTIONS="suppressions=$(CURDIR)/tests/thread_suppressions.txt" \
	    ctest --test-dir build/thread -R '^(unit\.|golden\.|cli)' -j $(JOBS) --output-on-failure

fuzz: setup ## Runs every libFuzzer target for its seconds of tests/budget.txt
	@tools/fuzz.sh $(FUZZ_SECONDS)

parity: build ## Compares with gitleaks 8.30.1, Go's regexp, scalibr 0.5.2, Syft 1.51.0, OPA 1.22.2 and conftest 0.71.1, answer for answer (exit 2 without them)
	@tools/peers.sh gitleaks configs scalibr syft govulncheck spdx_schemas
	@python3 tools/parity/gitleaks_parity.py
	@python3 tools/parity/match_parity.py
	@build/release/spdx_schemas build/peers/spdx
	@python3 tools/parity/inventory_parity.py
	@python3 tools/parity/inventory_parity.py --peer syft
	@python3 tools/parity/reachability_parity.py
	@tools/build.sh release sca_probe
	@python3 tools/parity/osv_parity.py build/release/sca_probe build/release/merlon build/peers/bin/scalibr
	@tools/peers.sh rego_oracle opa
	@tools/build.sh release rego_bench_runner
	@python3 tools/parity/rego_parity.py
	@python3 tools/parity/rego_builtins_parity.py
	@tools/peers.sh opa
	@tools/build.sh release rego_conformance
	@python3 tools/parity/rego_changed_cases.py
	@python3 tools/parity/rego_libraries.py build/peers/bin/opa build/release/merlon
	@python3 tools/parity/rego_partial_parity.py --opa build/peers/bin/opa
	@python3 tools/parity/opa_commands_parity.py
	@python3 tools/parity/rego_errors.py
	@tools/peers.sh conftest
	@python3 tools/parity/conftest_parity.py build/peers/bin/conftest build/release/merlon --examples build/peers/conftest_examples

bench: build ## Speed beside gitleaks, kingfisher, five regular expression engines, scalibr, Syft, OPA and regorus; results compared first
	@tools/peers.sh gitleaks gitleaks_re2 kingfisher match scalibr syft
	@python3 tools/bench/secrets_bench.py
	@python3 tools/bench/start_time.py || [ $$? -eq 1 ]
	@python3 tools/bench/staged_time.py || [ $$? -eq 1 ]
	@tools/build.sh bench match_bench_runner
	@python3 tools/bench/match_bench.py
	@tools/build.sh release sca_probe
	@python3 tools/bench/sca_bench.py build/release/sca_probe build/release/merlon build/peers/bin/scalibr
	@python3 tools/bench/sbom_bench.py
	@python3 tools/bench/rescan_bench.py build/release/merlon
	@tools/build.sh release evidence_pages
	@python3 tools/bench/evidence_bench.py
	@tools/peers.sh rego
	@tools/build.sh release rego_bench_runner
	@python3 tools/bench/rego_bench.py

package: build ## Writes dist/: .deb, tarball, image layout, checksums; reproducible
	@python3 tools/package.py

docs: build ## Generates docs/flags.md, the man page, the layer drawing
	@tools/docs.sh

install: build ## Installs the program, man page and completions below PREFIX
	@cmake --install build/release --prefix "$(PREFIX)"

clean: ## Removes build/ and dist/
	@rm -rf build dist
