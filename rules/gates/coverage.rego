# METADATA
# title: Coverage
# description: >-
#   Something was analysed, each analysis saw everything, and none of those that `analyses` names is
#   missing. What is not known is not green: the condition is unknown and not failed. A report that
#   says nothing of its coverage is taken for complete, and told; with `strict-coverage` it is unknown.
package merlon.gates.coverage

import data.merlon.gates.common

unseen contains {"text": "no analysis was handed to the gate"} if count(input.coverage.analyses) == 0

unseen contains {"text": sprintf("no analysis by %s", [name])} if some name in input.coverage.missing

unseen contains {"text": sprintf("%s was not complete: %s", [called(analysis), why(analysis)]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	not analysis.complete
}

unseen contains {"text": sprintf("%s: %s %s (%s)", [called(analysis), gap.cause, gap.path, gap.detail]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	some gap in analysis.gaps
}

unseen contains {"text": sprintf("%s is of commit %s, not of %s%s", [called(analysis), analysis.commit, input.change.head, or_retire(analysis)]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	analysis.commit != ""
	input.change.head != ""
	not startswith(input.change.head, lower(analysis.commit))
}

# A report that is handed over is of what was just built; what a store keeps may be of any commit.
unseen contains {"text": sprintf("%s does not say which commit it looked at: import it with --commit %s%s", [called(analysis), input.change.head, or_retire(analysis)]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	object.get(analysis, "stored", false)
	analysis.commit == ""
	input.change.head != ""
}

unseen contains {"text": sprintf("%s is of the repository %s, not of %s", [called(analysis), analysis.other_repository, input.repository]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	analysis.other_repository != ""
}

unseen contains one if {
	strict
	some one in assumed
}

strict if input.settings["strict-coverage"] == true

assumed contains {"text": sprintf("coverage of %s: told by no one (SARIF without invocations), taken as complete", [called(analysis)]), "document": analysis.document} if {
	some analysis in input.coverage.analyses
	analysis.assumed
}

# An image or a folder may be called otherwise by now: what nothing is reported of any more, a person ends.
or_retire(analysis) := " (if nothing is reported of it any more: merlon findings retire)" if object.get(analysis, "below", "") != ""

or_retire(analysis) := "" if object.get(analysis, "below", "") == ""

called(analysis) := sprintf("%s%s", [by(analysis), of(analysis)])

by(analysis) := analysis.tool if analysis.engine == ""

by(analysis) := sprintf("%s %s", [analysis.tool, analysis.engine]) if analysis.engine != ""

of(analysis) := sprintf(" of %s", [replace(below, "\n", " ")]) if {
	below := object.get(analysis, "below", "")
	below != ""
}

of(analysis) := "" if object.get(analysis, "below", "") == ""

why(analysis) := "it does not say why" if count(analysis.because) == 0

why(analysis) := concat(", ", analysis.because) if count(analysis.because) > 0

about := {
	"id": "coverage",
	"title": "everything was looked at",
	"fix": fix,
}

default fix := "run what is missing, mend what could not be read, or accept the gap by name (coverage.accept)"

fix := "let the tool write 'invocations', or whoever has seen that it ended well import the report with --coverage complete" if {
	strict
	unseen == assumed
}

conditions contains common.known(about, unseen) if count(unseen) > 0

conditions contains object.union(common.known(about, set()), {"evidence": [one | some one in assumed]}) if count(unseen) == 0
