# METADATA
# title: Licences
# description: >-
#   No package of the bills of materials under a licence that `licenses:` of .merlon.yaml denies; with
#   `licenses: review` also none that somebody has to look at. Unknown without a bill of materials or
#   without a list.
package merlon.gates.licenses

import data.merlon.gates.common

refused := {"deny"} if input.settings.licenses == "deny"

refused := {"deny", "review"} if input.settings.licenses == "review"

against contains {
	"text": sprintf("%s %s: %s", [package_.name, package_.version, license_of(package_)]),
	"key": common.key_of([package_.name, package_.version, license_of(package_)]),
} if {
	some package_ in input.packages
	package_.license_verdict in refused
}

license_of(package_) := "no known licence" if package_.license == ""

license_of(package_) := package_.license if package_.license != ""

unknown contains {"text": "no bill of materials was handed to the gate"} if count(input.boms) == 0

unknown contains {"text": "'licenses:' of .merlon.yaml says nothing, so no licence was judged"} if {
	some package_ in input.packages
	package_.license_verdict == ""
}

about := {
	"id": "licenses",
	"title": "every package is under a licence that is taken",
	"fix": "replace the package, or allow its licence in 'licenses:' of the target branch's .merlon.yaml",
	"approvers": object.get(input.settings, "exceptions-by", []),
}

conditions contains common.judged(about, against) if count(against) > 0

conditions contains common.known(about, unknown) if count(against) == 0
