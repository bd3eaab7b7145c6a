// Prints the digest of Go's Unicode tables that src/match/unicode_tables_test.cpp expects:
//
//	go run tests/peers/unicode/main.go          the digest
//	go run tests/peers/unicode/main.go --dump   the lines that it is made of
//
// It also checks what our parser relies on: that what regexp/syntax adds to a class under (?i)
// (unicode.FoldCategory, FoldScript) is the closure of the class under SimpleFold, for all but LC, which
// has no entry there and stays as it is.
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"regexp"
	"sort"
	"unicode"
)

func dumpTables(out io.Writer) {
	tables := map[string]*unicode.RangeTable{}
	for name, table := range unicode.Categories {
		tables[name] = table
	}
	for name, table := range unicode.Scripts {
		tables[name] = table
	}
	names := []string{}
	for name := range tables {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(out, "table %s\n", name)
		start := rune(-1)
		for r := rune(0); r <= unicode.MaxRune+1; r++ {
			inside := r <= unicode.MaxRune && unicode.Is(tables[name], r)
			if inside && start < 0 {
				start = r
			} else if !inside && start >= 0 {
				fmt.Fprintf(out, "%X %X\n", start, r-1)
				start = -1
			}
		}
	}
}

func dumpMappings(out io.Writer) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if fold := unicode.SimpleFold(r); fold != r {
			fmt.Fprintf(out, "fold %X %X\n", r, fold)
		}
		if lower := unicode.ToLower(r); lower != r {
			fmt.Fprintf(out, "lower %X %X\n", r, lower)
		}
	}
}

// Which of Go's own names the expression \p{name} accepts.
func dumpAccepted(out io.Writer) {
	names := []string{"Any", "Assigned", "ASCII", "any", "gre_ek", "l c", "", "_", "Nope"}
	for name := range unicode.Categories {
		names = append(names, name)
	}
	for name := range unicode.Scripts {
		names = append(names, name)
	}
	for name := range unicode.CategoryAliases {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		_, err := regexp.Compile(`\p{` + name + `}`)
		fmt.Fprintf(out, "name %s %t\n", name, err == nil)
	}
}

func checkFolds(kind string, tables, folds map[string]*unicode.RangeTable) {
	for name, table := range tables {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			closed := unicode.Is(table, r)
			for f := unicode.SimpleFold(r); !closed && f != r; f = unicode.SimpleFold(f) {
				closed = unicode.Is(table, f)
			}
			fold, known := folds[name]
			got := unicode.Is(table, r) || known && unicode.Is(fold, r)
			if got != closed && name != "LC" {
				fmt.Fprintf(os.Stderr, "%s %s: %X is %t, its orbit says %t\n", kind, name, r, got, closed)
				os.Exit(1)
			}
		}
	}
}

func main() {
	hash := fnv.New64a()
	var out io.Writer = hash
	if len(os.Args) > 1 && os.Args[1] == "--dump" {
		buffered := bufio.NewWriter(os.Stdout)
		defer buffered.Flush()
		out = buffered
	}
	fmt.Fprintf(out, "version %s\n", unicode.Version)
	dumpTables(out)
	dumpMappings(out)
	dumpAccepted(out)
	checkFolds("category", unicode.Categories, unicode.FoldCategory)
	checkFolds("script", unicode.Scripts, unicode.FoldScript)
	if out == io.Writer(hash) {
		fmt.Printf("0x%016X\n", hash.Sum64())
	}
}
