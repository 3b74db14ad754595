package sessions

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A tolerance is how far the values of a shown line may be from those of an
// expected line that begins with a tilde.
type tolerance struct {
	free   bool    // values may be any of their kind
	share  float64 // of the expected number, or
	amount float64 // in its unit
}

var toleranceForm = regexp.MustCompile(`^~(?:([0-9]+(?:\.[0-9]+)?)(%?))? (.*)$`)

// parseTolerance reads `~ text`, `~5% text` and `~2.5 text`.
func parseTolerance(line string) (t *tolerance, text string, ok bool) {
	m := toleranceForm.FindStringSubmatch(line)
	if m == nil {
		return nil, "", false
	}
	t = &tolerance{free: m[1] == ""}
	n, _ := strconv.ParseFloat(m[1], 64)
	if m[2] == "%" {
		t.share = n / 100
	} else {
		t.amount = n
	}
	return t, m[3], true
}

// parts cuts a line into numbers, words and what is between them.
var parts = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)?\b|[0-9A-Za-z]+|[ \t]+|[^0-9A-Za-z \t]`)

// match says whether two lines are the same but for their values: decimal
// numbers, and words with a digit in them, such as cookies and SPIs. Blanks
// may be of any width.
func (t *tolerance) match(want, got string) bool {
	w, g := parts.FindAllString(want, -1), parts.FindAllString(strings.TrimRight(got, " \t"), -1)
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != g[i] && !t.near(w[i], g[i]) {
			return false
		}
	}
	return true
}

// near says whether one part may stand for another.
func (t *tolerance) near(want, got string) bool {
	if isBlank(want) && isBlank(got) {
		return true
	}
	if t.free {
		return isValue(want) && isValue(got)
	}
	w, err1 := strconv.ParseFloat(want, 64)
	g, err2 := strconv.ParseFloat(got, 64)
	return err1 == nil && err2 == nil && math.Abs(w-g) <= t.amount+t.share*math.Abs(w)
}

func isBlank(s string) bool { return strings.Trim(s, " \t") == "" }

// isValue says whether a part is a number, or a word of hexadecimal digits or
// with a digit in it.
func isValue(s string) bool {
	return strings.ContainsAny(s, "0123456789") || len(s) >= 4 && strings.Trim(s, "0123456789abcdefABCDEF") == ""
}
