package main

import (
	"os"
	"os/exec"
	"testing"
)

// asCommand makes the test binary be the command: it links the same packages
// and so starts up in the same way.
const asCommand = "CWLAB_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if port := os.Getenv(asBare); port != "" {
		bare(port, os.Getenv("CWLAB_TEST_KEY"))
		return
	}
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func command(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asCommand+"=1", "TERM=xterm-256color", "XDG_CACHE_HOME="+os.TempDir())
	return c
}
