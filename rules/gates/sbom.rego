# METADATA
# title: Bill of materials
# description: >-
#   A bill of materials is there, says of no part of it that it is not known, and is of what is judged
#   where it says what it is of.
package merlon.gates.sbom

import data.merlon.gates.common

about := {
	"id": "sbom",
	"title": "a bill of materials of this very artefact is there, no part of it unknown",
	"fix": "write one with 'merlon sbom' and hand it over with --sbom",
	"approvers": object.get(input.settings, "exceptions-by", []),
}

against contains {"text": "no bill of materials was handed to the gate"} if count(input.boms) == 0

against contains {"text": sprintf("it is of another artefact: %s", [concat(", ", bom.describes)]), "document": bom.document} if {
	some bom in input.boms
	count(bom.describes) > 0
	not input.subject.digest in bom.describes
}

against contains {"text": sprintf("the bill of materials (%s) lists no component", [bom.format]), "document": bom.document} if {
	some bom in input.boms
	bom.components == 0
}

unknown contains {"text": sprintf("the bill of materials (%s) says that parts of it are not known", [bom.format]), "document": bom.document} if {
	some bom in input.boms
	not bom.complete
}

conditions contains common.judged(about, against) if count(against) > 0

conditions contains common.known(about, unknown) if count(against) == 0
