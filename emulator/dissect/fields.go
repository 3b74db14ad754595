package dissect

import "fmt"

// A Field is a value in a frame under the name, and in the form, that tshark
// prints it with -T fields. A protocol that the frame has is a field without a
// value.
type Field struct{ Name, Value string }

// Fields lists the fields of a frame in the order of its bytes, those of what
// could be decrypted at the end of what hid them. Beside the names of tshark
// there is none.
func (d *Dissector) Fields(frame []byte) []Field {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := []Field{}
	r := reading{d: d, b: frame, fields: &all}
	r.put("frame.len", "%d", len(frame))
	r.ethernet(0, len(frame))
	return all
}

// put notes a field for Fields.
func (r *reading) put(name, format string, args ...any) {
	if r.fields != nil {
		*r.fields = append(*r.fields, Field{name, fmt.Sprintf(format, args...)})
	}
}

// has notes a protocol.
func (r *reading) has(protocol string) {
	if r.fields != nil {
		*r.fields = append(*r.fields, Field{Name: protocol})
	}
}
