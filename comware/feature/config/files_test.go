package config_test

import (
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
)

const noFile = "The file or directory doesn't exist.\n"

func TestDirectories(t *testing.T) {
	d := desk(t)
	d.Want("pwd", "flash:\n")
	d.Want("mkdir test", "Creating directory flash:/test... Done.\n")
	d.Want("mkdir TEST", "Creating directory flash:/TEST...\nThe file or directory already exists.\n")
	d.Want("mkdir a/b", "Creating directory flash:/a/b...\n"+noFile)
	d.Want("cd ..", noFile)
	d.Want("cd nowhere", noFile)
	d.Want("cd test", "")
	d.Want("mkdir /test/sub", "Creating directory flash:/test/sub... Done.\n")
	d.Want("cd flash:/test/sub/", "")
	d.Want("pwd", "flash:/test/sub\n")
	d.Want("cd ..", "")
	d.Want("pwd", "flash:/test\n")
	d.Do("display clock > here.txt", "display clock > flash:/there.txt", "display clock >> /there.txt")
	d.Want("display clock > gone/here.txt", noFile)
	d.Want("display clock > sub", "The file is a directory.\n")
	d.Want("more here.txt", "03:04:05 UTC Thu 01/02/2020\n")
	d.Want("more flash:there.txt", "03:04:05 UTC Thu 01/02/2020\n03:04:05 UTC Thu 01/02/2020\n")
	d.Want("more cfa0:/there.txt", noFile)
	const total = "\n1048576 KB total (1048560 KB free)\n"
	d.Want("dir", "Directory of flash:/test\n   0 -rw-          28 Jan 02 2020 03:04:05   here.txt\n   1 drw-           - Jan 02 2020 03:04:05   sub\n"+total)
	d.Want("dir flash:/", "Directory of flash:\n   0 drw-           - Jan 02 2020 03:04:05   test\n   1 -rw-          56 Jan 02 2020 03:04:05   there.txt\n"+total)
	d.Want("dir flash:/th*.TXT", "Directory of flash:\n   1 -rw-          56 Jan 02 2020 03:04:05   there.txt\n"+total)
	d.Want("dir *.doc", noFile)
	d.Want("rename sub here.txt", "Rename flash:/test/sub as flash:/test/here.txt? [Y/N]:<no answer>")
	d.Answer("y")
	d.Want("rename sub here.txt", "Rename flash:/test/sub as flash:/test/here.txt? [Y/N]:y\nRenaming flash:/test/sub as flash:/test/here.txt...\nThe file or directory already exists.\n")
	d.Answer("y", "y")
	d.Want("rename /test /other", "Rename flash:/test as flash:/other? [Y/N]:y\nRenaming flash:/test as flash:/other... Done.\n")
	d.Want("more /other/here.txt", "03:04:05 UTC Thu 01/02/2020\n")
	const remove = "Remove directory flash:/other/sub and the files in the recycle-bin under this directory will be deleted permanently. Continue? [Y/N]:y\n"
	d.Want("rmdir /other/sub", remove+"Removing directory flash:/other/sub... Done.\n")
	d.Answer("y")
	d.Want("rmdir /other", strings.ReplaceAll(remove, "/sub", "")+"Removing directory flash:/other...\nThe directory is not empty.\n")
}

func TestCopyMoveAndDigests(t *testing.T) {
	d := desk(t)
	d.Do("display clock > a.txt", "mkdir dir")
	d.Answer("y", "y")
	d.Want("copy a.txt b.txt", "Copy flash:/a.txt to flash:/b.txt? [Y/N]:y\nCopying file flash:/a.txt to flash:/b.txt... Done.\n")
	d.Want("copy a.txt dir", "Copy flash:/a.txt to flash:/dir/a.txt? [Y/N]:y\nCopying file flash:/a.txt to flash:/dir/a.txt... Done.\n")
	d.Answer("y", "n", "y", "y")
	d.Want("copy a.txt b.txt", "Copy flash:/a.txt to flash:/b.txt? [Y/N]:y\nflash:/b.txt exists, overwrite? [Y/N]:n\n")
	d.Want("move b.txt dir/a.txt", "Move flash:/b.txt to flash:/dir/a.txt? [Y/N]:y\nflash:/dir/a.txt exists, overwrite? [Y/N]:y\nMoving file flash:/b.txt to flash:/dir/a.txt... Done.\n")
	d.Want("more b.txt", noFile)
	d.Want("copy b.txt c.txt", noFile)
	d.Want("copy dir c.txt", "The file is a directory.\n")
	if err := d.Box.Flash.Write("abc", "abc", d.Box.Clock()); err != nil {
		t.Fatal(err)
	}
	d.Want("md5sum abc", "MD5 digest:\n900150983cd24fb0d6963f7d28e17f72\n")
	d.Want("sha256sum abc", "SHA256 digest:\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n")
	d.Do("system-view", "file prompt quiet", "return")
	d.Want("move dir/a.txt b.txt", "Moving file flash:/dir/a.txt to flash:/b.txt... Done.\n")
	d.Want("copy b.txt a.txt", "Copying file flash:/b.txt to flash:/a.txt... Done.\n")
	if !strings.Contains(d.Config(), "\n file prompt quiet\n") {
		t.Error("file prompt quiet is not in the configuration")
	}
	d.RoundTrip()
	d.Do("system-view", "undo file prompt", "return")
	d.Want("delete a.txt", "Delete flash:/a.txt? [Y/N]:<no answer>")
}

