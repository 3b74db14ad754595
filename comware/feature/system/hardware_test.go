package system_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
)

func TestDeviceTables(t *testing.T) {
	d := desk(t)
	rule := " " + strings.Repeat("-", 55) + "\n"
	for _, tt := range []struct{ line, want string }{
		{"display device", " Slot No.  Board Type                Status    Max Ports\n" + rule + " 1         F1                        Normal       4    \n"},
		{"display device flash", " Slot No.  Device  Status    Total (MB)\n" + rule + " 1         flash   Normal    " + strconv.Itoa(d.Box.Flash.Size()/1024) + "\n"},
		{"display device usb", " Slot No.  Device  Status\n" + rule + " 1         usb     Absent\n"},
		{"display device slot 0", "The specified slot does not exist.\n"},
		{"display device manuinfo fan 1", "The operation is not supported on the specified fan.\n"},
		{"display device manuinfo power 0", "The operation is not supported on the specified power.\n"},
		{"display fan", " Slot 1:\n Fan 1:\n Status: Normal\n Fan 2:\n Status: Normal\n"},
		{"display fan 2", " Slot 1:\n Fan 2:\n Status: Normal\n"},
		{"display fan 3", "The specified fan does not exist.\n"},
		{"display fan verbose", " Slot 1:\n Fan 1:\n Status: Normal\n Speed : 5400 rpm\n Fan 2:\n Status: Normal\n Speed : 5400 rpm\n"},
		{"display power", " Slot 1:\n Power 0:\n Status: Normal\n Mode  : AC\n Power 1:\n Status: Absent\n"},
		{"display power 1", " Slot 1:\n Power 1:\n Status: Absent\n"},
		{"display power 2", "The specified power does not exist.\n"},
		{"display alarm", "Slot CPU Level   Info\n1    0   ERROR   Power 1 is absent.\n"},
		{"display license", "Slot 1:\n"},
		{"display boot-loader", "Software images on slot 1:\nCurrent software images:\n  flash:/F1-CMW710-BOOT-R1P2.bin\n  flash:/F1-CMW710-SYSTEM-R1P2.bin\n" +
			"Main startup software images:\n  flash:/F1-CMW710-BOOT-R1P2.bin\n  flash:/F1-CMW710-SYSTEM-R1P2.bin\nBackup startup software images:\n  None\n"},
		{"display copyright", "Copyright (c) 2004-2021 New H3C Technologies Co., Ltd. All rights reserved.\n"},
	} {
		d.Want(tt.line, tt.want)
	}
	if got := d.Do("display device verbose"); !strings.Contains(got, " Software: 7.1.064 Release 1P2\n") {
		t.Errorf("display device verbose printed\n%s", got)
	}
}

func TestManuinfoIsTheDevicesOwn(t *testing.T) {
	a := featuretest.New(t, system.Feature, ip.Feature)
	b := featuretest.At(t, a.World, a.Net, "B", system.Feature, ip.Feature)
	one := a.Do("display device manuinfo")
	mac := strings.ToUpper(a.Box.Stack.Iface("GigabitEthernet1/0/0").MAC().String())
	if !regexp.MustCompile(`^ Slot 1 CPU 0:\n DEVICE_NAME          : SecPath F1\n DEVICE_SERIAL_NUMBER : 210235A0009\d\d[1-9A-C]Q\d{5}\n MAC_ADDRESS          : ` + mac +
		`\n MANUFACTURING_DATE   : 20\d\d-\d\d-\d\d\n VENDOR_NAME          : H3C\n Power 0:\nThe operation is not supported on the specified power\.\n Power 1:\n`).MatchString(one) {
		t.Errorf("manuinfo printed\n%s", one)
	}
	if again := a.Do("display device manuinfo"); again != one {
		t.Errorf("asked again it printed\n%s", again)
	}
	if two := b.Do("display device manuinfo"); two == one {
		t.Errorf("two devices have the same plate\n%s", two)
	}
	if short := a.Do("display device manuinfo chassis-only"); !strings.HasPrefix(one, short) || strings.Contains(short, "Power") {
		t.Errorf("chassis-only printed\n%s", short)
	}
}

func TestTemperatureFollowsTheLoad(t *testing.T) {
	d := desk(t)
	head := "System temperature information (degree centigrade):\n" + strings.Repeat("-", 77) +
		"\nSlot  Sensor       Temperature  LowerLimit  WarningLimit  AlarmLimit ShutdownLimit\n"
	d.Run(2 * time.Minute)
	d.Want("display environment", head+"1     hotspot 1    45           0           80            95          105\n")
	d.Do("system-view")
	d.Want("temperature-limit slot 1 hotspot 1 -10 40 60", "")
	d.Want("display environment", head+"1     hotspot 1    45           -10         40            60          105\n")
	d.Want("display alarm", "Slot CPU Level   Info\n1    0   ERROR   Power 1 is absent.\n1    0   WARNING The temperature of sensor 1 exceeds the upper limit.\n")
	d.Want("temperature-limit slot 1 hotspot 2 0 40", "The specified sensor does not exist.\n")
	d.Want("temperature-limit slot 1 hotspot 1 50 40", "The high temperature limits must be greater than the low temperature limit, and the alarm limit must be greater than the warning limit.\n")
	d.RoundTrip()
	d.Want("undo temperature-limit slot 1 hotspot 1", "")
	if strings.Contains(d.Config(), "temperature") {
		t.Error("the limit is still configured")
	}
}

