// Answers for each line "VERSION PATH" of the input with one line of JSON: the tree, the errors and the
// formatted text, as OPA's own packages give them.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	astJSON "github.com/open-policy-agent/opa/v1/ast/json"
	"github.com/open-policy-agent/opa/v1/format"
)

type answer struct {
	Tree        any    `json:"tree,omitempty"`
	Errors      any    `json:"errors,omitempty"`
	Formatted   string `json:"formatted,omitempty"`
	FormatError string `json:"format_error,omitempty"`
}

var versions = map[string]ast.RegoVersion{"v0": ast.RegoV0, "v1": ast.RegoV1, "v0v1": ast.RegoV0CompatV1, "v2": ast.RegoV2}

func examine(part string, version ast.RegoVersion, text string) (result answer) {
	defer func() {
		if r := recover(); r != nil {
			result.Errors = "panic"
		}
	}()
	read := version
	if version == ast.RegoV0CompatV1 {
		read = ast.RegoV0
	}
	options := ast.ParserOptions{ProcessAnnotation: true, RegoVersion: read}
	if version == ast.RegoV0 || version == ast.RegoV0CompatV1 {
		options.Capabilities = ast.CapabilitiesForThisVersion(ast.CapabilitiesRegoVersion(ast.RegoV0))
	}
	if part == "tree" {
		module, err := ast.ParseModuleWithOpts("f", text, options)
		if err != nil {
			result.Errors = err
			return result
		}
		bytes, err := json.Marshal(module)
		if err != nil {
			result.Errors = "unprintable"
		} else {
			result.Tree = json.RawMessage(bytes)
		}
		return result
	}
	options.ProcessAnnotation = false
	formatted, err := format.SourceWithOpts("f", []byte(text), format.Opts{RegoVersion: version, ParserOptions: &options})
	if err != nil {
		result.FormatError = err.Error()
	} else {
		result.Formatted = string(formatted)
	}
	return result
}

func main() {
	all := astJSON.NodeToggle{Term: true, Package: true, Comment: true, Import: true, Rule: true, Head: true, Expr: true, SomeDecl: true, Every: true, With: true, Annotations: true, AnnotationsRef: true}
	astJSON.SetOptions(astJSON.Options{MarshalOptions: astJSON.MarshalOptions{IncludeLocationText: true, IncludeLocation: all}})
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for scanner.Scan() {
		version, path, _ := strings.Cut(scanner.Text(), " ")
		text, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		if err := encoder.Encode(examine(os.Args[1], versions[version], string(text))); err != nil {
			_ = encoder.Encode(answer{Errors: "unprintable"})
		}
	}
}
