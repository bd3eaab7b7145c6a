#!/usr/bin/env bash
# The main job on a realistic example: makes a small project with planted synthetic secrets, scans it,
# shows the table, and writes SARIF and HTML.
set -euo pipefail
cd "$(dirname "$0")/.."
merlon=$PWD/build/release/merlon
out=$PWD/build/demo

rm -rf "$out"
mkdir -p "$out/reports"
python3 tools/demo_project.py "$out/payments-api"

echo "\$ merlon scan secrets payments-api"
code=0
(cd "$out" && "$merlon" scan secrets payments-api \
    --output sarif=reports/merlon.sarif --output html=reports/merlon.html --output table=-) || code=$?
if [ "$code" != 1 ]; then
    echo "demo: expected exit code 1 (findings), got $code" >&2
    exit 1
fi
cat <<TEXT

The exit code was 1: findings above the gate. Written:
  build/demo/reports/merlon.html    open it in a browser: search, filter, light and dark
  build/demo/reports/merlon.sarif   what GitHub, Azure DevOps and editors read

Try next, in build/demo/payments-api:
  merlon scan secrets . --write-baseline .merlon/baseline.json   accept today's, report only new ones
  merlon scan secrets . --fail-on critical                       fail on the worst only
  merlon compat gitleaks dir . -v                                the same tree as gitleaks would say it
  merlon init                                                    a commented .merlon.yaml
  merlon doctor                                                  what works on this machine
TEXT
