package info_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"cwlab/comware/conf"
	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/info"
	"cwlab/comware/feature/system"
	"cwlab/comware/feature/terminal"
	"cwlab/comware/infocenter"
	"cwlab/emulator/link"
	"cwlab/emulator/sim"
	"cwlab/emulator/stack"
	"cwlab/emulator/wire"
)

func desk(t *testing.T) *featuretest.Desk {
	t.Helper()
	return featuretest.New(t, system.Feature, info.Feature, terminal.Feature)
}

func TestGrammar(t *testing.T) {
	if err := desk(t).Box.Image.Grammar.Check(); err != nil {
		t.Error(err)
	}
}

func TestLogbuffer(t *testing.T) {
	d := desk(t)
	d.Do("reset logbuffer")
	d.Box.Info.Clear()
	d.Do("system-view")
	d.Want("info-center logbuffer size 3", "")
	got := d.Do("display logbuffer level 6")
	for _, want := range []string{"Log buffer: Enabled\nMax buffer size: 1024\nActual buffer size: 3\n", "Current messages: 3\n",
		"%Jan  2 03:04:05:000 2020 H3C SHELL/6/SHELL_CMD: -Context=1; -Line=con0-IPAddr=**-User=**; Command is display logbuffer level 6\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log buffer is\n%s\nwant in it %q", got, want)
		}
	}
	d.Want("display logbuffer summary level 6", "EMERG ALERT  CRIT ERROR  WARN NOTIF  INFO DEBUG\n    0     0     0     0     0     0     3     0\n")
	d.Want("info-center synchronous", "Info-center synchronous output is on\n")
	d.Want("undo info-center enable", "Information center is disabled.\n")
	want := "#\n undo info-center enable\n info-center logbuffer size 3\n info-center synchronous\n#\nreturn\n"
	if got := section(d); got != want {
		t.Errorf("configuration\n%s\nwant\n%s", got, want)
	}
	d.RoundTrip()
	d.Want("info-center enable", "Information center is enabled.\n")
	d.Want("undo info-center synchronous", "Info-center synchronous output is off\n")
	d.Do("undo info-center logbuffer size", "undo info-center logbuffer")
	d.Box.Info.Clear()
	d.Box.Log("M", 5, "OFF", "x.")
	d.Do("info-center logbuffer")
	d.Box.Log("M", 4, "FOUR", "x.")
	d.Run(3 * time.Minute)
	d.Box.Log("M", 5, "FIVE", "x.")
	for line, want := range map[string]string{
		"display logbuffer level 4":             "FOUR",
		"display logbuffer reverse level 5":     "FIVE FOUR",
		"display logbuffer level 5 size 1":      "FIVE",
		"display logbuffer level 5 last-mins 1": "FIVE",
	} {
		var found []string
		for _, l := range strings.Split(d.Do(line), "\n") {
			if _, rest, ok := strings.Cut(l, " M/"); ok {
				found = append(found, rest[2:strings.Index(rest, ":")])
			}
		}
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s shows %q, want %q", line, got, want)
		}
	}
}

func section(d *featuretest.Desk) string {
	return strings.Join(d.Box.Conf.Section(func(n *conf.Node) bool {
		return strings.HasPrefix(strings.TrimPrefix(n.Text, "undo "), "info-center")
	}), "\n") + "\n"
}

func TestOutputRulesActAndAreKept(t *testing.T) {
	d := desk(t)
	d.ShowLogs()
	d.Do("system-view", "info-center source default console deny", "info-center source vlan console level 0",
		"info-center timestamp none", "info-center logging suppress module ike mnemonic all", "info-center logging suppress duplicates")
	d.Do("display clock")
	d.Box.Log("IFNET", 3, "X", "no.")
	d.Box.Log("VLAN", 0, "X", "yes.")
	d.Box.Log("IKE", 0, "X", "no.")
	if got := d.Seen(); !strings.HasSuffix(got, "2020\n%H3C VLAN/0/X: -Context=1; yes.\n") {
		t.Errorf("the console shows %q", got)
	}
	want := `#
 info-center logging suppress duplicates
 info-center logging suppress module IKE mnemonic all
 info-center source VLAN console level emergency
 info-center source default console deny
 info-center timestamp none
#
return
`
	if got := section(d); got != want {
		t.Errorf("configuration\n%s\nwant\n%s", got, want)
	}
	d.RoundTrip()
	d.Do("undo info-center source default console", "undo info-center source vlan console", "undo info-center timestamp",
		"undo info-center logging suppress module ike mnemonic all", "undo info-center logging suppress duplicates")
	d.Do("display clock")
	d.Box.Log("IKE", 6, "X", "back.")
	if got := d.Seen(); !strings.HasSuffix(got, "%Jan  2 03:04:05:000 2020 H3C IKE/6/X: -Context=1; back.\n") || section(d) != "#\nreturn\n" {
		t.Errorf("the console shows %q with the configuration\n%s", got, section(d))
	}
	d.Do("info-center timestamp boot", "display clock")
	d.Run(1500 * time.Millisecond)
	d.Box.Log("IKE", 6, "X", "late.")
	if got := d.Seen(); !strings.HasSuffix(got, "%0.1500 H3C IKE/6/X: -Context=1; late.\n") {
		t.Errorf("the console shows %q", got)
	}
}

