// Compares versions with golang.org/x/mod/semver: lines "A<tab>B" in, < = > or ? out.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<16), 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		left, right, _ := strings.Cut(in.Text(), "\t")
		if !semver.IsValid(left) || !semver.IsValid(right) {
			fmt.Fprintln(out, "?")
			continue
		}
		fmt.Fprintln(out, string("<=>"[semver.Compare(left, right)+1]))
	}
}
