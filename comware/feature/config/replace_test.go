package config_test

import (
	"strings"
	"testing"
	"time"
)

func TestReplace(t *testing.T) {
	d := desk(t)
	const wait = "Current configuration will be lost, save current configuration? [Y/N]:n\nNow replacing the current configuration. Please wait...\n"
	d.Do("system-view", "sysname One", "local-user amy", "service-type ssh", "quit", "vlan 2", "description two words", "port 1 speed 2 name x", "quit", "vlan 3", "return")
	one := d.Config()
	d.Answer("y")
	d.Do("save one.cfg")
	d.Do("system-view", "sysname Two", "undo local-user amy class manage", "local-user bob", "quit", "vlan 2", "undo description", "port 1 speed 3 name x",
		"port 2 speed 1 name y", "quit", "undo vlan 3", "vlan 4", "description new")
	d.Answer("n")
	d.Want("configuration replace file one.cfg", wait+"Succeeded in replacing current configuration with the file one.cfg.\n")
	if got := d.Config(); got != one {
		t.Errorf("the configuration is\n%s\nwant\n%s", got, one)
	}
	if got := d.Shell.Prompt(); got != "[One]" {
		t.Errorf("the person in a VLAN that went stands at %s", got)
	}
	d.Want("configuration replace file none.cfg", noFile)
	d.Box.Flash.Write("bad.cfg", "#\n sysname Bad\n#\n bogus\n#\nreturn\n", d.Box.Clock())
	d.Answer("n")
	d.Want("configuration replace file bad.cfg", wait+"Failed to replace current configuration with the file bad.cfg.\n")
	d.Answer("y", "two.cfg")
	d.Want("configuration replace file one.cfg", "Current configuration will be lost, save current configuration? [Y/N]:y\n"+
		"Please input the file name(*.cfg)[flash:/startup.cfg]\n(To leave the existing filename unchanged, press the enter key):two.cfg\n"+
		"Validating file. Please wait...\nConfiguration is saved to device successfully.\n"+
		"Now replacing the current configuration. Please wait...\nSucceeded in replacing current configuration with the file one.cfg.\n")
}

func TestCommitDelay(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "sysname Old", "configuration commit delay 2", "sysname New")
	d.Answer("y")
	d.Want("configuration commit delay 3", "The commit delay already set 2 minutes, overwrite it? [Y/N]:y\n")
	d.Run(2*time.Minute + time.Second)
	if d.Box.Sysname() != "New" {
		t.Error("rolled back after the first delay")
	}
	d.Run(time.Minute)
	if d.Box.Sysname() != "Old" {
		t.Error("not rolled back when the delay was over")
	}
	d.Do("configuration commit delay 1", "sysname Kept", "configuration commit")
	d.Run(time.Hour)
	if d.Box.Sysname() != "Kept" {
		t.Error("rolled back what was committed")
	}
}

func TestDiff(t *testing.T) {
	d := desk(t)
	d.Want("display current-configuration diff", "The next startup configuration file does not exist.\n")
	d.Do("save force")
	d.Want("display current-configuration diff", "")
	d.Do("system-view", "sysname New", "vlan 7", "return")
	now := d.Do("display diff startup-configuration current-configuration")
	if !strings.HasPrefix(now, "--- Startup configuration\n+++ Current configuration\n@@ -1,6 +1,8 @@\n #\n") || !strings.Contains(now, "\n+ sysname New\n") {
		t.Errorf("the differences are\n%s", now)
	}
	d.Want("display current-configuration diff", now)
	back := d.Do("display diff current-configuration startup-configuration")
	if !strings.HasPrefix(back, "--- Current configuration\n+++ Startup configuration\n") || !strings.Contains(back, "\n-vlan 7\n") {
		t.Errorf("the differences are\n%s", back)
	}
	d.Answer("y")
	d.Do("save b.cfg")
	d.Want("display diff configfile b.cfg current-configuration", "")
	if got := d.Do("display diff configfile startup.cfg configfile b.cfg"); !strings.HasPrefix(got, "--- flash:/startup.cfg\n+++ flash:/b.cfg\n@@") {
		t.Errorf("the differences of files are\n%s", got)
	}
	d.Want("display diff current-configuration configfile c.cfg", noFile)
}

func TestArchive(t *testing.T) {
	d := desk(t)
	const none = "The archive location and filename prefix are not configured.\n"
	d.Want("archive configuration", none)
	d.Want("display archive configuration", "")
	d.Do("system-view")
	d.Want("archive configuration interval 10", none)
	d.Want("archive configuration max 3", none)
	d.Want("archive configuration location flash:/archive filename-prefix my", noFile)
	d.Do("return", "mkdir archive", "system-view")
	d.Want("archive configuration location flash:/archive filename-prefix my.", "The filename prefix is invalid.\n")
	d.Want("archive configuration location flash:/archive filename-prefix my", "")
	d.Want("archive configuration interval 10", "Archive files will be saved every 10 minutes.\n")
	d.Do("archive configuration max 2", "return")
	d.Answer("y")
	d.Want("archive configuration", "Save the running configuration to an archive file. Continue? [Y/N]:y\nThe archive configuration file my_1.cfg is saved.\n")
	d.Run(25 * time.Minute)
	d.Want("display archive configuration", "Location: flash:/archive\nFilename prefix: my\nArchive interval in minutes: 10\nMaximum number of archive files: 2\nSaved archive files:\n"+
		"  No. TimeStamp                  FileName\n  1   Thu Jan 02 03:14:05 2020   my_2.cfg\n# 2   Thu Jan 02 03:24:05 2020   my_3.cfg\n"+
		"'#' indicates the most recent archive file.\nNext archive file to be saved: my_4.cfg\n")
	if f, _ := d.Box.Flash.Read("archive/my_3.cfg"); f.Data != d.Config() {
		t.Errorf("the archive holds %q", f.Data)
	}
	d.RoundTrip()
	d.Do("system-view", "undo archive configuration interval", "undo archive configuration max", "return")
	d.Run(time.Hour)
	if len(d.Box.Flash.List("archive")) != 2 {
		t.Error("archiving goes on without an interval")
	}
	d.Do("system-view", "undo archive configuration location", "return")
	d.Want("display archive configuration", "")
	if strings.Contains(d.Config(), "archive") {
		t.Error("the archive is still in the configuration")
	}
}

func TestStartupFiles(t *testing.T) {
	d := desk(t)
	d.Answer("y", "b.cfg")
	d.Do("save backup")
	d.Want("display startup", " Current startup saved-configuration file: NULL\n Next main startup saved-configuration file: flash:/startup.cfg (This file does not exist.)\n"+
		" Next backup startup saved-configuration file: flash:/b.cfg\n")
	d.Want("display saved-configuration", d.Config())
	d.Want("startup saved-configuration c.cfg", noFile)
	d.Want("startup saved-configuration b", "The file name is invalid(does not end with .cfg)!\n")
	d.Want("startup saved-configuration flash:/b.cfg main", "Please wait ....\n... Done!\n")
	d.Answer("y", "y")
	d.Do("reset saved-configuration backup")
	if _, ok := d.Box.Flash.Read("b.cfg"); !ok {
		t.Error("the file that is the main one too is gone")
	}
	d.Do("reset saved-configuration main")
	if _, ok := d.Box.Flash.Read("b.cfg"); ok {
		t.Error("the main file is still there")
	}
	d.Do("save safely backup force", "undo startup saved-configuration")
	d.Want("display startup", " Current startup saved-configuration file: NULL\n Next main startup saved-configuration file: NULL\n Next backup startup saved-configuration file: NULL\n")
}