func TestLogHosts(t *testing.T) {
	w := sim.New(featuretest.Start, 1, nil)
	net := link.NewNetwork(w)
	d := featuretest.At(t, w, net, "A", system.Feature, info.Feature)
	server := stack.New(w, "server")
	port := net.Port("server", "eth0")
	eth := server.AddEthernet("eth0", wire.MAC{2}, port)
	eth.SetAddr(netip.MustParsePrefix("10.0.0.2/24"))
	own := d.Box.Stack.AddEthernet("GigabitEthernet1/0/1", wire.MAC{4}, net.Port("A", "GigabitEthernet1/0/1"))
	own.SetAddr(netip.MustParsePrefix("10.0.0.1/24"))
	loop := d.Box.Stack.AddLoopback("LoopBack0")
	loop.SetAddr(netip.MustParsePrefix("2.2.2.2/32"))
	server.AddRoute(stack.Route{Dst: netip.MustParsePrefix("2.2.2.2/32"), Next: netip.MustParseAddr("10.0.0.1")})
	net.Connect(net.Port("A", "GigabitEthernet1/0/1"), port, link.Options{})
	d.Run(time.Second)
	type message struct{ src, text string }
	var got []message
	for _, p := range []uint16{514, 5000} {
		server.HandleUDP(p, func(src, _ netip.AddrPort, b []byte, _ *stack.Iface) {
			got = append(got, message{src.Addr().String(), string(b)})
		})
	}
	var tos uint8
	server.Hook(stack.In, "tos", func(p *stack.Packet) stack.Verdict {
		tos = p.TOS
		return stack.Accept
	})
	log := func(want message) {
		t.Helper()
		got = nil
		d.Box.Log("SHELL", 5, "SHELL_LOGIN", "x.")
		d.Run(time.Second)
		if len(got) == 0 || got[0] != want {
			t.Errorf("the log host got %q, want %q", got, want)
		}
	}
	d.Do("system-view", "info-center loghost 10.0.0.2")
	d.Run(time.Second)
	log(message{"10.0.0.1", "<189>Jan  2 03:04:07 2020 H3C %%10SHELL/5/SHELL_LOGIN: -Context=1; x."})
	d.Do("info-center loghost 10.0.0.2 facility local1 port 5000 dscp 10", "info-center loghost source LoopBack0", "info-center timestamp loghost iso")
	d.Run(time.Second)
	log(message{"2.2.2.2", "<141>2020-01-02T03:04:09 H3C %%10SHELL/5/SHELL_LOGIN: -Context=1; x."})
	if tos != 10<<2 {
		t.Errorf("the type of service is %d, want DSCP 10", tos)
	}
	show := d.Do("display info-center")
	if want := "Log host: Enabled\n    Source interface: LoopBack0\n    IP address: 10.0.0.2, port number: 5000, host facility: local1\n"; !strings.Contains(show, want) {
		t.Errorf("display info-center shows\n%s\nwant in it\n%s", show, want)
	}
	if want := "    Log host: ISO\n    Other output destination: Date\n"; !strings.HasSuffix(show, want) {
		t.Errorf("display info-center shows\n%s\nwant at its end\n%s", show, want)
	}
	want := "#\n info-center loghost 10.0.0.2 port 5000 facility local1 dscp 10\n info-center loghost source LoopBack0\n info-center timestamp loghost iso\n#\nreturn\n"
	if s := section(d); s != want {
		t.Errorf("configuration\n%s\nwant\n%s", s, want)
	}
	d.Do("undo info-center loghost source", "undo info-center timestamp loghost")
	log(message{"10.0.0.1", "<141>Jan  2 03:04:10 2020 H3C %%10SHELL/5/SHELL_LOGIN: -Context=1; x."})
	d.Do("undo info-center loghost 10.0.0.2")
	d.Run(time.Second)
	got = nil
	d.Box.Log("SHELL", 5, "SHELL_LOGIN", "x.")
	d.Run(time.Second)
	if len(got) != 0 {
		t.Errorf("a log host that is none any more got %q", got)
	}
	for _, a := range []string{"1", "2", "3", "4"} {
		d.Do("info-center loghost 10.0.0." + a)
	}
	d.Want("info-center loghost 10.0.0.5", "The maximum number of log hosts has been reached.\n")
}

