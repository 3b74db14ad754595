package tui

import (
	"os"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"cwlab/emulator/pcap"
	"cwlab/tui/words"
)

func TestCaptureToAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	s := newSender(t, words.English, 80, 24)
	answer := func(text string) {
		t.Helper()
		s.keys("leader", "c")
		s.send(tea.KeyMsg{Type: tea.KeyCtrlU})
		s.keys(text, "enter")
	}
	s.some()
	answer("/x.pcapng")
	s.has("a file outside", "want a name below the working folder")
	answer("nosuch/x.pcapng")
	s.has("a folder that is not there", "no such file or directory")
	answer("x.pcapng pair for icmp")
	s.some()
	s.some()
	s.has("it is written", "● x.pcapng 2")
	if during, err := os.Stat("x.pcapng"); err != nil || during.Size() == 0 {
		t.Errorf("the file while it is written: %v, %v", during, err)
	}
	s.keys("leader", "c")
	s.has("where the keys are", "the keys in x.keys")
	for _, name := range pcap.FileNames {
		if _, err := os.Stat("x.keys/" + name); err != nil {
			t.Error(err)
		}
	}
	before, err := os.Stat("x.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	s.some()
	s.lacks("it has ended", "● x.pcapng")
	if after, err := os.Stat("x.pcapng"); err != nil || after.Size() != before.Size() {
		t.Errorf("the file after its end is %v, %v, want %d bytes", after, err, before.Size())
	}
	s.wantTyped("keys of a capture", "", "")
	answer("y.pcapng")
	old := s.m.session
	s.keys("leader", "r")
	if old.recorder.capture != nil {
		t.Error("the capture of a lab that is gone goes on")
	}
}
