package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

// What tools/parity/rego_builtins_parity.py asks: one call of a built-in function. ../calls.h says how operands are
// written, who are of any kind and hold bytes of any kind.
type builtinCall struct {
	Name     string `json:"name"`
	Operands []any  `json:"operands"`
}

type builtinAnswer struct {
	Values []string `json:"values,omitempty"`
	Error  string   `json:"error,omitempty"`
	Text   string   `json:"text,omitempty"`
}

var callTime = time.Unix(0, 1_830_000_000_000_000_000).UTC()

func termOf(given any) (*ast.Term, error) {
	switch typed := given.(type) {
	case nil:
		return ast.NullTerm(), nil
	case bool:
		return ast.BooleanTerm(typed), nil
	case string:
		return ast.StringTerm(typed), nil
	case []any:
		parts, err := termsOf(typed)
		return ast.ArrayTerm(parts...), err
	case map[string]any:
		if text, found := typed["n"].(string); found {
			return ast.NumberTerm(json.Number(text)), nil
		}
		if text, found := typed["h"].(string); found {
			bytes, err := hex.DecodeString(text)
			return ast.StringTerm(string(bytes)), err
		}
		if list, found := typed["s"].([]any); found {
			parts, err := termsOf(list)
			return ast.SetTerm(parts...), err
		}
		if list, found := typed["o"].([]any); found {
			parts, err := termsOf(list)
			object := ast.NewObject()
			for i := 0; i+1 < len(parts); i += 2 {
				object.Insert(parts[i], parts[i+1])
			}
			return ast.NewTerm(object), err
		}
	}
	return nil, fmt.Errorf("no operand: %v", given)
}

func termsOf(given []any) ([]*ast.Term, error) {
	terms := make([]*ast.Term, len(given))
	for i, one := range given {
		term, err := termOf(one)
		if err != nil {
			return nil, err
		}
		terms[i] = term
	}
	return terms, nil
}

// Operands are parts of the input, so that no type checker sees what they are.
func prepareCall(name string, operands int) (rego.PreparedEvalQuery, error) {
	parts := make([]string, operands)
	for i := range parts {
		parts[i] = fmt.Sprintf("input[%d]", i)
	}
	return rego.New(rego.Query(fmt.Sprintf("x = %s(%s)", name, strings.Join(parts, ", "))),
		rego.StrictBuiltinErrors(true),
		rego.GenerateJSON(func(term *ast.Term, _ *rego.EvalContext) (any, error) { return term.Value.String(), nil }),
	).PrepareForEval(context.Background())
}

func answerCall(query rego.PreparedEvalQuery, operands []*ast.Term) (answer builtinAnswer) {
	defer func() {
		if problem := recover(); problem != nil {
			answer = builtinAnswer{Error: "panic", Text: fmt.Sprint(problem)}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	results, err := query.Eval(ctx, rego.EvalParsedInput(ast.NewArray(operands...)), rego.EvalTime(callTime),
		rego.EvalSeed(rand.New(rand.NewSource(1))))
	if err != nil {
		answer.Error = codeOf(err)
		if typed, is := err.(*topdown.Error); is {
			answer.Text = typed.Message
		}
		return answer
	}
	for _, result := range results {
		answer.Values = append(answer.Values, result.Bindings["x"].(string))
	}
	return answer
}

func answerCalls(reader io.Reader, out *bufio.Writer) {
	queries := map[string]rego.PreparedEvalQuery{}
	decoder := util.NewJSONDecoder(reader)
	for decoder.More() {
		var one builtinCall
		if err := decoder.Decode(&one); err != nil {
			fail(err)
		}
		key := fmt.Sprintf("%s/%d", one.Name, len(one.Operands))
		query, found := queries[key]
		if !found {
			prepared, err := prepareCall(one.Name, len(one.Operands))
			if err != nil {
				fail(err)
			}
			query = prepared
			queries[key] = query
		}
		operands, err := termsOf(one.Operands)
		if err != nil {
			fail(err)
		}
		bytes, err := json.Marshal(answerCall(query, operands))
		if err != nil {
			fail(err)
		}
		out.Write(append(bytes, '\n'))
	}
	out.Flush()
}

// The built-ins of this version: a line with name, and types of operands, each.
func printBuiltins() {
	for _, one := range ast.Builtins {
		operands := []string{}
		for _, operand := range one.Decl.FuncArgs().Args {
			operands = append(operands, operand.String())
		}
		print(map[string]any{"name": one.Name, "operands": operands, "nondeterministic": one.Nondeterministic})
	}
}
