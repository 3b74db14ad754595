package ssh

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"
)

// Rows are RFC 854 (commands, end of line), 855 (subnegotiation), 857, 858 and
// 1073.
func TestTelnetParse(t *testing.T) {
	for _, tc := range []struct {
		name, in, typed, answer, sizes string
	}{
		{"text", "abc", "abc", "", ""},
		{"end of line is CR LF, CR NUL or CR", "a\r\nb\r\x00c\rd\ne", "a\rb\rc\rd\ne", "", ""},
		{"a byte 255", "a\xff\xffb", "a\xffb", "", ""},
		{"interrupt process and break", "\xff\xf4\xff\xf3", "\x03\x03", "", ""},
		{"erase character", "a\xff\xf7", "a\b", "", ""},
		{"commands without a meaning here", "a\xff\xf1\xff\xf6\xff\xf9b", "ab", "", ""},
		{"what was offered is agreed on in silence", "\xff\xfd\x01\xff\xfd\x03\xff\xfb\x1f", "", "", ""},
		{"suppress go ahead from the other side", "\xff\xfb\x03\xff\xfb\x03", "", "\xff\xfd\x03", ""},
		{"other options are refused", "\xff\xfd\x18\xff\xfb\x18", "", "\xff\xfc\x18\xff\xfe\x18", ""},
		{"what is off stays off in silence", "\xff\xfe\x18\xff\xfc\x18", "", "", ""},
		{"an option that is taken back", "\xff\xfe\x01\xff\xfe\x01\xff\xfd\x01", "", "\xff\xfc\x01\xff\xfc\x01", ""},
		{"window size", "\xff\xfb\x1f\xff\xfa\x1f\x00\x84\x00\x2b\xff\xf0x", "x", "", "132x43."},
		{"window size with a byte 255", "\xff\xfa\x1f\xff\xff\xff\xff\x00\x28\xff\xf0", "", "", "65535x40."},
		{"window size of a wrong length", "\xff\xfa\x1f\x00\x84\x00\xff\xf0", "", "", ""},
		{"window size that was refused", "\xff\xfc\x1f\xff\xfa\x1f\x00\x84\x00\x2b\xff\xf0", "", "\xff\xfe\x1f", ""},
		{"another subnegotiation", "\xff\xfa\x18\x00" + "a terminal type that is too long" + "\xff\xf0x", "x", "", ""},
		{"a subnegotiation that breaks off", "\xff\xfa\x1f\x00\xff\xf1x", "x", "", ""},
	} {
		for _, size := range []int{len(tc.in), 1} {
			var sizes bytes.Buffer
			tel := newTelnet(nil, func(w, h uint32) { fmt.Fprintf(&sizes, "%dx%d.", w, h) })
			var typed, answer []byte
			for in := []byte(tc.in); len(in) > 0; in = in[size:] {
				a, b := tel.parse(bytes.Clone(in[:size]))
				typed, answer = append(typed, a...), append(answer, b...)
			}
			if string(typed) != tc.typed || string(answer) != tc.answer || sizes.String() != tc.sizes {
				t.Errorf("%s, %d at a time: typed %q, answer %q, sizes %q, want %q, %q, %q", tc.name, size, typed, answer, sizes.String(), tc.typed, tc.answer, tc.sizes)
			}
		}
	}
}

func TestTelnetWrite(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	tel := newTelnet(a, nil)
	go func() {
		for _, s := range []string{"x\r\ny\r", "z\r", "\n\xff"} {
			if n, err := tel.Write([]byte(s)); n != len(s) || err != nil {
				t.Errorf("write: %d, %v", n, err)
			}
		}
		a.Close()
	}()
	got, _ := io.ReadAll(b)
	if want := "x\r\ny\r\x00z\r\n\xff\xff"; string(got) != want {
		t.Errorf("on the wire is %q, want %q", got, want)
	}
}

// Whatever comes, the reader types no more than was sent and answers with whole
// refusals or agreements.
func FuzzTelnetParse(f *testing.F) {
	f.Add([]byte("\xff\xfb\x1f\xff\xfa\x1f\x00\x84\x00\x2b\xff\xf0x"), 3)
	f.Add([]byte("a\r\n\xff\xff\xff\xf4"), 1)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		whole, parts := newTelnet(nil, func(w, h uint32) {}), newTelnet(nil, func(w, h uint32) {})
		typed, answer := whole.parse(bytes.Clone(in))
		at := max(0, min(cut, len(in)))
		t1, a1 := parts.parse(bytes.Clone(in[:at]))
		t2, a2 := parts.parse(bytes.Clone(in[at:]))
		if !bytes.Equal(typed, append(t1, t2...)) || !bytes.Equal(answer, append(a1, a2...)) {
			t.Errorf("cut at %d it is %q, %q, else %q, %q", at, append(t1, t2...), append(a1, a2...), typed, answer)
		}
		if len(typed) > len(in) || len(answer)%3 != 0 || len(answer) > len(in) {
			t.Errorf("%d bytes typed and %q answered of %q", len(typed), answer, in)
		}
		if len(whole.sub) > subMax || len(whole.ours) > 2 || len(whole.theirs) > 2 {
			t.Errorf("it keeps %q, %v, %v", whole.sub, whole.ours, whole.theirs)
		}
	})
}
