# METADATA
# title: Attestations
# description: >-
#   For each predicate type that `attestations` names there is one of this very artefact, whose
#   signature was verified. One that was not is not known to be true.
package merlon.gates.attestations

required contains type if some type in input.settings.attestations

of_type(type) := [one |
	some one in input.attestations
	one.predicate_type == type
	input.subject.digest in one.subjects
]

verified(type) if {
	some one in of_type(type)
	one.verified
}

about(type) := {
	"id": sprintf("attestations/%s", [type]),
	"title": sprintf("there is a verified %s of this artefact", [type]),
	"approvers": object.get(input.settings, "exceptions-by", []),
}

conditions contains object.union(about(type), {"status": "pass"}) if {
	some type in required
	verified(type)
}

conditions contains object.union(about(type), {
	"status": "fail",
	"reason": "none was handed to the gate",
	"fix": "hand it over with --attestation",
}) if {
	some type in required
	count(of_type(type)) == 0
}

conditions contains object.union(about(type), {
	"status": "unknown",
	"evidence": [{"text": one.reason, "document": one.document} | some one in of_type(type)],
	"fix": "sign it, and name the key that is trusted",
}) if {
	some type in required
	count(of_type(type)) > 0
	not verified(type)
}

conditions contains {
	"id": "attestations",
	"title": "no attestation is asked for",
	"status": "pass",
} if {
	count(required) == 0
}
