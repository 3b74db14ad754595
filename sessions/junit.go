package sessions

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// A Suite is one script that was run, for a report.
type Suite struct {
	Name   string
	Result *Result // nil when it could not begin
	Err    error   // why, or that it failed
}

// The elements of JUnit's XML that CI systems read: a suite a script, a case
// an expectation.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string       `xml:"name,attr"`
		Class   string       `xml:"classname,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Failure *junitDetail `xml:"failure,omitempty"`
		Error   *junitDetail `xml:"error,omitempty"`
	}
	junitDetail struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes what scripts came to. A script that could not be run to
// its end has an error as its last case.
func WriteJUnit(w io.Writer, suites []Suite) error {
	var all junitSuites
	for _, s := range suites {
		suite := junitSuite{Name: s.Name}
		var err error
		if s.Result == nil {
			err = s.Err
		} else {
			err = s.Result.Err
			for _, c := range s.Result.Checks {
				one := junitCase{Name: fmt.Sprintf("%d: %s", c.Line, c.Name), Class: s.Name + "." + c.Device, File: c.File, Line: c.Line}
				if c.Text != "" {
					one.Failure = &junitDetail{c.Device + " shows something else", printable(c.String())}
					suite.Failures++
				}
				suite.Cases = append(suite.Cases, one)
			}
		}
		if err != nil {
			suite.Errors++
			suite.Cases = append(suite.Cases, junitCase{Name: "runs to its end", Class: s.Name, Error: &junitDetail{printable(err.Error()), ""}})
		} else if len(suite.Cases) == 0 { // a script that expects nothing has passed by ending
			suite.Cases = append(suite.Cases, junitCase{Name: "runs to its end", Class: s.Name})
		}
		suite.Tests = len(suite.Cases)
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// printable shows the control characters that XML does not have.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return '\u2400' + r
		}
		return r
	}, s)
}
