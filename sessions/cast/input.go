package cast

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"cwlab/emulator/lab"
)

// An entry is a "w" event: where and when the event behind it enters the
// world.
type entry struct {
	events       uint64 // of the world before it
	device, line string // "" for what concerns no console
	hidden       []span // of the bytes of the keys
	keys         []byte // that are no text, nil for those that are
	end          bool   // nothing enters: the recording ends here
}

// A span is bytes from, up to and not including to.
type span struct{ from, to int }

func (e entry) String() string {
	words := []string{strconv.FormatUint(e.events, 10)}
	if e.end {
		return words[0] + " end"
	}
	if e.device != "" {
		words = append(words, e.device)
	}
	if e.line != "" {
		words = append(words, e.line)
	}
	if len(e.hidden) > 0 {
		var all []string
		for _, s := range e.hidden {
			all = append(all, fmt.Sprintf("%d-%d", s.from, s.to))
		}
		words = append(words, "hidden", strings.Join(all, ","))
	}
	if e.keys != nil {
		words = append(words, "hex", hex.EncodeToString(e.keys))
	}
	return strings.Join(words, " ")
}

// parseEntry reads what String writes.
func parseEntry(text string) (e entry, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return e, errors.New(`"w" is empty, want the number of events before it`)
	}
	if e.events, err = strconv.ParseUint(words[0], 10, 64); err != nil {
		return e, fmt.Errorf(`"w" begins with %q, want the number of events before it`, words[0])
	}
	words = words[1:]
	if len(words) == 1 && words[0] == "end" {
		e.end = true
		return e, nil
	}
	for _, to := range []*string{&e.device, &e.line} {
		if len(words) > 0 && words[0] != "hidden" && words[0] != "hex" {
			*to, words = words[0], words[1:]
		}
	}
	for len(words) > 1 {
		switch words[0] {
		case "hidden":
			for part := range strings.SplitSeq(words[1], ",") {
				var s span
				if n, _ := fmt.Sscanf(part+" .", "%d-%d .", &s.from, &s.to); n != 2 || s.from < 0 || s.to <= s.from {
					return e, fmt.Errorf("hidden bytes are %q, want FROM-TO", part)
				}
				e.hidden = append(e.hidden, s)
			}
		case "hex":
			if e.keys, err = hex.DecodeString(words[1]); err != nil {
				return e, fmt.Errorf("keys are %q: %w", words[1], err)
			}
		default:
			return e, fmt.Errorf(`"w" has %q, want hidden or hex`, words[0])
		}
		words = words[2:]
	}
	if len(words) > 0 {
		return e, fmt.Errorf(`"w" ends with %q`, words[0])
	}
	return e, nil
}

// input writes what enters the world.
func (r *Recorder) input(in lab.Input) {
	if r.closed || in.Line != "" { // virtual lines have recordings of their own
		return
	}
	r.flush()
	e := entry{events: in.Events, device: in.Device, line: in.Line}
	code, data := Marker, in.Action
	if in.Action == "" {
		var keys []byte
		d := r.lab.Device(in.Device)
		keys, e.hidden = r.watched[in.Device].redact(in.Bytes, lab.Masked(d), d.Idle(), r.keep)
		code, data = Input, string(keys)
		if !utf8.Valid(keys) {
			e.keys, data = keys, strings.ToValidUTF8(data, string(utf8.RuneError))
		}
	} else if f := strings.Fields(in.Action); f[0] == "resize" && len(f) == 4 {
		e.device, code, data = f[1], Resize, f[2]+"x"+f[3]
		if w := r.watched[f[1]]; w != nil {
			w.SetWidth(atoi(f[2]))
		}
		if _, _, err := size(data); err != nil { // no terminal
			code, data, e.device = Marker, in.Action, ""
		}
	}
	r.write(World, e.String())
	r.write(code, data)
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
