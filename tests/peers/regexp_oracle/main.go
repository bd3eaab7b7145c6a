// Command regexp_oracle answers what Go's regexp package says about expressions and texts. It is the
// reference of match_differential, which starts it and talks to it over its standard streams.
//
// A frame, either way, is its length (uint32, little endian) and that many bytes. Inside, a number is a
// uvarint and a string is its length and its bytes. A request is a list of questions:
//
//	'M' flags longest pattern template split_limit texts(count, (text, from)...)
//	'S' pattern seed count                 wants texts that the expression probably matches
//
// and its answer has for each of them, in order,
//
//	'M'  error; where that is empty: group count, group names, and for each text
//	     matches (count, then for each match and group begin+1 and end+1, 0: took no part),
//	     the match from `from` on with its groups (none: 0), replaced, literally replaced, split (count, parts)
//	'S'  count, texts
//
// The package's own compile and doExecute are reached by linkname, since only they take every
// combination of flags and a place to start; build with -ldflags=-checklinkname=0.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"regexp/syntax"
	_ "unsafe"
)

//go:linkname compile regexp.compile
func compile(expr string, mode syntax.Flags, longest bool) (*regexp.Regexp, error)

//go:linkname doExecute regexp.(*Regexp).doExecute
func doExecute(re *regexp.Regexp, r io.RuneReader, b []byte, s string, pos int, ncap int, dstCap []int) []int

type reader struct{ data []byte }

func (r *reader) number() int {
	value, n := binary.Uvarint(r.data)
	if n <= 0 {
		panic("regexp_oracle: a number is cut short")
	}
	r.data = r.data[n:]
	return int(value)
}

func (r *reader) text() string {
	n := r.number()
	if n > len(r.data) {
		panic("regexp_oracle: a string is cut short")
	}
	s := string(r.data[:n])
	r.data = r.data[n:]
	return s
}

type writer struct{ data []byte }

func (w *writer) number(value int) { w.data = binary.AppendUvarint(w.data, uint64(value)) }

func (w *writer) text(s string) {
	w.number(len(s))
	w.data = append(w.data, s...)
}

func (w *writer) positions(positions []int) {
	for _, p := range positions {
		w.number(p + 1)
	}
}

func tryCompile(pattern string, flags syntax.Flags, longest bool) (re *regexp.Regexp, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return compile(pattern, flags, longest)
}

// programCaptures is what the package passes to doExecute: a group that was simplified away, as in (a){0},
// is not in the program.
func programCaptures(re *regexp.Regexp) int {
	return int(reflect.ValueOf(re).Elem().FieldByName("prog").Elem().FieldByName("NumCap").Int())
}

func answerMatch(r *reader, w *writer) {
	flags := syntax.Flags(r.number())
	longest := r.number() != 0
	pattern := r.text()
	template := r.text()
	limit := r.number() - 1
	re, err := tryCompile(pattern, flags, longest)
	if err != nil {
		w.text(err.Error())
	} else {
		w.text("")
		w.number(re.NumSubexp() + 1)
		for _, name := range re.SubexpNames() {
			w.text(name)
		}
	}
	for texts := r.number(); texts > 0; texts-- {
		text := r.text()
		from := r.number()
		if err != nil {
			continue
		}
		matches := re.FindAllStringSubmatchIndex(text, -1)
		w.number(len(matches))
		for _, match := range matches {
			w.positions(match)
		}
		later := doExecute(re, nil, nil, text, from, programCaptures(re), nil)
		if later == nil {
			w.number(0)
		} else {
			w.number(1)
			// As the package's own pad does.
			for len(later) < 2*(re.NumSubexp()+1) {
				later = append(later, -1)
			}
			w.positions(later)
		}
		w.text(re.ReplaceAllString(text, template))
		w.text(re.ReplaceAllLiteralString(text, template))
		parts := re.Split(text, limit)
		w.number(len(parts))
		for _, part := range parts {
			w.text(part)
		}
	}
}

// sample appends a text that re probably matches: anchors and boundaries are taken as true.
func sample(re *syntax.Regexp, random *rand.Rand, out []byte) []byte {
	if len(out) > 400 {
		return out
	}
	times := func(min, max int) {
		if max < 0 {
			max = min + 3
			if random.Intn(20) == 0 {
				max = min + 40
			}
		}
		for n := min + random.Intn(max-min+1); n > 0; n-- {
			out = sample(re.Sub[0], random, out)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && random.Intn(2) == 0 {
				r = fold(r)
			}
			out = append(out, string(r)...)
		}
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			i := random.Intn(len(re.Rune)/2) * 2
			span := int(re.Rune[i+1]-re.Rune[i]) + 1
			if span > 128 && random.Intn(4) != 0 {
				span = 128
			}
			out = append(out, string(re.Rune[i]+rune(random.Intn(span)))...)
		}
	case syntax.OpAnyCharNotNL, syntax.OpAnyChar:
		out = append(out, []string{"a", "Z", "0", " ", "-", "é", "日", "\xff", "\x00", "=\"", "\n"}[random.Intn(11)]...)
	case syntax.OpCapture:
		out = sample(re.Sub[0], random, out)
	case syntax.OpStar:
		times(0, -1)
	case syntax.OpPlus:
		times(1, -1)
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(re.Min, re.Max)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			out = sample(sub, random, out)
		}
	case syntax.OpAlternate:
		out = sample(re.Sub[random.Intn(len(re.Sub))], random, out)
	case syntax.OpBeginLine, syntax.OpEndLine:
		if random.Intn(2) == 0 {
			out = append(out, '\n')
		}
	}
	return out
}

func fold(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	if 'A' <= r && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}

func answerSample(r *reader, w *writer) {
	pattern := r.text()
	random := rand.New(rand.NewSource(int64(r.number())))
	count := r.number()
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		count = 0
	}
	w.number(count)
	for ; count > 0; count-- {
		w.text(string(sample(re, random, nil)))
	}
}

func answer(request []byte) []byte {
	r := &reader{request}
	w := &writer{}
	for len(r.data) > 0 {
		kind := r.data[0]
		r.data = r.data[1:]
		switch kind {
		case 'M':
			answerMatch(r, w)
		case 'S':
			answerSample(r, w)
		default:
			panic(fmt.Sprintf("regexp_oracle: unknown question %q", kind))
		}
	}
	return w.data
}

// readFrames reads ahead, so that the other side may write its next request before it reads an answer.
func readFrames(requests chan<- []byte) {
	defer close(requests)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		var size [4]byte
		if _, err := io.ReadFull(in, size[:]); err != nil {
			return
		}
		request := make([]byte, binary.LittleEndian.Uint32(size[:]))
		if _, err := io.ReadFull(in, request); err != nil {
			fmt.Fprintln(os.Stderr, "regexp_oracle: a request is cut short:", err)
			os.Exit(2)
		}
		requests <- request
	}
}

func main() {
	requests := make(chan []byte, 2)
	go readFrames(requests)
	for request := range requests {
		reply := answer(request)
		frame := binary.LittleEndian.AppendUint32(nil, uint32(len(reply)))
		if _, err := os.Stdout.Write(append(frame, reply...)); err != nil {
			os.Exit(2)
		}
	}
}
