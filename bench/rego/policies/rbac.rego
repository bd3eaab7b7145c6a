# Who may do what: users have roles, roles have grants.
package bench

default allow := false

allow if "admin" in data.bindings[input.user]

allow if {
	some role in data.bindings[input.user]
	some grant in data.roles[role].grants
	grant.action == input.action
	grant.resource == input.resource
}
