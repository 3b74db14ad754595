package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

var recycleCommands = []feature.Command{
	{Views: "user", Syntax: "delete [ /unreserved ] <file:string:1-255>",
		Help: "delete=Delete a file;/unreserved=Delete it permanently;<file>=File name, in which * stands for any characters", Run: remove},
	{Views: "user", Syntax: "undelete <file:string:1-255>", Help: "undelete=Restore a deleted file;<file>=File name", Run: undelete},
	{Views: "user", Syntax: "reset recycle-bin [ /force ]", Help: "recycle-bin=Files in the recycle bin;/force=Without a question", Run: resetBin},
}

// The recycle bin is a hidden directory of the flash. A file in it has a
// number behind its name; the list beside them says what each was called.
const (
	binDir  = ".trash"
	binList = binDir + "/.trashinfo"
)

// An entry is a file in the recycle bin.
type entry struct {
	is  string // its name in the bin, "a.cfg_0001"
	was string // its name before
}

// A bin is the recycle bin of a box.
type bin struct {
	b   *feature.Box
	all []entry
}

// binOf reads the recycle bin. What the list names and the bin does not hold
// is not there.
func binOf(b *feature.Box) *bin {
	r := &bin{b: b}
	f, _ := b.Flash.Read(binList)
	for _, line := range strings.Split(f.Data, "\n") {
		is, was, ok := strings.Cut(line, " ")
		if _, there := b.Flash.Read(binDir + "/" + is); ok && there {
			r.all = append(r.all, entry{is, was})
		}
	}
	return r
}

// write keeps the list.
func (r *bin) write() error {
	if _, ok := r.b.Flash.Stat(binDir); !ok {
		if err := r.b.Flash.Mkdir(binDir, r.b.Clock()); err != nil {
			return err
		}
	}
	var s strings.Builder
	for _, e := range r.all {
		fmt.Fprintf(&s, "%s %s\n", e.is, e.was)
	}
	return r.b.Flash.Write(binList, s.String(), r.b.Clock())
}

// take moves a file into the bin, in place of one that had the same name.
func (r *bin) take(name string) error {
	if err := r.drop(func(e entry) bool { return strings.EqualFold(e.was, name) }); err != nil {
		return err
	}
	e := entry{was: name}
	for n := 1; ; n++ {
		e.is = fmt.Sprintf("%s_%04d", path.Base(name), n)
		if _, taken := r.b.Flash.Stat(binDir + "/" + e.is); !taken {
			break
		}
	}
	r.all = append(r.all, e)
	if err := r.write(); err != nil {
		return err
	}
	return r.b.Flash.Rename(name, binDir+"/"+e.is)
}

// drop deletes files of the bin for good.
func (r *bin) drop(which func(entry) bool) error {
	for _, e := range slices.Clone(r.all) {
		if !which(e) {
			continue
		}
		if err := r.b.Flash.Remove(binDir + "/" + e.is); err != nil {
			return err
		}
		r.all = slices.DeleteFunc(r.all, func(x entry) bool { return x == e })
		if err := r.write(); err != nil {
			return err
		}
	}
	return nil
}

// each runs f for one after the other; f calls next when it is done.
func each[T any](all []T, f func(T, func())) {
	if len(all) > 0 {
		f(all[0], func() { each(all[1:], f) })
	}
}

func remove(x *feature.Exec, a *cli.Args) {
	n, ok := name(x, a, "file")
	if !ok {
		return
	}
	dir, base := path.Split(n)
	dir = strings.TrimSuffix(dir, "/")
	var files []feature.File
	if strings.Contains(base, "*") {
		which := match(base)
		for _, f := range x.Box.Flash.List(dir) {
			if !f.Dir && which(f) && !hidden(f) {
				files = append(files, f)
			}
		}
		if len(files) == 0 {
			x.Error(feature.ErrNoFile.Error())
			return
		}
	} else if f, ok := stat(x, a, "file", false); ok {
		files = append(files, f)
	}
	each(files, func(f feature.File, next func()) {
		question := "Delete " + show(f.Name) + "?"
		if a.Has("/unreserved") {
			question = "The file cannot be restored. " + question
		}
		ask(x, question, func(yes bool) {
			if yes {
				removeFile(x, f.Name, a.Has("/unreserved"))
			}
			next()
		})
	})
}

// removeFile moves a file into the recycle bin, or deletes it for good: also
// where it is in the bin already, or where the flash has no room for the list.
func removeFile(x *feature.Exec, name string, forGood bool) {
	if forGood {
		x.Print("Deleting the file permanently will take a long time. Please wait...\n")
	}
	var err error
	if !forGood && path.Dir(name) != binDir {
		err = binOf(x.Box).take(name)
		if err == feature.ErrFull {
			forGood = true
		}
	} else {
		forGood = true
	}
	if forGood {
		err = x.Box.Flash.Remove(name)
	}
	carry(x, "Deleting file "+show(name), err)
}

func undelete(x *feature.Exec, a *cli.Args) {
	n, ok := name(x, a, "file")
	if !ok {
		return
	}
	r := binOf(x.Box)
	i := slices.IndexFunc(r.all, func(e entry) bool { return strings.EqualFold(e.was, n) })
	if i < 0 {
		x.Error(feature.ErrNoFile.Error())
		return
	}
	e := r.all[i]
	sure(x, "Undelete "+show(e.was)+"?", func() {
		replacing(x, e.was, func() {
			err := error(nil)
			if _, there := x.Box.Flash.Read(e.was); there {
				err = x.Box.Flash.Remove(e.was)
			}
			if err == nil {
				err = x.Box.Flash.Rename(binDir+"/"+e.is, e.was)
			}
			if err == nil {
				r.all = slices.Delete(r.all, i, i+1)
				err = r.write()
			}
			carry(x, "Undeleting file "+show(e.was), err)
		})
	})
}

func resetBin(x *feature.Exec, a *cli.Args) {
	r := binOf(x.Box)
	each(slices.Clone(r.all), func(e entry, next func()) {
		answered := func(yes bool) {
			if yes {
				carry(x, "Clearing file "+show(e.was), r.drop(func(o entry) bool { return o == e }))
			}
			next()
		}
		if a.Has("/force") {
			answered(true)
			return
		}
		ask(x, "Clear "+show(e.was)+"?", answered)
	})
}
