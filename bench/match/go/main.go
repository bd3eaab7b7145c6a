// Command match_bench_go measures Go's regexp package on the case on its standard input; ../case.h says
// what a case is, ../runner.cpp is the same for the C++ libraries.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"time"
)

type benchCase struct {
	model      string
	patterns   []string
	haystacks  [][]byte
	foldCase   bool
	warmup     time.Duration
	time       time.Duration
	mostRounds int
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "match_bench_go:", err)
	os.Exit(2)
}

func readCase(data []byte) benchCase {
	result := benchCase{mostRounds: 1}
	for len(data) > 0 {
		parts := bytes.SplitN(data, []byte(":"), 3)
		if len(parts) != 3 {
			fail(fmt.Errorf("a key, a length and a value were expected"))
		}
		length, err := strconv.Atoi(string(parts[1]))
		if err != nil || length >= len(parts[2]) {
			fail(fmt.Errorf("the value of %s is cut short", parts[0]))
		}
		value := parts[2][:length]
		data = parts[2][length+1:]
		number, _ := strconv.Atoi(string(value))
		switch string(parts[0]) {
		case "model":
			result.model = string(value)
		case "pattern":
			result.patterns = append(result.patterns, string(value))
		case "haystack":
			result.haystacks = append(result.haystacks, value)
		case "case-insensitive":
			result.foldCase = string(value) == "true"
		case "max-iters":
			result.mostRounds = number
		case "max-time":
			result.time = time.Duration(number)
		case "max-warmup-time":
			result.warmup = time.Duration(number)
		}
	}
	return result
}

func compileAll(c benchCase) []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, pattern := range c.patterns {
		if c.foldCase {
			pattern = "(?i:" + pattern + ")"
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			fail(err)
		}
		all = append(all, re)
	}
	return all
}

func countCaptures(re *regexp.Regexp, text []byte) int {
	total := 0
	for _, match := range re.FindAllSubmatchIndex(text, -1) {
		for i := 0; i < len(match); i += 2 {
			if match[i] >= 0 {
				total++
			}
		}
	}
	return total
}

func eachLine(text []byte, onLine func([]byte)) {
	for len(text) > 0 {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line, text = text[:end], text[end+1:]
		} else {
			text = nil
		}
		onLine(bytes.TrimSuffix(line, []byte("\r")))
	}
}

func search(all []*regexp.Regexp, c benchCase) int {
	total := 0
	for _, text := range c.haystacks {
		switch c.model {
		case "compile", "count", "set":
			for _, re := range all {
				total += len(re.FindAllIndex(text, -1))
			}
		case "count-spans":
			for _, match := range all[0].FindAllIndex(text, -1) {
				total += match[1] - match[0]
			}
		case "count-captures":
			total += countCaptures(all[0], text)
		case "grep":
			eachLine(text, func(line []byte) {
				if all[0].Match(line) {
					total++
				}
			})
		case "grep-captures":
			eachLine(text, func(line []byte) { total += countCaptures(all[0], line) })
		case "short":
			if all[0].Match(text) {
				total++
			}
		default:
			fail(fmt.Errorf("the model '%s' is not known", c.model))
		}
	}
	return total
}

func main() {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	c := readCase(data)
	all := compileAll(c)
	once := func() (time.Duration, int) {
		start := time.Now()
		if c.model == "compile" {
			all = compileAll(c)
			built := time.Since(start)
			return built, search(all, c)
		}
		count := search(all, c)
		return time.Since(start), count
	}
	start := time.Now()
	for rounds := 0; ; {
		once()
		if rounds++; time.Since(start) >= c.warmup || rounds >= c.mostRounds {
			break
		}
	}
	begin := time.Now()
	for rounds := 0; ; {
		took, count := once()
		fmt.Printf("%d,%d\n", took.Nanoseconds(), count)
		if rounds++; time.Since(begin) >= c.time || rounds >= c.mostRounds {
			break
		}
	}
}
