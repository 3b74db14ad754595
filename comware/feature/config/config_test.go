package config_test

import (
	"testing"

	"cwlab/comware/feature"
	"cwlab/comware/feature/config"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, config.Feature, login.Feature, info.Feature, things)
}

// things are commands of the kinds that a rollback has to deal with.
var things = feature.Feature{Name: "things",
	Views: []feature.View{{Name: "vlan", Parent: "system", Title: "VLAN"}},
	Commands: []feature.Command{
		{Views: "system", Syntax: "vlan <id:1-4094>", Help: "vlan=VLAN;<id>=ID",
			Keep: &feature.Keep{Place: feature.PlaceVLAN, Undo: "vlan <id:1-4094>", Opens: "vlan", Label: "vlan<id>"}},
		{Views: "vlan", Syntax: "description <text:text:1-80>", Help: "description=Description;<text>=Text", Keep: &feature.Keep{}},
		{Views: "vlan", Syntax: "port <n:1-9> speed <s:1-9> name <name:string:1-9>", Help: "port=Port;<n>=Number;speed=Speed;<s>=Speed;name=Name;<name>=Name",
			Keep: &feature.Keep{Undo: "port <n:1-9> name <name:string:1-9>"}},
	}}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestSave(t *testing.T) {
	const dialog = "The current configuration will be written to the device. Are you sure? [Y/N]:y\n" +
		"Please input the file name(*.cfg)[flash:/startup.cfg]\n(To leave the existing filename unchanged, press the enter key):"
	d := desk(t)
	d.Answer("y", "")
	d.Want("save", dialog+"\nValidating file. Please wait...\nConfiguration is saved to device successfully.\n")
	d.Answer("y", "", "y")
	d.Want("save", dialog+"\nflash:/startup.cfg exists, overwrite? [Y/N]:y\nValidating file. Please wait...\nConfiguration is saved to device successfully.\n")
	d.Answer("y", "x.txt")
	d.Want("save", dialog+"x.txt\nThe file name is invalid(does not end with .cfg)!\n")
	d.Want("save force", "Validating file. Please wait...\nConfiguration is saved to device successfully.\n")
	d.Answer("y")
	d.Want("save x.cfg", "The current configuration will be saved to flash:/x.cfg. Continue? [Y/N]:y\nNow saving current configuration to the device.\n"+
		"Saving configuration flash:/x.cfg. Please wait...\nConfiguration is saved to device successfully.\n")
	d.Want("display saved-configuration", d.Do("display current-configuration"))
	d.Want("display startup", " Current startup saved-configuration file: NULL\n Next main startup saved-configuration file: flash:/startup.cfg\n"+
		" Next backup startup saved-configuration file: NULL\n")
	d.Answer("y")
	d.Want("reset saved-configuration", "The saved configuration file will be erased. Are you sure? [Y/N]:y\nConfiguration file in flash: is being cleared.\n"+
		"Please wait ...\nConfiguration file is cleared.\n")
	if _, ok := d.Box.Flash.Read("startup.cfg"); ok {
		t.Error("the saved configuration is still there")
	}
}

func TestReboot(t *testing.T) {
	const check = "Start to check configuration with next startup configuration file, please wait.........DONE!\n"
	const sure = "This command will reboot the device. Continue? [Y/N]:"
	d := desk(t)
	reason := ""
	d.Box.Restart = func(r string) { reason = r }
	d.Answer("n", "n")
	d.Want("reboot", check+"Current configuration may be lost after the reboot, save current configuration? [Y/N]:n\n"+sure+"n\n")
	d.Do("save force")
	d.Answer("y")
	d.Want("reboot", check+sure+"y\nNow rebooting, please wait...\n")
	if reason != "User reboot" {
		t.Errorf("rebooted because of %q", reason)
	}
	d.Answer("n")
	d.Want("reboot force", "A forced reboot might cause the storage medium to be corrupted. Continue? [Y/N]:n\n")
}

func TestSections(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "local-user amy", "quit", "vlan 7", "return")
	d.Want("display current-configuration configuration local-user",
		"#\nlocal-user amy class manage\n authorization-attribute user-role network-operator\n#\nreturn\n")
	d.Want("display current-configuration configuration vlan | include vlan", "vlan 7\n")
	d.Want("display current-configuration interface GigabitEthernet", "#\nreturn\n")
	d.Want("display current-configuration > flash:/c.cfg", "")
	if f, _ := d.Box.Flash.Read("c.cfg"); f.Data != d.Config() {
		t.Errorf("the redirected configuration is %q", f.Data)
	}
}
