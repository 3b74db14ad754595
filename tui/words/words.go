// Package words has the program's own words in English and Chinese: menus,
// bars, prompts, usage texts and errors, not what devices print.
//
// A text is named by its English form, a format of package fmt. The Chinese
// one takes the same arguments in the same order.
//
// Limitations: errors in the files of a lab, in scripts and of the operating
// system are told in English, and so is what a lab says of itself.
package words

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Lang is a language.
type Lang int

// The languages.
const (
	English Lang = iota
	Chinese
)

func (l Lang) String() string {
	if l == Chinese {
		return "zh"
	}
	return "en"
}

// Parse reads what --lang takes: en or zh.
func Parse(s string) (Lang, error) {
	switch s {
	case "en":
		return English, nil
	case "zh":
		return Chinese, nil
	}
	return English, Errorf("language is %q, want en or zh", s)
}

// FromLocale is the language of a locale (POSIX.1-2017, 8.2): the first of
// LC_ALL, LC_MESSAGES and LANG that is set.
func FromLocale(getenv func(string) string) Lang {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return Chinese
			}
			return English
		}
	}
	return English
}

// A Told is an error that can be told in every language.
type Told interface {
	error
	In(l Lang) string
}

// Errorf is an error in every language: a text of the catalogue with its
// arguments, where %w wraps as in package fmt.
func Errorf(english string, args ...any) error {
	return &worded{fmt.Errorf(english, args...), english, args}
}

type worded struct {
	error
	english string
	args    []any
}

func (w *worded) Unwrap() error { return errors.Unwrap(w.error) }

func (w *worded) In(l Lang) string {
	args := slices.Clone(w.args)
	for i, a := range args {
		switch a := a.(type) {
		case Text:
			args[i] = Text(l.Say(string(a)))
		case Told:
			args[i] = errors.New(a.In(l))
		}
	}
	return fmt.Errorf(l.text(w.english), args...).Error()
}

// A Text among the arguments of Errorf is a text of the catalogue.
type Text string

// Error tells an error in the language where it can.
func (l Lang) Error(err error) string {
	if t, ok := err.(Told); ok {
		return t.In(l)
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok && strings.Count(err.Error(), "\n") == len(many.Unwrap())-1 { // of errors.Join
		var all []string
		for _, e := range many.Unwrap() {
			all = append(all, l.Error(e))
		}
		return strings.Join(all, "\n")
	}
	return err.Error()
}

// Say is a text in the language. One that is not in the catalogue, as a name,
// is said as it is.
func (l Lang) Say(english string, args ...any) string {
	if len(args) == 0 {
		return l.text(english)
	}
	return fmt.Sprintf(l.text(english), args...)
}

func (l Lang) text(english string) string {
	if c, ok := chinese[english]; ok && l == Chinese {
		return c
	}
	return english
}
