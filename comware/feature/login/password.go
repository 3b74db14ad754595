package login

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
)

// storeName is the file that keeps what the configuration does not show:
// passwords under password control, when they were set, and those before them.
const storeName = "lauth.dat"

// A record is what is known of one password.
type record struct {
	Key     string    // "local-user admin class manage" or "super network-admin"
	Hash    string    // while the configuration hides it, "" otherwise
	Set     time.Time // when it was set
	Login   time.Time // last login, zero for none
	Expired int       // logins since it expired
	Before  []string  // hashes, oldest first
}

// read takes the records from the flash.
func (st *state) read() {
	if f, ok := st.box.Flash.Read(storeName); ok {
		if json.Unmarshal([]byte(f.Data), &st.records) != nil {
			st.records = nil // not a file of ours: as if there were none
		}
	}
}

// write keeps the records on the flash. Without password control there is
// nothing that the configuration does not keep.
func (st *state) write() {
	if !controlled(st.box, "") {
		return
	}
	data, err := json.Marshal(st.records)
	if err != nil {
		panic(fmt.Sprintf("login: %v", err)) // a record has nothing that JSON lacks
	}
	if st.box.Flash.Write(storeName, string(data), st.box.Clock()) != nil {
		return // a full flash: the records are gone with the next boot
	}
}

// of is the record of a password, made if need be.
func (st *state) of(key string) *record {
	i, ok := slices.BinarySearchFunc(st.records, key, func(r *record, key string) int { return cmp.Compare(r.Key, key) })
	if !ok {
		st.records = slices.Insert(st.records, i, &record{Key: key, Set: st.box.Clock()})
	}
	return st.records[i]
}

// password is the hash of a user's password, "" for none.
func (st *state) password(n *conf.Node) string {
	if c := n.Child("password"); c != nil {
		return strings.TrimPrefix(c.Text, "password hash ")
	}
	return st.of(n.Key).Hash
}

// setPassword gives a user a password that is hashed already.
func (st *state) setPassword(x *feature.Exec, n *conf.Node, hashed string) {
	r := st.of(n.Key)
	if !x.Quiet() || r.Hash == "" {
		r.Set, r.Expired = st.box.Clock(), 0
	}
	if controlled(st.box, "") {
		r.Hash = hashed
		n.Remove("password")
	} else {
		n.Set(placePassword, "password", "password hash "+hashed)
	}
	if !x.Quiet() {
		st.box.Log("LS", 5, "LS_PWD_CHGPWD", fmt.Sprintf("The password of local device-management user %s was modified.", userName(n)))
	}
	st.write()
}

func (st *state) dropPassword(n *conf.Node) {
	n.Remove("password")
	st.records = slices.DeleteFunc(st.records, func(r *record) bool { return r.Key == n.Key })
	st.write()
}

// newPassword gives a user a password if password control takes it.
func newPassword(x *feature.Exec, n *conf.Node, password string) {
	st := stateOf(x.Box)
	const most = 63
	if len(password) > most {
		x.Error(fmt.Sprintf("The password must have 1 to %d characters.", most))
		return
	}
	hashed := hash(x.Box, password)
	if controlled(x.Box, "") && !x.Quiet() {
		why := controlIn(x.Box, n).refusal(x.Box, userName(n), password)
		if why == "" {
			why = st.tooSoon(x, n)
		}
		if why == "" {
			why = st.remember(n.Key, st.password(n), password)
		}
		if why != "" {
			x.Error(why)
			return
		}
	}
	st.setPassword(x, n, hashed)
}

// tooSoon refuses that a user changes his own password within the interval.
func (st *state) tooSoon(x *feature.Exec, n *conf.Node) string {
	hours := controlNumber(st.box, "update-interval", 24)
	if x.Shell.User != userName(n) || st.box.Clock().Sub(st.of(n.Key).Set) >= time.Duration(hours)*time.Hour {
		return ""
	}
	return "The password was changed too short a time ago."
}

// remember puts the password that is replaced into the history and refuses a
// new one that was there before.
func (st *state) remember(key, old, password string) string {
	if !controlled(st.box, "history") {
		return ""
	}
	r := st.of(key)
	for _, h := range append(slices.Clone(r.Before), old) {
		if fits(h, password) {
			return "The password must differ from those before it."
		}
	}
	if old != "" {
		r.Before = append(r.Before, old)
	}
	if over := len(r.Before) - controlNumber(st.box, "history", 4); over > 0 {
		r.Before = r.Before[over:]
	}
	return ""
}

// forget empties histories.
func (st *state) forget(prefix string) {
	for _, r := range st.records {
		if strings.HasPrefix(r.Key, prefix) {
			r.Before = nil
		}
	}
	st.write()
}

// hide takes the passwords out of the configuration.
func (st *state) hide() {
	for _, n := range users(st.box) {
		if c := n.Child("password"); c != nil && userClass(n) == "manage" {
			st.of(n.Key).Hash = strings.TrimPrefix(c.Text, "password hash ")
			n.Remove("password")
		}
	}
	root := st.box.Conf.Root()
	for _, n := range slices.Clone(root.Kids()) {
		if f := strings.Fields(n.Text); len(f) == 6 && f[0] == "super" && f[1] == "password" {
			st.of("super " + f[3]).Hash = f[5]
			root.Remove(n.Key)
		}
	}
	st.write()
}

// unhide puts them back. Histories end with password control.
func (st *state) unhide() {
	for _, r := range st.records {
		r.Before = nil
		if r.Hash == "" {
			continue
		}
		if role, ok := strings.CutPrefix(r.Key, "super "); ok {
			setSuper(st.box, role, r.Hash)
		} else if n := st.box.Conf.Root().Child(r.Key); n != nil {
			n.Set(placePassword, "password", "password hash "+r.Hash)
		}
		r.Hash = ""
	}
	if _, ok := st.box.Flash.Read(storeName); ok && st.box.Flash.Remove(storeName) != nil {
		return // stays, and is overwritten next time
	}
}
