package sessions

import (
	"fmt"
	"strconv"
	"strings"

	"cwlab/emulator/sim"
)

// maxRange bounds the draws that one line of a tape fixes.
const maxRange = 10000

// pin puts a line on a tape. The ordinal may be a range: "F1060 icmp
// turnaround 1-40" fixes forty draws to the same value.
func pin(tape map[string]string, key, value string) error {
	f := strings.Fields(key)
	value = strings.TrimSpace(value)
	first, last := 0, 0
	if len(f) > 0 {
		if a, b, ok := strings.Cut(f[len(f)-1], "-"); ok {
			var errA, errB error
			first, errA = strconv.Atoi(a)
			last, errB = strconv.Atoi(b)
			if errA != nil || errB != nil || first < 1 || last < first || last-first >= maxRange {
				return fmt.Errorf("tape: key %q: the ordinals are %q, want a range such as 1-40 of at most %d", strings.Join(f, " "), f[len(f)-1], maxRange)
			}
		}
	}
	for i := first; i <= last; i++ {
		if first > 0 {
			f[len(f)-1] = strconv.Itoa(i)
		}
		k := strings.Join(f, " ")
		if _, err := sim.NewTape(map[string]string{k: value}); err != nil {
			return err
		}
		if _, twice := tape[k]; twice {
			return fmt.Errorf("tape: %s is on the tape already", k)
		}
		tape[k] = value
	}
	return nil
}
