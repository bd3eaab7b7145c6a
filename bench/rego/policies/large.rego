# Decisions beside a hundred megabytes of data, of which each needs a few records.
package bench

default allow := false

record := data.records[input.id]

owner := data.owners[record.owner]

allow if {
	record.state == "active"
	input.region in record.regions
	not frozen
	some group in owner.groups
	group in data.groups_of[input.action]
}

frozen if data.freezes[record.owner].regions[input.region]