func TestCPUUsageIsThatOfTheLastCompletePeriods(t *testing.T) {
	d := featuretest.New(t, system.Feature, ip.Feature)
	d.Run(5 * time.Minute)
	d.Want("display cpu-usage", "Slot 1 CPU 0 CPU usage:\n       1% in last 5 seconds\n       1% in last 1 minute\n       1% in last 5 minutes\n\n")
	d.Run(5 * time.Second)
	for range 50 { // 50 commands of 30 ms in the next 5 seconds
		d.Do("display clock")
	}
	d.Run(5 * time.Second)
	d.Want("display cpu-usage slot 1", "Slot 1 CPU 0 CPU usage:\n      31% in last 5 seconds\n       1% in last 1 minute\n       1% in last 5 minutes\n\n")
	d.Run(time.Minute)
	d.Want("display cpu-usage summary", "Slot CPU        Last 5 sec        Last 1 min        Last 5 min\n1    0          1%                4%                1%\n")
	d.Do("system-view")
	d.Want("monitor cpu-usage interval 5Sec", "")
	got := d.Do("display cpu-usage history")
	if want := " 30%|            #\n"; !strings.Contains(got, want) {
		t.Errorf("no row %q in\n%s", want, got)
	}
	if !strings.HasSuffix(got, "     ------------------------------------------------------------\n             50       100       150       200       250       300  (seconds)\n"+
		"                      cpu-usage (Slot 1 CPU 0) last 300 seconds (SYSTEM)\n") {
		t.Errorf("the chart ends\n%s", got)
	}
	d.Want("monitor cpu-usage threshold 80", "")
	d.Want("display cpu-usage configuration", "CPU usage monitor is enabled.\nCurrent monitor interval is 5 seconds.\nCurrent monitor threshold is 80%.\n")
	d.Want("undo monitor cpu-usage enable", "")
	d.Want("display cpu-usage history", "")
	d.RoundTrip()
	d.Do("monitor cpu-usage enable", "undo monitor cpu-usage interval", "undo monitor cpu-usage threshold")
	d.Want("display cpu-usage configuration", "CPU usage monitor is enabled.\nCurrent monitor interval is 60 seconds.\nCurrent monitor threshold is 99%.\n")
	d.Want("display cpu-usage slot 0", "The specified slot does not exist.\n")
}

func TestPacketsCostTime(t *testing.T) {
	a := featuretest.New(t, system.Feature, ip.Feature)
	b := featuretest.At(t, a.World, a.Net, "B", system.Feature, ip.Feature)
	featuretest.Cable(a, "GigabitEthernet1/0/1", b, "GigabitEthernet1/0/1")
	a.Do("system-view", "interface GigabitEthernet1/0/1", "ip address 10.0.0.1 24", "return")
	b.Do("system-view", "interface GigabitEthernet1/0/1", "ip address 10.0.0.2 24", "return")
	a.Run(5*time.Minute - a.World.Now().Sub(featuretest.Start))
	a.Do("ping -c 30000 -m 1 10.0.0.2")
	a.Run(40 * time.Second)
	// B answers 30000 requests: 60000 packets of 20 us in one minute
	b.Run(time.Minute)
	if got := b.Do("display cpu-usage"); !strings.Contains(got, "       3% in last 1 minute\n") {
		t.Errorf("after 60000 packets\n%s", got)
	}
}

func TestMemoryGrowsWithEntries(t *testing.T) {
	d := featuretest.New(t, system.Feature, ip.Feature, login.Feature)
	layout := regexp.MustCompile(`^Memory statistics are measured in KB:\nSlot 1: \n             Total      Used      Free    Shared   Buffers    Cached   FreeRatio\n` +
		`Mem:       4000000   (\d{7})   (\d{7})         0 +(\d{4}) +(\d{6})       67\.\d%\n-/\+ Buffers/Cache:   (\d{7})   \d{7}\nSwap:           0         0         0\n\n$`)
	before := layout.FindStringSubmatch(d.Do("display memory"))
	if before == nil {
		t.Fatalf("display memory printed\n%s", d.Do("display memory"))
	}
	d.Do("system-view")
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		d.Do("ip route-static 10." + n + ".0.0 16 null 0")
	}
	if after := layout.FindStringSubmatch(d.Do("display memory")); after == nil || after[1] <= before[1] || after[2] >= before[2] {
		t.Errorf("8 routes more: %q, before %q", after, before)
	}
	if err := d.Box.Flash.Write("a.txt", strings.Repeat("a", 100<<10), d.World.Now()); err != nil {
		t.Fatal(err)
	}
	after := layout.FindStringSubmatch(d.Do("display memory"))
	if after == nil || after[3] <= before[3] || after[4] != "300100" {
		t.Errorf("a file of 100 KB more: %q, before %q", after, before)
	}
	if got := d.Do("display memory summary"); !strings.Contains(got, "\n   1   0       4000000 ") {
		t.Errorf("the summary is\n%s", got)
	}
}
