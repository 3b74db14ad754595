// Package cast records what consoles show as asciicasts, plays such
// recordings, and executes those that it has made itself again.
//
// A recording is one file of lines in the format asciicast v2 or v3
// (https://docs.asciinema.org/manual/asciicast/): a header, then events, each
// a time, a code and a text. Its time is the virtual time of the world. Two
// codes are our own, which other players pass over:
//
//	"w"  the event that follows enters the world: "N DEVICE [LINE]" for keys
//	     and sizes, "N" for what the marker says, where N counts the world's
//	     events before it; "hidden A-B" says which bytes of the keys were
//	     replaced, "hex" has keys that are no text
//	"k"  a keyframe: what brings an empty terminal to the state of this moment
//
// and the header has a field of ours, x-cwlab: the lab, its seed, its start.
// With them a recording is all there is to know of a run.
//
// Limitations: asciicast v1 is not read. Recordings of visits over SSH, of
// bridged labs and of labs with files kept on disk are shown but not executed.
// A hidden secret is as long as it was. Passwords that are typed ahead are known
// by the commands that ask for them, password and super.
package cast

import (
	"encoding/json"
	"fmt"
	"time"
)

// The codes of events.
const (
	Output   byte = 'o'
	Input    byte = 'i'
	Resize   byte = 'r'
	Marker   byte = 'm'
	Exit     byte = 'x' // v3 alone
	World    byte = 'w'
	Keyframe byte = 'k'
)

// maxCells bounds the width and the height of a recording.
const maxCells = 1000

// A Header is the first line of a recording.
type Header struct {
	Version       int // 2 or 3
	Width, Height int
	Start         time.Time     // of the recording, zero if it does not tell
	Idle          time.Duration // the longest pause to be played, 0 for any
	Title         string
	Run           *Run // nil for recordings by others
}

// A Run says what to open to execute a recording again.
type Run struct {
	Version string            `json:"version"` // of the program
	Lab     string            `json:"lab"`     // as the person named it
	Hash    string            `json:"hash"`    // of its content
	Seed    uint64            `json:"seed,omitempty"`
	Free    bool              `json:"free,omitempty"`
	Style   string            `json:"console"`
	Start   time.Time         `json:"start"` // virtual
	Tape    map[string]string `json:"tape,omitempty"`
	Device  string            `json:"device,omitempty"` // the one console that is shown, "" for all
	Only    string            `json:"only,omitempty"`   // why it cannot be executed again, "" if it can
}

// An Event is a line of a recording.
type Event struct {
	At   time.Duration // since the start
	Code byte
	Data string
}

// wireHeader is a header as it is written, in both versions.
type wireHeader struct {
	Version   int               `json:"version"`
	Width     int               `json:"width,omitempty"`
	Height    int               `json:"height,omitempty"`
	Term      *wireTerm         `json:"term,omitempty"`
	Timestamp json.Number       `json:"timestamp,omitempty"`
	Idle      float64           `json:"idle_time_limit,omitempty"`
	Title     string            `json:"title,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	Run       *Run              `json:"x-cwlab,omitempty"`
}

type wireTerm struct {
	Cols int    `json:"cols"`
	Rows int    `json:"rows"`
	Type string `json:"type,omitempty"`
}

// A LineError is what is wrong with a line of a recording.
type LineError struct {
	File string // "" if it has no name
	Line int
	Text string
}

func (e *LineError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
}

// size reads the text of a resize, as 80x24.
func size(s string) (w, h int, err error) {
	var rest string
	if n, _ := fmt.Sscanf(s+" .", "%dx%d %s", &w, &h, &rest); n != 3 || rest != "." || w < 1 || h < 1 || w > maxCells || h > maxCells {
		return 0, 0, fmt.Errorf("size is %q, want COLUMNSxROWS of 1 to %d", s, maxCells)
	}
	return w, h, nil
}
