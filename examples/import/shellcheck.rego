# ShellCheck's JSON (`shellcheck -f json FILE…`) for `merlon import --mapping shellcheck.rego`.
package merlon.import

tool := "shellcheck"

# ShellCheck stops at a file that it cannot read, and writes no list then.
complete := true

severities := {"error": "high", "warning": "medium", "info": "low", "style": "info"}

# A document of another shape (`-f json1`) is refused, and closes nothing.
expected := count(input) if is_array(input)

expected := -1 if not is_array(input)

findings contains {
	"rule": sprintf("SC%d", [comment.code]),
	"message": comment.message,
	"severity": severities[comment.level],
	"path": comment.file,
	"line": comment.line,
	"endLine": comment.endLine,
	"column": comment.column,
	"url": sprintf("https://www.shellcheck.net/wiki/SC%d", [comment.code]),
} if {
	some comment in input
}
