package netconf

import (
	"encoding/xml"
	"errors"
)

// An Error is an rpc-error (RFC 6241 section 4.3). Its severity is always
// error: no warnings are defined.
type Error struct {
	Type    string // "transport", "rpc", "protocol" or "application"
	Tag     string // of appendix A
	Path    string // XPath of the element that is to blame, "" for none
	Message string
	Info    []*Element // error-info, nil for none
}

// Error is the tag with the message.
func (e *Error) Error() string { return "netconf: " + e.Tag + ": " + e.Message }

// failed is an error of a layer.
func failed(kind, tag, message string, info ...*Element) *Error {
	return &Error{Type: kind, Tag: tag, Message: message, Info: info}
}

func info(name, text string) *Element { return Leaf(Base, name, text) }

// BadElement is an element in a request that is to blame: tag is
// unknown-element, missing-element, bad-element and such.
func BadElement(tag, path, name, message string) *Error {
	return &Error{Type: "application", Tag: tag, Path: path, Message: message, Info: []*Element{info("bad-element", name)}}
}

// Failed is an operation of a device that failed, for the reason of that tag.
func Failed(tag, message string) *Error { return failed("application", tag, message) }

func (e *Error) element() *Element {
	r := Node(Base, "rpc-error", Leaf(Base, "error-type", e.Type), Leaf(Base, "error-tag", e.Tag), Leaf(Base, "error-severity", "error"))
	if e.Path != "" {
		r.Kids = append(r.Kids, Leaf(Base, "error-path", e.Path))
	}
	text := Leaf(Base, "error-message", e.Message)
	text.Attrs = []xml.Attr{{Name: xml.Name{Space: "xml", Local: "lang"}, Value: "en"}}
	r.Kids = append(r.Kids, text)
	if e.Info != nil {
		r.Kids = append(r.Kids, Node(Base, "error-info", e.Info...))
	}
	return r
}

// rpcErrors are the rpc-errors of an error and of those that it joins.
func rpcErrors(err error) []*Element {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var list []*Element
		for _, e := range all.Unwrap() {
			list = append(list, rpcErrors(e)...)
		}
		return list
	}
	var e *Error
	if !errors.As(err, &e) {
		e = Failed("operation-failed", err.Error())
	}
	return []*Element{e.element()}
}
