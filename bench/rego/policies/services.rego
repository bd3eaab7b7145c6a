# A small decision of a service: tokens, paths and methods, as gateways ask for.
package bench

default allow := false

allow if {
	input.method == "GET"
	input.path = ["public", _]
}

allow if {
	input.method == "GET"
	input.path = ["accounts", account]
	input.token.subject == account
}

allow if {
	input.method == "POST"
	input.path = ["accounts", account, "transfers"]
	input.token.subject == account
	input.body.amount <= input.token.limit
	not is_blocked(input.body.to)
}

allow if {
	input.method in {"GET", "POST", "DELETE"}
	input.path[0] == "admin"
	"admin" in input.token.roles
}

is_blocked(account) if data.blocked[account]
