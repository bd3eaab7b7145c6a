// Command rego_bench_go is OPA's side of tools/bench/rego_bench.py and tools/parity/rego_parity.py: it
// answers the queries of a case file, or measures how often a second it can. ../runner.cpp is the same
// for our machine and says what a case file is.
//
//	rego_bench_go answer FILE              a line of JSON for each case
//	rego_bench_go time FILE SECONDS N      evaluations of the first case by N goroutines
//	rego_bench_go calls FILE               a line of JSON for each call of a built-in function (calls.go)
//	rego_bench_go builtins -               the built-in functions there are
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/util"
)

type benchCase struct {
	Name     string            `json:"name"`
	Modules  map[string]string `json:"modules"`
	Query    string            `json:"query"`
	Version  int               `json:"rego_version"`
	Data     map[string]any    `json:"data"`
	DataFile string            `json:"data_file"`
	Inputs   []any             `json:"inputs"`
	Strict   bool              `json:"strict_builtin_errors"`
	// Policies that a generator wrote are mostly none to the type checker.
	Unchecked bool `json:"without_type_check"`
}

type prepared struct {
	query  rego.PreparedEvalQuery
	inputs []ast.Value
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "rego_bench_go:", err)
	os.Exit(2)
}

func prepare(one *benchCase) (*prepared, error) {
	version := ast.RegoV1
	if one.Version == 0 {
		version = ast.RegoV0
	}
	data := one.Data
	if data == nil {
		data = map[string]any{}
	}
	if one.DataFile != "" {
		bytes, err := os.ReadFile(one.DataFile)
		if err != nil {
			return nil, err
		}
		if err := util.Unmarshal(bytes, &data); err != nil {
			return nil, err
		}
	}
	// What OPA recommends for speed: the data stay as its own terms.
	var store storage.Store = inmem.NewFromObjectWithOpts(data, inmem.OptReturnASTValuesOnRead(true))
	options := []func(*rego.Rego){
		rego.Query(one.Query), rego.Store(store), rego.SetRegoVersion(version),
		rego.StrictBuiltinErrors(one.Strict),
	}
	if one.Unchecked {
		compiler := ast.NewCompiler().WithSkipStages(ast.StageCheckTypes).WithDefaultRegoVersion(version)
		modules := map[string]*ast.Module{}
		for name, text := range one.Modules {
			module, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: version})
			if err != nil {
				return nil, err
			}
			modules[name] = module
		}
		if compiler.Compile(modules); compiler.Failed() {
			return nil, compiler.Errors
		}
		options = append(options, rego.Compiler(compiler))
	} else {
		for name, text := range one.Modules {
			options = append(options, rego.Module(name, text))
		}
	}
	query, err := rego.New(options...).PrepareForEval(context.Background())
	if err != nil {
		return nil, err
	}
	made := &prepared{query: query}
	for _, input := range one.Inputs {
		value, err := ast.InterfaceToValue(input)
		if err != nil {
			return nil, err
		}
		made.inputs = append(made.inputs, value)
	}
	return made, nil
}

func (p *prepared) evaluate(ctx context.Context, i int, options ...rego.EvalOption) (rego.ResultSet, error) {
	return p.query.Eval(ctx, append(options, rego.EvalParsedInput(p.inputs[i]))...)
}

func (p *prepared) answer(i int, options ...rego.EvalOption) any {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	results, err := p.evaluate(ctx, i, options...)
	switch {
	case err != nil:
		return map[string]any{"error": codeOf(err)}
	case len(results) == 0:
		return map[string]any{}
	}
	return map[string]any{"value": results[0].Expressions[0].Value}
}

// An error of a compilation is its first code, one of an evaluation its own.
func codeOf(err error) string {
	switch typed := err.(type) {
	case *topdown.Error:
		return typed.Code
	case ast.Errors:
		if len(typed) > 0 {
			return typed[0].Code
		}
	case rego.Errors:
		if len(typed) > 0 {
			return codeOf(typed[0])
		}
	case *ast.Error:
		return typed.Code
	}
	return "error: " + err.Error()
}

func answers(one *benchCase) any {
	made, err := prepare(one)
	if err != nil {
		return map[string]any{"name": one.Name, "error": codeOf(err), "text": err.Error()}
	}
	all := make([]any, len(made.inputs))
	plain := make([]any, len(made.inputs))
	for i := range made.inputs {
		all[i] = made.answer(i)
		if one.Unchecked {
			plain[i] = made.answer(i, rego.EvalRuleIndexing(false), rego.EvalEarlyExit(false))
		}
	}
	answered := map[string]any{"name": one.Name, "answers": all}
	if one.Unchecked {
		answered["plain_answers"] = plain
	}
	return answered
}

func residentBytes() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(status), "\n") {
		if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
			kib, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
			return kib * 1024
		}
	}
	return 0
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

func measure(one *benchCase, seconds float64, threads int) {
	made, err := prepare(one)
	if err != nil {
		fail(err)
	}
	one.Data = nil
	runtime.GC()
	resident := residentBytes()
	var group sync.WaitGroup
	counts := make([]int, threads)
	run := func(worker int, limit time.Duration) {
		defer group.Done()
		ctx := context.Background()
		count, batch := 0, 1
		for start := time.Now(); ; {
			for range batch {
				if _, err := made.evaluate(ctx, count%len(made.inputs)); err != nil {
					fail(err)
				}
				count++
			}
			spent := time.Since(start)
			if spent >= limit {
				break
			}
			if spent < limit/100 {
				batch *= 2
			}
		}
		counts[worker] = count
	}
	all := func(limit time.Duration) time.Duration {
		start := time.Now()
		for worker := range threads {
			group.Add(1)
			go run(worker, limit)
		}
		group.Wait()
		return time.Since(start)
	}
	all(time.Duration(seconds * 0.3 * float64(time.Second)))
	before := cpuSeconds()
	spent := all(time.Duration(seconds * float64(time.Second)))
	cpu := cpuSeconds() - before
	total := 0
	for _, count := range counts {
		total += count
	}
	print(map[string]any{"evaluations": total, "seconds": spent.Seconds(), "cpu_seconds": cpu,
		"resident_bytes": resident})
}

func print(value any) {
	bytes, err := json.Marshal(value)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(bytes))
}

func main() {
	if len(os.Args) < 3 {
		fail(fmt.Errorf("usage: answer FILE, calls FILE, builtins -, or time FILE SECONDS THREADS"))
	}
	if os.Args[1] == "builtins" {
		printBuiltins()
		return
	}
	file, err := os.Open(os.Args[2])
	if err != nil {
		fail(err)
	}
	defer file.Close()
	reader := bufio.NewReaderSize(file, 1<<20)
	if os.Args[1] == "calls" {
		answerCalls(reader, bufio.NewWriter(os.Stdout))
		return
	}
	decoder := util.NewJSONDecoder(reader)
	for decoder.More() {
		one := benchCase{Version: 1}
		if err := decoder.Decode(&one); err != nil {
			fail(err)
		}
		if os.Args[1] == "answer" {
			print(answers(&one))
			continue
		}
		seconds, _ := strconv.ParseFloat(os.Args[3], 64)
		threads, _ := strconv.Atoi(os.Args[4])
		runtime.GOMAXPROCS(threads)
		measure(&one, seconds, threads)
		return
	}
}
