package cast

import "cwlab/sessions/vt"

// keyBytes is how much output lies between two keyframes.
const keyBytes = 256 << 10

// keyframes follows a recording that is being written and says where it gets
// a keyframe.
type keyframes struct {
	term  *vt.Terminal
	since int
}

// Recordings of ours begin with a terminal of that size.
const (
	beginWidth  = 80
	beginHeight = 24
)

func newKeyframes() keyframes { return keyframes{term: vt.New(beginWidth, beginHeight)} }

// after is the keyframe that follows an event, "" for none.
func (k *keyframes) after(code byte, data string) string {
	switch code {
	case Resize:
		if w, h, err := size(data); err == nil {
			k.term.Resize(w, h)
		}
	case Output:
		k.term.Write([]byte(data))
		if k.since += len(data); k.since >= keyBytes && k.term.Ground() {
			k.since = 0
			return k.term.Dump()
		}
	}
	return ""
}
