package netconf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// all are the messages that a stream gives which comes in pieces.
func all(d *Deframer, stream string, piece int) (got []string, err error) {
	for len(stream) > 0 {
		n := min(piece, len(stream))
		d.Write([]byte(stream[:n]))
		stream = stream[n:]
		for {
			m, ok, err := d.Next()
			if err != nil {
				return got, err
			}
			if !ok {
				break
			}
			got = append(got, string(m))
		}
	}
	return got, nil
}

func TestFraming(t *testing.T) {
	for _, tc := range []struct {
		name, stream string
		chunked      bool
		want         []string
		bad          bool
	}{
		{"end of message", "<a/>]]>]]><b/>]]>]]><c", false, []string{"<a/>", "<b/>"}, false},
		{"almost an end", "a]]>]]b]]>]]>", false, []string{"a]]>]]b"}, false},
		{"RFC 6242 section 4.2", "\n#4\n<rpc\n#18\n message-id=\"102\"\n\n#3\n />\n##\n", true, []string{"<rpc message-id=\"102\"\n />"}, false},
		{"two messages", "\n#1\na\n##\n\n#2\nbc\n##\n", true, []string{"a", "bc"}, false},
		{"data that looks like a frame", "\n#4\n\n##\n\n##\n", true, []string{"\n##\n"}, false},
		{"no chunk", "\n##\n", true, nil, true},
		{"leading zero", "\n#04\nabcd\n##\n", true, nil, true},
		{"no number", "\n#x\n", true, nil, true},
		{"no line feed", "#4\nabcd", true, nil, true},
		{"the framing of base 1.0", "<rpc/>]]>]]>", true, nil, true},
		{"chunk size above 32 bits", "\n#4294967296\n", true, nil, true},
		{"number without end", "\n#42949672950000000000", true, nil, true},
		{"longer than a message may be", fmt.Sprintf("\n#%d\n", MaxMessage+1), true, nil, true},
		{"end that is none", "\n#1\na\n##x", true, nil, true},
	} {
		for _, piece := range []int{1, 3, 1 << 20} {
			got, err := all(&Deframer{Chunked: tc.chunked}, tc.stream, piece)
			if !slices.Equal(got, tc.want) || (err != nil) != tc.bad || err != nil && !errors.Is(err, ErrFraming) {
				t.Errorf("%s in pieces of %d: %q, %v; want %q, refused %v", tc.name, piece, got, err, tc.want, tc.bad)
			}
		}
	}
}

func TestFramingLimit(t *testing.T) {
	d := &Deframer{}
	d.Write(bytes.Repeat([]byte{'a'}, MaxMessage+len(endOfMessage)))
	if _, _, err := d.Next(); !errors.Is(err, ErrFraming) {
		t.Errorf("a message without end gives %v", err)
	}
}

func TestParse(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{`<a xmlns="u"><b x="1">t &amp; &lt;u&gt;</b><!-- c --><c/></a>`, `<a xmlns="u"><b x="1">t &amp; &lt;u&gt;</b><c/></a>`},
		{`<p:a xmlns:p="u" xmlns:q="v" q:op="m"><p:b> t </p:b></p:a>`, `<a xmlns="u" xmlns:a0="v" a0:op="m"><b>t</b></a>`},
		{"<a><![CDATA[<x> & y]]></a>", "<a>&lt;x&gt; &amp; y</a>"},
		{`<?xml version="1.0" encoding="UTF-8"?>` + "\n<a/>\n", "<a/>"},
	} {
		e, err := Parse([]byte(tc.text))
		if err != nil {
			t.Errorf("%s: %v", tc.text, err)
			continue
		}
		if got := string(e.Append(nil, "")); got != tc.want {
			t.Errorf("%s is written as %s, want %s", tc.text, got, tc.want)
		}
	}
	for _, text := range []string{"", "x", "<a>", "<a></b>", "<a/><b/>", "<a/>x", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "<a>&b;</a>", "<a b='1' b2=></a>",
		strings.Repeat("<a>", MaxDepth+1) + strings.Repeat("</a>", MaxDepth+1), "<a>" + strings.Repeat("<b/>", MaxElements) + "</a>", "<a>\x01</a>"} {
		if e, err := Parse([]byte(text)); err == nil {
			t.Errorf("%.40q is read as %s", text, e.Append(nil, ""))
		}
	}
}

// What a display can print must not break the message.
func TestQuote(t *testing.T) {
	e := Leaf("", "a", "x\x00\x1b[m]]>]]>\r\n\ty\xff")
	got, err := Parse(e.Document())
	if want := "x\uFFFD\uFFFD[m]]>]]>\r\n\ty\uFFFD"; err != nil || got.Text != want {
		t.Errorf("%q comes back as %q, %v", want, got.Text, err)
	}
	if bytes.Contains(e.Document(), []byte(endOfMessage)) {
		t.Error("text ends the message")
	}
}

func FuzzFraming(f *testing.F) {
	f.Add([]byte("<a/>]]>]]>"), false, 1)
	f.Add([]byte("\n#4\n<rpc\n#18\n message-id=\"102\"\n\n#3\n />\n##\n"), true, 5)
	f.Fuzz(func(t *testing.T, stream []byte, chunked bool, piece int) {
		piece = max(piece, 1)
		whole, err1 := all(&Deframer{Chunked: chunked}, string(stream), len(stream)+1)
		cut, err2 := all(&Deframer{Chunked: chunked}, string(stream), piece)
		if !slices.Equal(whole, cut) || (err1 == nil) != (err2 == nil) {
			t.Errorf("whole: %q, %v; in pieces of %d: %q, %v", whole, err1, piece, cut, err2)
		}
		for _, m := range whole {
			if !chunked && strings.Contains(m, endOfMessage) || m == "" {
				continue
			}
			again, err := all(&Deframer{Chunked: chunked}, string(Frame(nil, []byte(m), chunked)), 7)
			if err != nil || !slices.Equal(again, []string{m}) {
				t.Errorf("%q comes back as %q, %v", m, again, err)
			}
		}
	})
}

func FuzzRequest(f *testing.F) {
	for _, s := range []string{`<rpc message-id="1" xmlns="` + Base + `"><lock><target><running/></target></lock></rpc>`, `<rpc xmlns="` + Base + `"/>`, "<a>",
		`<rpc message-id="1" xmlns="` + Base + `"><get><filter><a xmlns="u"><b>1</b></a></filter></get></rpc>`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		c := connect(t, NewServer(&fake{}), false, Base11)
		c.session.Input(Frame(nil, message, true))
		if c.ended || len(message) == 0 {
			return
		}
		for _, m := range c.take() {
			r, err := Parse([]byte(m))
			if err != nil || r.Name != "rpc-reply" || len(r.Kids) == 0 {
				t.Errorf("%q is answered with %s, %v", message, m, err)
			}
		}
	})
}
