#!/usr/bin/env bash
# The main jobs on a realistic example: makes a small project with planted synthetic secrets, scans it,
# shows the table, and writes SARIF and HTML; then its packages: SBOM, vulnerabilities by a database that
# is built on the spot, and the review of a change; and policies in Rego: over its workflow, over Terraform, and
# one that is partly evaluated.
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
python3 tools/demo_packages.py "$out"
step() {
    local expected=$1 code=0
    shift
    printf '\n$ merlon %s\n' "$*"
    (cd "$out" && "$merlon" "$@") || code=$?
    if [ "$code" != "$expected" ]; then
        echo "demo: expected exit code $expected, got $code" >&2
        exit 1
    fi
}
step 0 sbom web --output reports/sbom.cdx.json
step 0 db build --osv advisories --database advisories.db
# Whether the program reaches the weakness stands beside it, and what mends it is written as a patch.
step 1 scan packages web --database advisories.db --fix reports/fix.patch --output table=- \
    --output cyclonedx=reports/weaknesses.cdx.json
printf '\n$ cat reports/fix.patch\n'
cat "$out/reports/fix.patch"
step 0 licenses web --notices reports/notices.txt
# What a pull request would bring: a vulnerable dependency with an install script, and an entry of the
# lock file that comes from another host.
step 1 diff packages web web-change --database advisories.db
# A policy of one's own, in Rego: its tests, and what it says about the project's workflow.
cp -r examples/policy "$out/policy"
step 0 policy test policy
step 1 policy eval --data policy --input payments-api/.github/workflows/release.yml --format pretty \
    --fail-defined 'data.workflow.deny[message]'
# conftest's rules over Terraform; and a policy whose report is unknown: what remains is a database's filter.
cp -r examples/conftest "$out/terraform"
cp -r examples/partial "$out/partial"
step 1 compat conftest test --no-color --policy terraform/policy terraform/main.tf
step 0 policy eval --partial --unknowns input.report --format source --data partial/reports.rego \
    --input partial/user.json 'data.reports.allow = true'

# A gate: what the scan and two other tools found is remembered, the deployment is refused with reasons; after
# a fix a second person approves, with an SSH key.
python3 tools/demo_gates.py "$out/gate"
in_shop() {
    local expected=$1 code=0
    shift
    printf '\n$ merlon %s\n' "$*"
    (cd "$out/gate/shop" && "$merlon" "$@") || code=$?
    if [ "$code" != "$expected" ]; then
        echo "demo: expected exit code $expected, got $code" >&2
        exit 1
    fi
}
deploy() {
    local expected=$1
    shift
    in_shop "$expected" gate deploy --store ../store.db --repository acme/shop --ref main --target main \
        --environment production --digest "sha256:$(printf 'shop' | sha256sum | cut -d ' ' -f 1)" \
        --requested-by rob "$@"
}
(cd "$out/gate/shop" && "$merlon" scan secrets . --format json > ../scan.json)
in_shop 0 import --store ../store.db --repository acme/shop --ref main --commit "$(git -C "$out/gate/shop" rev-parse main)" \
    ../scan.json ../before.sarif ../semgrep.json
# Two tools say the same of one line: one group.
in_shop 0 findings list --store ../store.db --group
# A pull request is judged by what its merge base had not.
in_shop 0 import --store ../store.db --repository acme/shop --ref topic --commit "$(git -C "$out/gate/shop" rev-parse topic)" \
    ../scan.json ../topic.sarif ../semgrep.json
in_shop 1 gate pr --store ../store.db --repository acme/shop --ref topic --head topic --target main
# Which tools have looked at which branch, and when last.
in_shop 0 findings streams --store ../store.db
# Who takes a risk is not alone: a second person signs it.
in_shop 0 store second-person accepted --signed --store ../store.db
in_shop 0 findings decide --store ../store.db --rule python.query-of-input --verdict accepted --until 30d --as rob \
    --reason "only numbers get there"
proposal=$(cd "$out/gate/shop" && "$merlon" findings proposals --store ../store.db | sed -n 's/^\([0-9]*\):.*/\1/p')
in_shop 0 findings approve "$proposal" --store ../store.db --as ana --identity ../ana
deploy 1
in_shop 0 import --store ../store.db --repository acme/shop --ref main --commit "$(git -C "$out/gate/shop" rev-parse main)" \
    ../after.sarif
deploy 1 --statement ../verdict.json
verdict=$(sha256sum < "$out/gate/verdict.json" | cut -d ' ' -f 1)
in_shop 0 approve "$verdict" --store ../store.db --as ana --identity ../ana --reason "looked at the fix"
deploy 0
in_shop 0 gate replay "$verdict" --store ../store.db
in_shop 0 audit checkpoint --store ../store.db
in_shop 0 audit verify --store ../store.db
in_shop 0 store check --store ../store.db

cat <<TEXT

The exit code was 1 where something was found above the gate. Written:
  build/demo/reports/merlon.html    open it in a browser: search, filter, light and dark
  build/demo/reports/merlon.sarif   what GitHub, Azure DevOps and editors read
  build/demo/reports/sbom.cdx.json  what the web part is made of, as CycloneDX
  build/demo/reports/weaknesses.cdx.json  the same with the vulnerabilities that were found
  build/demo/reports/fix.patch      what mends them, for git apply
  build/demo/reports/notices.txt    names and licences, for those who get the program

Try next, in build/demo/payments-api:
  merlon scan secrets . --write-baseline .merlon/baseline.json   accept today's, report only new ones
  merlon scan secrets . --fail-on critical                       fail on the worst only
  merlon compat gitleaks dir . -v                                the same tree as gitleaks would say it
  merlon init                                                    a commented .merlon.yaml
  merlon doctor                                                  what works on this machine
TEXT
