#!/usr/bin/env bash
# Renews what is generated: docs/flags.md from the flag table, and the drawing in ARCHITECTURE.md.
set -euo pipefail
cd "$(dirname "$0")/.."
build/release/merlon man --format markdown > docs/flags.md
python3 tools/check_layers.py --write
