package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket/pcapgo"

	"cwlab/emulator/lab"
	"cwlab/sessions"
)

// framesIn is how many frames a file has.
func framesIn(t *testing.T, file string) (n int) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(bytes.NewReader(b), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := r.ReadPacketData(); err != nil {
			return n
		}
		n++
	}
}

func TestScriptsCapture(t *testing.T) {
	def, err := sessions.Load("rbm-ipsec")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	text := "@capture out/vrrp.pcapng f1090-1 for vrrp\n@on F1060\n@advance 10s\n@capture all.pcapng\n@advance 10s\n"
	s, err := sessions.ParseScript("x.console", text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Check(def); err != nil {
		t.Fatal(err)
	}
	l := caseLab(t, s.Options(lab.Options{}))
	r := sessions.NewRunner(l, s, sessions.RunnerOptions{Create: createFile})
	for l.Poke(); !r.Done() && l.Step(); {
		continue
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	if n := framesIn(t, filepath.Join("out", "vrrp.pcapng")); n < 9 || n > 11 {
		t.Errorf("ten seconds have %d advertisements, want one a second", n)
	}
	if n := framesIn(t, "all.pcapng"); n < 20 {
		t.Errorf("a capture without a filter has %d frames, want all of ten seconds", n)
	}

	r = sessions.NewRunner(caseLab(t, lab.Options{}), s, sessions.RunnerOptions{})
	if r.Poke(); !r.Done() || r.Err() == nil || !strings.Contains(r.Err().Error(), sessions.ErrNoCapture.Error()) {
		t.Errorf("without leave to write the error is %v", r.Err())
	}

	s, err = sessions.ParseScript("x.console", "@capture x.pcapng nowhere\n")
	if err != nil {
		t.Fatal(err)
	}
	var fe *sessions.FileError
	if err := s.Check(def); !errors.As(err, &fe) {
		t.Errorf("a capture at no link gives %v", err)
	}
}

// A shipped script writes no file.
func TestShippedScriptsDoNotCapture(t *testing.T) {
	for _, e := range sessions.Labs() {
		def, err := sessions.Load(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range def.Scripts {
			if strings.Contains(s.Text, "\n@capture") {
				t.Errorf("%s writes a capture", s.File)
			}
		}
	}
}

func TestOperatorCaptures(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errs := typed(t, "capture a.pcapng\ncapture off\ncapture off\ncapture ../x.pcapng\ncapture b.pcapng nowhere\ncapture c.pcapng rbm for port 60064\n", "--lang=en", "console", defaultLab)
	if code != exitOK || !strings.Contains(out, " frames are in a.pcapng") || !strings.Contains(out, " frames are in c.pcapng") {
		t.Errorf("exit %d, output\n%s", code, out)
	}
	for _, want := range []string{"want a name below the working folder", "there is no port to listen at"} {
		if !strings.Contains(errs, want) {
			t.Errorf("errors lack %q:\n%s", want, errs)
		}
	}
	keyFiles(t, "a.keys")
	framesIn(t, "a.pcapng")
	framesIn(t, "c.pcapng")
}
