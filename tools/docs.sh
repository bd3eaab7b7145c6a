#!/usr/bin/env bash
# Renews what is generated: docs/flags.md from the flag table, the table of checks in
# docs/rules-secrets.md, the drawing in ARCHITECTURE.md, and the readers of docs/inventory.md.
set -euo pipefail
cd "$(dirname "$0")/.."
build/release/merlon man --format markdown > docs/flags.md
python3 - << 'EOF'
import pathlib, re, subprocess
page = pathlib.Path("docs/rules-secrets.md")
table = subprocess.run(["build/release/merlon", "rules", "checks", "--format", "markdown"],
                       check=True, capture_output=True, text=True).stdout
page.write_text(re.sub(r"(<!-- checks: [^\n]*-->\n).*?(<!-- end of checks -->)",
                       lambda m: m[1] + table + m[2], page.read_text(), flags=re.S))
EOF
python3 tools/check_layers.py --write
python3 tools/inventory_table.py --write