func TestRecycleBin(t *testing.T) {
	d := desk(t)
	d.Do("mkdir d", "display clock > a.cfg", "display version > d/a.cfg", "display clock > b.cfg")
	d.Answer("y", "y", "y")
	d.Want("delete a.cfg", "Delete flash:/a.cfg? [Y/N]:y\nDeleting file flash:/a.cfg... Done.\n")
	d.Want("delete d/a.cfg", "Delete flash:/d/a.cfg? [Y/N]:y\nDeleting file flash:/d/a.cfg... Done.\n")
	d.Want("delete /unreserved b.cfg", "The file cannot be restored. Delete flash:/b.cfg? [Y/N]:y\nDeleting the file permanently will take a long time. Please wait...\nDeleting file flash:/b.cfg... Done.\n")
	if got := d.Do("dir"); strings.Contains(got, ".trash") || strings.Contains(got, "a.cfg") {
		t.Errorf("after deleting dir shows\n%s", got)
	}
	if got := d.Do("dir /all .trash"); !strings.Contains(got, " -rwh ") || !strings.Contains(got, "   .trashinfo\n") || !strings.Contains(got, "   a.cfg_0001\n") || !strings.Contains(got, "   a.cfg_0002\n") {
		t.Errorf("the recycle bin is\n%s", got)
	}
	d.Answer("y")
	d.Want("undelete d/a.cfg", "Undelete flash:/d/a.cfg? [Y/N]:y\nUndeleting file flash:/d/a.cfg... Done.\n")
	if got := d.Do("more d/a.cfg"); !strings.Contains(got, "Comware") {
		t.Errorf("the file that came back is %q", got)
	}
	d.Want("undelete b.cfg", noFile)
	d.Answer("y", "n", "y")
	d.Want("delete d/a.*", "Delete flash:/d/a.cfg? [Y/N]:y\nDeleting file flash:/d/a.cfg... Done.\n")
	d.Want("reset recycle-bin", "Clear flash:/a.cfg? [Y/N]:n\nClear flash:/d/a.cfg? [Y/N]:y\nClearing file flash:/d/a.cfg... Done.\n")
	d.Want("undelete d/a.cfg", noFile)
	d.Want("reset recycle-bin /force", "Clearing file flash:/a.cfg... Done.\n")
	if len(d.Box.Flash.List(".trash")) != 1 {
		t.Error("the recycle bin is not empty")
	}
}

// failing is a store whose disk is full.
type failing struct{ writes int }

func (f *failing) Write(string, string, time.Time) error { f.writes++; return feature.ErrFailed }
func (*failing) Mkdir(string, time.Time) error           { return feature.ErrFailed }
func (*failing) Remove(string) error                     { return feature.ErrFailed }
func (*failing) Rename(string, string) error             { return feature.ErrFailed }
func (*failing) SetStartup(string, string) error         { return feature.ErrFailed }

func TestFailingStoreLosesNothing(t *testing.T) {
	d := desk(t)
	d.Do("save force", "display clock > a.txt", "mkdir dir", "system-view", "sysname New", "file prompt quiet", "return")
	before := d.Do("dir /all")
	st := &failing{}
	d.Box.Flash.Keep(st)
	const failed = "The operation failed.\n"
	for _, row := range []struct{ line, want string }{
		{"save force", "Validating file. Please wait...\n" + failed},
		{"display version > a.txt", failed},
		{"mkdir other", "Creating directory flash:/other...\n" + failed},
		{"delete /unreserved a.txt", "Deleting the file permanently will take a long time. Please wait...\nDeleting file flash:/a.txt...\n" + failed},
		{"delete a.txt", "Deleting file flash:/a.txt...\n" + failed},
		{"rename a.txt b.txt", "Renaming flash:/a.txt as flash:/b.txt...\n" + failed},
		{"copy a.txt b.txt", "Copying file flash:/a.txt to flash:/b.txt...\n" + failed},
		{"undo startup saved-configuration", "Please wait ....\n" + failed},
	} {
		d.Want(row.line, row.want)
	}
	d.Want("dir /all", before)
	if f, _ := d.Box.Flash.Read("startup.cfg"); strings.Contains(f.Data, "New") || st.writes == 0 {
		t.Error("the old configuration is not whole")
	}
	if main, _ := d.Box.Flash.Startup(); main != "startup.cfg" {
		t.Errorf("the startup file is %q", main)
	}
}

func TestFullFlash(t *testing.T) {
	d := desk(t)
	d.Box.Flash.Resize(8)
	d.Do("display clock > a", "display clock > b")
	d.Want("display clock > c", "No enough space on the device.\n")
	d.Do("display clock > a") // in place of the old one
	d.Answer("y")
	d.Want("delete a", "Delete flash:/a? [Y/N]:y\nDeleting file flash:/a... Done.\n") // for good: there is no room for the bin
	if _, ok := d.Box.Flash.Stat(".trash/a_0001"); ok {
		t.Error("the file is in the recycle bin")
	}
}
