# Lists of expressions and globs that a request is held against.
package bench

refused contains name if {
	some name, pattern in data.expressions
	regex.match(pattern, input.path)
}

opened contains name if {
	some name, pattern in data.globs
	glob.match(pattern, ["/"], input.path)
}

hosts contains host if {
	some host in data.hosts
	glob.match(host, ["."], input.host)
}

decision := {"refused": refused, "opened": opened, "hosts": hosts}
