# METADATA
# title: Who reads which report
# description: With the report unknown, what remains is the filter for a database of reports.
package reports

default allow := false

allow if input.report.public

allow if {
	some team in input.user.teams
	input.report.team == team
	input.report.classification < input.user.clearance
}
