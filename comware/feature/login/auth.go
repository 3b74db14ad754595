package login

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// Why a login is refused.
var (
	ErrPassword = errors.New("login: invalid username or password")
	ErrLocked   = errors.New("login: user is locked")
	ErrService  = errors.New("login: service is not allowed")
	ErrState    = errors.New("login: user is not active")
	ErrLimit    = errors.New("login: too many sessions of the user")
	ErrExpired  = errors.New("login: password has expired")
	ErrRole     = errors.New("login: user has no role")
)

// A suspect is a user whose logins from an address failed.
type suspect struct {
	user, from string
	failures   int
	locked     bool
	stop       func() // the end of the lock, nil for none
}

// Authenticate checks a device management user who wants a service (terminal,
// telnet, ssh, ftp, http, https) from an address, "" at the console. It gives
// the roles he has then. The error is one of those above. Who fails too often
// from an address is locked as password control says.
func Authenticate(b *feature.Box, user, password, service, from string) (roles []string, err error) {
	return enter(b, user, service, from, func(hash string) bool { return hash == "" || fits(hash, password) })
}

// Authorize is Authenticate for a user who has proved who he is by a key.
func Authorize(b *feature.Box, user, service, from string) (roles []string, err error) {
	return enter(b, user, service, from, func(string) bool { return true })
}

func enter(b *feature.Box, user, service, from string, proved func(hash string) bool) (roles []string, err error) {
	st := stateOf(b)
	listed := controlled(b, "") && from != "" && service != "http" && service != "https"
	if s := st.suspect(user, from); listed && s != nil && s.locked {
		return nil, ErrLocked
	}
	roles, err = st.check(user, service, proved)
	switch {
	case err == nil:
		st.of("local-user " + user + " class manage").Login = b.Clock()
		st.write()
		st.forgiveAt(user, from)
	case listed && errors.Is(err, ErrPassword):
		st.blame(user, from)
	}
	return roles, err
}

func (st *state) check(user, service string, proved func(hash string) bool) ([]string, error) {
	b := st.box
	n := manager(b, user)
	if n == nil {
		return nil, ErrPassword
	}
	if !proved(st.password(n)) {
		return nil, ErrPassword
	}
	switch {
	case n.Child("state") != nil || !valid(n, b.Clock()) || st.unused(n):
		return nil, ErrState
	case !mayUse(n, service):
		return nil, ErrService
	}
	if c := n.Child("access-limit"); c != nil {
		if most, _ := strconv.Atoi(strings.Fields(c.Text)[1]); present(b, user) >= most {
			return nil, ErrLimit
		}
	}
	if err := st.aged(n); err != nil {
		return nil, err
	}
	roles := rolesIn(n, "authorization-attribute user-role ")
	if len(roles) == 0 && b.Conf.Root().Child("role default-role enable") != nil {
		roles = []string{"network-operator"}
	}
	if len(roles) == 0 {
		return nil, ErrRole
	}
	return roles, nil
}

// valid says whether the time lies in a user's period.
func valid(n *conf.Node, now time.Time) bool {
	c := n.Child("validity-datetime")
	if c == nil {
		return true
	}
	f := strings.Fields(c.Text)
	from, to := moment(f[2], f[3]), moment(f[5], f[6])
	at := now.UTC().Format("20060102150405")
	return from <= at && at <= to
}

// moment is a date and a time as the configuration writes them, so that
// earlier ones compare as less.
func moment(date, clock string) string {
	p := strings.Split(date, "/")
	if len(p[2]) == 4 {
		p[0], p[1], p[2] = p[2], p[0], p[1]
	}
	t := strings.Split(clock, ":")
	return fmt.Sprintf("%04s%02s%02s%02s%02s%02s", p[0], p[1], p[2], t[0], t[1], t[2])
}

// unused says whether a user has not logged in for too long.
func (st *state) unused(n *conf.Node) bool {
	days := controlNumber(st.box, "login idle-time", 90)
	last := st.of(n.Key).Login
	return controlled(st.box, "") && days > 0 && !last.IsZero() && st.box.Clock().Sub(last) > time.Duration(days)*day
}

// aged refuses a user whose password has expired and who used up the logins
// that he has then.
func (st *state) aged(n *conf.Node) error {
	r := st.of(n.Key)
	over := st.box.Clock().Sub(r.Set) - time.Duration(controlIn(st.box, n).aging)*day
	if !controlled(st.box, "aging") || over <= 0 {
		return nil
	}
	days, times := afterExpiry(st.box)
	if over > time.Duration(days)*day || r.Expired >= times {
		return ErrExpired
	}
	r.Expired++
	return nil
}

// suspect is who failed before, nil for nobody.
func (st *state) suspect(user, from string) *suspect {
	i := slices.IndexFunc(st.black, func(s *suspect) bool { return s.user == user && s.from == from })
	if i < 0 {
		return nil
	}
	return st.black[i]
}

// blame counts a failure, and locks at the limit.
func (st *state) blame(user, from string) {
	s := st.suspect(user, from)
	if s == nil {
		s = &suspect{user: user, from: from}
		st.black = append(st.black, s)
	}
	s.failures++
	c := defaultControl
	if n := manager(st.box, user); n != nil {
		c = controlIn(st.box, n)
	} else {
		c.lay(st.box.Conf.Root())
	}
	if s.failures < c.attempts || c.exceed == "unlock" {
		return
	}
	s.locked = true
	st.box.Log("PWDCTL", 6, "ADDBLACKLIST", user+" was added to the blacklist for failed login attempts.")
	if c.exceed == "lock-time" {
		t := st.box.After(time.Duration(c.lockTime)*time.Minute, func() { st.forgiveAt(user, from) })
		s.stop = func() { t.Stop() }
	}
}

// forgiveAt takes a user at an address off the blacklist.
func (st *state) forgiveAt(user, from string) {
	st.black = slices.DeleteFunc(st.black, func(s *suspect) bool { return s.user == user && s.from == from && s.end() })
}

// forgive takes a user, or all, off the blacklist.
func (st *state) forgive(user string) {
	st.black = slices.DeleteFunc(st.black, func(s *suspect) bool { return (user == "" || s.user == user) && s.end() })
}

func (s *suspect) end() bool {
	if s.stop != nil {
		s.stop()
	}
	return true
}

func displayBlacklist(x *feature.Exec, a *cli.Args) {
	var found []*suspect
	for _, s := range stateOf(x.Box).black {
		if (!a.Has("name") || s.user == a.Str("name")) && (!a.Has("address") || s.from == a.Str("address")) {
			found = append(found, s)
		}
	}
	x.Printf(" Blacklist items matched: %d.\n", len(found))
	for _, s := range found {
		lock := "unlock"
		if s.locked {
			lock = "lock"
		}
		x.Printf(" Username: %s\n    IP: %-20sLogin failures: %-7dLock flag: %s\n", s.user, s.from, s.failures, lock)
	}
}
