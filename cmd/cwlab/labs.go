package main

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/sessions"
	"cwlab/tui/words"
)

// openLab opens a lab and reports what its devices refused.
func openLab(def *lab.Definition, o lab.Options, warn io.Writer) (*lab.Lab, error) {
	l, err := lab.Open(def, device.Make, o)
	if err != nil {
		return nil, err
	}
	report(l, warn)
	return l, nil
}

func report(l *lab.Lab, warn io.Writer) {
	for _, e := range l.LoadErrors() {
		fmt.Fprintln(warn, e)
	}
}

// splitScript takes LAB/SCRIPT apart. A path may end in .console.
func splitScript(arg string) (labName, script string, err error) {
	s := filepath.ToSlash(arg)
	s = strings.TrimSuffix(s, ".console")
	dir, script := path.Split(s)
	labName = strings.TrimSuffix(dir, "/")
	if strings.HasPrefix(dir, "/") && labName == "" {
		labName = "/"
	}
	if labName == "" || script == "" {
		return "", "", misusef("script is %q, want LAB/SCRIPT, as %s/failure", arg, defaultLab)
	}
	return labName, script, nil
}

func scriptNames(def *lab.Definition) words.Text {
	var all []string
	for _, s := range def.Scripts {
		all = append(all, s.Name)
	}
	return orNone(strings.Join(all, ", "), "none")
}

// loadScript finds a script of a lab.
func loadScript(def *lab.Definition, name string) (*sessions.Script, error) {
	return loadScriptWith(def, name, nil)
}

// loadScriptWith gives variables of the script other values.
func loadScriptWith(def *lab.Definition, name string, set map[string]string) (*sessions.Script, error) {
	f, ok := def.Script(name)
	if !ok {
		return nil, misusef("lab %s has no script %q, it has %s", def.Name, name, scriptNames(def))
	}
	s, err := sessions.Source{File: f.File, Text: f.Text, Parts: append(def.Scripts, def.Parts...), Set: set}.Parse()
	if err != nil {
		return nil, err
	}
	return s, s.Check(def)
}
