# Grouping: for each team its items, their number and sum, in one pass over each.
package bench

teams := {item.team | some item in input.items}

by_team[team] := {"items": names, "count": count(names), "cost": sum(costs)} if {
	some team in teams
	names := [item.name | some item in input.items; item.team == team]
	costs := [item.cost | some item in input.items; item.team == team]
}

large contains team if {
	some team, group in by_team
	group.count > 20
}

report := {"groups": by_team, "large": large, "total": count(input.items)}
