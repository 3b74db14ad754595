package login

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"cwlab/comware/feature"
)

// A Visitor is a terminal on which nobody is logged in yet.
type Visitor interface {
	// Print writes text.
	Print(text string)
	// Ask prints a question and calls f with the line that is typed; masked
	// hides it.
	Ask(prompt string, masked bool, f func(answer string))
}

// An Entry is somebody who was let in.
type Entry struct {
	User  string // "" where nobody was asked
	Roles []string
}

// How often one may try at one line, and the pause after a wrong answer.
const (
	tries = 3
	pause = time.Second
)

// Admit holds the dialogue before a session on a line, from the legal notice
// to the shell banner, and calls done with who was let in, nil for nobody.
// service is terminal on the console, telnet over the network, where from is
// the address. The mode is that of the line; one that asks for a user refuses
// who has no account or another service.
func Admit(b *feature.Box, line, service, from string, v Visitor, done func(*Entry)) {
	d := &dialogue{b: b, line: line, service: service, from: from, v: v, done: done, set: LineSettings(b, line)}
	d.begin()
}

// Greet is Admit for somebody who was authenticated on the way in, as SSH
// does: what is left is the banners.
func Greet(b *feature.Box, e *Entry, v Visitor, done func(*Entry)) {
	d := &dialogue{b: b, v: v, done: done, known: e}
	d.begin()
}

type dialogue struct {
	b             *feature.Box
	line, service string
	from          string
	v             Visitor
	done          func(*Entry)
	set           Settings
	failures      int
	known         *Entry // nil for somebody who is to be asked
}

func (d *dialogue) begin() {
	legal := Header(d.b, "legal")
	if legal == "" {
		d.greet()
		return
	}
	d.v.Print(legal)
	d.consent()
}

// consent asks whether the legal notice is accepted.
func (d *dialogue) consent() {
	d.v.Ask(" Press Y or ENTER to continue, N to exit.", false, func(answer string) {
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "", "y":
			d.greet()
		case "n":
			d.done(nil)
		default:
			d.consent()
		}
	})
}

func (d *dialogue) greet() {
	d.v.Print(Header(d.b, "motd"))
	if d.known != nil {
		d.enter(d.known)
		return
	}
	if d.set.Auth != "none" {
		d.v.Print(Header(d.b, "login"))
	}
	d.ask()
}

// ask asks for what the line's mode wants.
func (d *dialogue) ask() {
	switch d.set.Auth {
	case "password":
		d.v.Ask("Password: ", true, func(password string) {
			if d.set.Secret == "" || !fits(d.set.Secret, password) {
				d.wrong("")
				return
			}
			d.enter(&Entry{Roles: d.set.Roles})
		})
	case "scheme":
		d.v.Ask("login: ", false, func(user string) {
			d.v.Ask("Password: ", true, func(password string) {
				roles, err := Authenticate(d.b, user, password, d.service, d.from)
				switch {
				case err == nil:
					d.enter(&Entry{User: user, Roles: roles})
				case errors.Is(err, ErrLocked):
					d.refuse(user)
				default:
					d.wrong(user)
				}
			})
		})
	default:
		d.enter(&Entry{Roles: d.set.Roles})
	}
}

func (d *dialogue) enter(e *Entry) {
	d.v.Print(Header(d.b, "shell"))
	d.done(e)
}

// place is where the person is, as logs write it.
func (d *dialogue) place() string {
	if d.from == "" {
		return d.line
	}
	return d.from
}

// wrong logs a wrong answer and asks again after a pause, a few times.
func (d *dialogue) wrong(user string) {
	d.b.Log("LOGIN", 6, "LOGIN_INVALID_USERNAME_PWD", fmt.Sprintf("Invalid username or password from %s.", d.place()))
	d.failures++
	if d.failures == tries {
		d.refuse(user)
		return
	}
	d.b.After(pause, d.ask)
}

func (d *dialogue) refuse(user string) {
	who := user
	if who == "" {
		who = "TTY"
	}
	d.b.Log("LOGIN", 5, "LOGIN_FAILED", fmt.Sprintf("%s failed to log in from %s.", who, d.place()))
	d.b.After(pause, func() { d.done(nil) })
}

// LoggedIn and LoggedOut log the begin and the end of a session.
func LoggedIn(s *feature.Shell)  { tell(s, "SHELL_LOGIN", "logged in") }
func LoggedOut(s *feature.Shell) { tell(s, "SHELL_LOGOUT", "logged out") }

func tell(s *feature.Shell, mnemonic, what string) {
	who, place := s.User, s.From
	if place == "" {
		place = s.Name
	}
	if who == "" {
		who = "TTY"
		if s.Name == "con0" {
			who = "Console"
		}
	}
	s.Box.Log("SHELL", 5, mnemonic, fmt.Sprintf("%s %s from %s.", who, what, place))
}