func TestLogFile(t *testing.T) {
	d := desk(t)
	file := func() string {
		f, _ := d.Box.Flash.Read("logfile/logfile.log")
		return f.Data
	}
	d.Want("display logfile summary", "  Log file: Enabled.\n  Log file size quota: 10 MB\n  Log file directory: flash:/logfile\n  Writing frequency: 24 hour 0 min 0 sec\n")
	d.Box.Log("M", 5, "ONE", "x.")
	if got := d.Do("display logfile buffer"); !strings.Contains(got, "M/5/ONE") || file() != "" {
		t.Errorf("the buffer of the file is\n%s and the file\n%s", got, file())
	}
	d.Want("logfile save", "The contents in the log file buffer have been saved to the file flash:/logfile/logfile.log.\n")
	if got := file(); !strings.Contains(got, "%@2%Jan  2 03:04:05:000 2020 H3C M/5/ONE: -Context=1; x.\n") {
		t.Errorf("the file is\n%s", got)
	}
	d.Do("system-view", "info-center logfile frequency 70", "info-center logfile size-quota 6")
	d.Box.Log("M", 5, "TWO", "x.")
	d.Run(71 * time.Second)
	if got := file(); !strings.Contains(got, "M/5/TWO") {
		t.Errorf("after the interval the file is\n%s", got)
	}
	d.Do("undo info-center logfile enable")
	d.Want("display logfile summary", "  Log file: Disabled.\n  Log file size quota: 6 MB\n  Log file directory: flash:/logfile\n  Writing frequency: 0 hour 1 min 10 sec\n")
	if got, want := section(d), "#\n undo info-center logfile enable\n info-center logfile frequency 70\n info-center logfile size-quota 6\n#\nreturn\n"; got != want {
		t.Errorf("configuration\n%s\nwant\n%s", got, want)
	}
	d.RoundTrip()
	d.Do("info-center logfile enable", "undo info-center logfile frequency", "undo info-center logfile size-quota")
	d.Want("info-center logfile directory flash:/none", feature.ErrNoFile.Error()+"\n")
	if err := d.Box.Flash.Mkdir("other", d.Box.Now()); err != nil {
		t.Fatal(err)
	}
	d.Want("info-center logfile directory flash:/other", "")
	d.Want("logfile save", "The contents in the log file buffer have been saved to the file flash:/other/logfile.log.\n")
	if section(d) != "#\nreturn\n" {
		t.Errorf("the configuration is\n%s", section(d))
	}
}

func TestDebuggingAll(t *testing.T) {
	d := desk(t)
	d.Box.Switch("IKE event")
	d.Box.Switch("VRRP fsm")
	d.Want("debugging all timeout 2", "")
	d.Want("display debugging ike", "IKE event debugging switch is on\n")
	d.Run(2 * time.Minute)
	d.Want("display debugging", "")
	d.Do("debugging all timeout 1", "debugging all")
	d.Run(2 * time.Minute)
	d.Want("display debugging vrrp", "VRRP fsm debugging switch is on\n")
	d.Do("undo debugging all")
	d.Want("display debugging", "")
}

func TestWhatASessionShows(t *testing.T) {
	d := desk(t)
	for _, row := range []struct {
		lines []string
		want  string
	}{
		{nil, "46"},
		{[]string{"terminal debugging"}, "467"},
		{[]string{"terminal logging level 4"}, "47"},
		{[]string{"undo terminal debugging", "terminal logging level 7"}, "467"},
		{[]string{"undo terminal logging level"}, "46"},
		{[]string{"undo terminal monitor"}, ""},
		{[]string{"terminal monitor"}, "46"},
	} {
		d.Do(row.lines...)
		got := ""
		o := d.Box.Info.Subscribe(func(r infocenter.Record) {
			if info.Shows(d.Shell, r) {
				got += string(rune('0' + r.Severity))
			}
		})
		d.Box.Log("M", 4, "A", "")
		d.Box.Log("M", 6, "B", "")
		d.Box.Info.Debug("M", "C", "")
		o.Close()
		if got != row.want {
			t.Errorf("after %q the session shows %q, want %q", row.lines, got, row.want)
		}
	}
}

func TestSettingsOfOtherFilesAreKept(t *testing.T) {
	d := desk(t)
	d.Do("system-view")
	var lines []string
	for _, l := range []string{"info-center diagnostic-logfile frequency 600", "info-center diagnostic-logfile quota 6", "info-center format unicom",
		"info-center logfile overwrite-protection", "info-center security-logfile alarm-threshold 90", "info-center security-logfile enable", "info-center security-logfile frequency 600",
		"info-center security-logfile size-quota 6", "info-center trace-logfile quota 6"} {
		d.Do(l)
		lines = append(lines, " "+l)
	}
	if want := "#\n" + strings.Join(lines, "\n") + "\n#\nreturn\n"; section(d) != want {
		t.Errorf("configuration\n%s\nwant\n%s", section(d), want)
	}
	if got := d.Do("display info-center"); !strings.Contains(got, "Security log file: Enabled\n") {
		t.Errorf("display info-center shows\n%s", got)
	}
	d.RoundTrip()
	d.Do("undo info-center diagnostic-logfile frequency", "undo info-center diagnostic-logfile quota", "undo info-center format", "undo info-center logfile overwrite-protection",
		"undo info-center diagnostic-logfile enable", "info-center diagnostic-logfile enable",
		"undo info-center security-logfile alarm-threshold", "undo info-center security-logfile enable", "undo info-center security-logfile frequency",
		"undo info-center security-logfile size-quota", "undo info-center trace-logfile quota")
	if section(d) != "#\nreturn\n" {
		t.Errorf("after undo the configuration is\n%s", section(d))
	}
}
