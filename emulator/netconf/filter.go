package netconf

// Select is what a subtree filter (RFC 6241 section 6) leaves of data. A filter
// that is nil leaves everything, one without elements nothing.
func Select(data []*Element, filter *Element) []*Element {
	if filter == nil {
		return data
	}
	s := selection{}
	for _, f := range filter.Kids {
		for _, d := range data {
			if sameName(d, f) {
				s.mark(d, f)
			}
		}
	}
	return s.cut(data)
}

// A selection is the elements that were selected, true for those with all
// below them.
type selection map[*Element]bool

func sameName(a, b *Element) bool { return a.Space == b.Space && a.Name == b.Name }

// matches says whether a filter's element asks for its own text (section
// 6.2.5).
func matches(f *Element) bool { return len(f.Kids) == 0 && f.Text != "" }

// mark selects what one element of a filter leaves of one of the data and says
// whether that is anything.
func (s selection) mark(d, f *Element) bool {
	for _, a := range f.Attrs { // section 6.2.2
		if v, ok := d.Attr(a.Name.Space, a.Name.Local); !ok || v != a.Value {
			return false
		}
	}
	if matches(f) && f.Text != d.Text {
		return false
	}
	var match, rest []*Element
	for _, k := range f.Kids {
		if matches(k) {
			match = append(match, k)
		} else {
			rest = append(rest, k)
		}
	}
	var equal []*Element
	for _, m := range match {
		found := false
		for _, k := range d.Kids {
			if sameName(k, m) && k.Text == m.Text {
				found = true
				equal = append(equal, k)
			}
		}
		if !found {
			return false
		}
	}
	if len(rest) == 0 {
		s[d] = true
		return true
	}
	any := false
	for _, k := range equal {
		s[k], any = true, true
	}
	for _, r := range rest {
		for _, k := range d.Kids {
			if sameName(k, r) && s.mark(k, r) {
				any = true
			}
		}
	}
	if _, known := s[d]; any && !known {
		s[d] = false // in part
	}
	return any
}

// cut is the data without what was not selected.
func (s selection) cut(data []*Element) (out []*Element) {
	for _, d := range data {
		whole, some := s[d]
		switch {
		case whole:
			out = append(out, d)
		case some:
			c := *d
			c.Kids = s.cut(d.Kids)
			out = append(out, &c)
		}
	}
	return out
}
