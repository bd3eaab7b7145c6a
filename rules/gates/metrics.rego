# METADATA
# title: Metrics
# description: >-
#   Each metric of `metrics` is within its bounds. No data is not good data: the condition is unknown.
package merlon.gates.metrics

asked contains metric if some metric in input.settings.metrics

about(metric) := {
	"id": sprintf("metrics/%s", [metric.name]),
	"title": sprintf("%s is within its bounds", [metric.name]),
	"approvers": object.get(input.settings, "exceptions-by", []),
}

value_of(metric) := input.metrics[metric.name]

outside(metric) := sprintf("%v is above %v", [value_of(metric), metric["at-most"]]) if {
	value_of(metric) > metric["at-most"]
}

outside(metric) := sprintf("%v is below %v", [value_of(metric), metric["at-least"]]) if {
	value_of(metric) < metric["at-least"]
}

has_data(metric) if is_number(input.metrics[metric.name])

conditions contains object.union(about(metric), {"status": "pass"}) if {
	some metric in asked
	has_data(metric)
	not outside(metric)
}

conditions contains object.union(about(metric), {
	"status": "fail",
	"reason": outside(metric),
	"fix": "wait until it is, or find out why it is not",
}) if {
	some metric in asked
	has_data(metric)
}

conditions contains object.union(about(metric), {
	"status": "unknown",
	"reason": "there is no data",
	"fix": sprintf("hand it over with --metric %s=NUMBER", [metric.name]),
}) if {
	some metric in asked
	not has_data(metric)
}

conditions contains {"id": "metrics", "title": "no metric is asked for", "status": "pass"} if count(asked) == 0
