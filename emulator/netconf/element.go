package netconf

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// An Element is an element of XML: it has children or text.
type Element struct {
	Space, Name string
	Attrs       []xml.Attr // without the declarations of namespaces
	Kids        []*Element
	Text        string // without the blanks around it
}

// Node is an element with children.
func Node(space, name string, kids ...*Element) *Element {
	return &Element{Space: space, Name: name, Kids: kids}
}

// Leaf is an element with text.
func Leaf(space, name, text string) *Element { return &Element{Space: space, Name: name, Text: text} }

// Child is the first child of that name, nil if there is none.
func (e *Element) Child(name string) *Element {
	if e != nil {
		for _, k := range e.Kids {
			if k.Name == name {
				return k
			}
		}
	}
	return nil
}

// Value is the text of the first child of that name, "" if there is none.
func (e *Element) Value(name string) string {
	if k := e.Child(name); k != nil {
		return k.Text
	}
	return ""
}

// Attr is an attribute.
func (e *Element) Attr(space, name string) (value string, ok bool) {
	i := slices.IndexFunc(e.Attrs, func(a xml.Attr) bool { return a.Name == xml.Name{Space: space, Local: name} })
	if i < 0 {
		return "", false
	}
	return e.Attrs[i].Value, true
}

// How deep elements may nest and how many a message may have.
const (
	MaxDepth    = 64
	MaxElements = 50_000
)

var errDirective = errors.New("netconf: a message has no document type (RFC 6241 section 3)")

// Parse reads a document of one element. Comments and processing instructions
// are left out.
func Parse(text []byte) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	var root *Element
	var open []*Element
	var texts [][]byte // of the open elements
	for n := 0; ; {
		t, err := d.Token()
		switch {
		case err == io.EOF && root == nil:
			return nil, errors.New("netconf: the message is empty")
		case err == io.EOF:
			return root, nil
		case err != nil:
			return nil, fmt.Errorf("netconf: %w", err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, errDirective
		case xml.StartElement:
			if n++; n > MaxElements || len(open) == MaxDepth {
				return nil, fmt.Errorf("netconf: the message has more than %d elements or levels of more than %d", MaxElements, MaxDepth)
			}
			e := &Element{Space: t.Name.Space, Name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
					e.Attrs = append(e.Attrs, a)
				}
			}
			switch {
			case len(open) > 0:
				up := open[len(open)-1]
				up.Kids = append(up.Kids, e)
			case root != nil:
				return nil, errors.New("netconf: the message has more than one element")
			default:
				root = e
			}
			open, texts = append(open, e), append(texts, nil)
		case xml.EndElement:
			last := len(open) - 1
			open[last].Text = string(bytes.TrimSpace(texts[last]))
			open, texts = open[:last], texts[:last]
		case xml.CharData:
			switch {
			case len(open) > 0:
				texts[len(open)-1] = append(texts[len(open)-1], t...)
			case len(bytes.TrimSpace(t)) > 0:
				return nil, errors.New("netconf: text stands outside of the element")
			}
		}
	}
}

// Append writes the element behind b. space is the namespace that holds there.
func (e *Element) Append(b []byte, space string) []byte {
	b = append(append(b, '<'), e.Name...)
	if e.Space != space {
		b = append(quote(append(b, ` xmlns="`...), e.Space), '"')
	}
	for i, a := range e.Attrs {
		switch a.Name.Space {
		case "":
			b = append(b, ' ')
		case "xml", "http://www.w3.org/XML/1998/namespace":
			b = append(b, " xml:"...)
		default:
			b = fmt.Appendf(b, ` xmlns:a%d="`, i)
			b = fmt.Appendf(quote(b, a.Name.Space), `" a%d:`, i)
		}
		b = append(b, a.Name.Local...)
		b = append(quote(append(b, `="`...), a.Value), '"')
	}
	if len(e.Kids) == 0 && e.Text == "" {
		return append(b, "/>"...)
	}
	b = append(b, '>')
	if len(e.Kids) == 0 {
		b = quote(b, e.Text)
	}
	for _, k := range e.Kids {
		b = k.Append(b, e.Space)
	}
	return append(append(append(b, "</"...), e.Name...), '>')
}

// Document is the element as a whole message.
func (e *Element) Document() []byte {
	return e.Append([]byte(xml.Header[:len(xml.Header)-1]), "")
}

// quote writes text; a character that XML cannot have becomes U+FFFD.
func quote(b []byte, text string) []byte {
	for _, r := range text {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>': // so that no text ends a message
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\r':
			b = append(b, "&#xD;"...)
		case r < ' ' && r != '\n' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
