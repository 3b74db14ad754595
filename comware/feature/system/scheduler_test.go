package system_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"cwlab/comware/feature"
	"cwlab/comware/feature/featuretest"
	"cwlab/comware/feature/ip"
	"cwlab/comware/feature/login"
	"cwlab/comware/feature/system"
)

// The world begins on Thursday 2020-01-02 at 03:04:05.
func TestScheduleTimes(t *testing.T) {
	for _, tt := range []struct {
		time, kind string
		runs       []time.Duration // after the begin, within two months
	}{
		{"time at 4:00 2020/1/2", "Run once at 04:00 on 01/02/2020", []time.Duration{55*time.Minute + 55*time.Second}},
		{"time once at 3:5", "Run once at 03:05", []time.Duration{55 * time.Second}},
		{"time once at 3:0", "Run once at 03:00", []time.Duration{24*time.Hour - 4*time.Minute - 5*time.Second}},
		{"time once delay 90", "Run once after 1 hours 30 minutes", []time.Duration{90 * time.Minute}},
		{"time once at 3:5 week-day Sat", "Run once at 03:05 on Sat", []time.Duration{48*time.Hour + 55*time.Second}},
		{"time once at 3:5 month-date 3", "Run once at 03:05 on day 3 of the month", []time.Duration{24*time.Hour + 55*time.Second}},
		{"time repeating at 3:5 month-date 30", "Run at 03:05 on day 30 of the month", []time.Duration{28*24*time.Hour + 55*time.Second}},
		{"time repeating at 3:5 month-date last", "Run at 03:05 on the last day of the month", []time.Duration{29*24*time.Hour + 55*time.Second, 58*24*time.Hour + 55*time.Second}},
		{"time repeating interval 480:00", "Run every 480 hours 0 minutes", []time.Duration{20 * 24 * time.Hour, 40 * 24 * time.Hour, 60 * 24 * time.Hour}},
		{"time repeating at 3:0 2020/2/29 interval 24:00", "Run every 24 hours 0 minutes", []time.Duration{58*24*time.Hour - 245*time.Second, 59*24*time.Hour - 245*time.Second, 60*24*time.Hour - 245*time.Second}},
	} {
		d := desk(t)
		d.Do("system-view", "scheduler job j", "command 1 display clock", "quit", "scheduler schedule s", "job j", tt.time, "return")
		if got := d.Do("display scheduler schedule"); !strings.Contains(got, "Schedule type        : "+tt.kind+"\n") ||
			!strings.Contains(got, "Start time           : "+featuretest.Start.Add(tt.runs[0]).Format("Mon Jan _2 15:04:05 2006")+"\nLast execution time  : Yet to be executed\n") {
			t.Errorf("%s: display scheduler schedule printed\n%s", tt.time, got)
		}
		d.Run(60*24*time.Hour + time.Second)
		var got []string
		for line := range strings.Lines(d.Do("display scheduler logfile")) {
			if at, ok := strings.CutPrefix(line, "Execution time  : "); ok {
				got = append(got, strings.TrimSpace(at))
			}
		}
		var want []string
		for _, r := range tt.runs {
			want = append(want, featuretest.Start.Add(r).Format("Mon Jan _2 15:04:05 2006"))
		}
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Errorf("%s: ran at %v, want %v", tt.time, got, want)
		}
		d.RoundTrip()
	}
}

func TestJobActs(t *testing.T) {
	d := featuretest.New(t, system.Feature, ip.Feature, login.Feature)
	d.Do("system-view", "scheduler job down", "command 3 shutdown", "command 1 system-view", "command 2 interface GigabitEthernet1/0/1", "quit",
		"scheduler job empty", "quit", "scheduler job wrong", "command 1 no such thing", "quit",
		"scheduler schedule night", "job down", "job empty", "job wrong", "user-role network-admin", "time once delay 2")
	d.Want("job nosuch", "The job does not exist.\n")
	d.Want("time at 1:1 2019/1/1", "The specified time must be later than the current system time.\n")
	d.Want("time once delay 1:70", "Invalid time. Use the format HH:MM or MM.\n")
	if got := d.Shell.Prompt(); got != "[H3C-schedule-night]" {
		t.Errorf("prompt %q", got)
	}
	d.Do("return")
	d.Want("display scheduler job down", "Job name: down\n system-view\n interface GigabitEthernet1/0/1\n shutdown\n")
	if got := d.Do("display scheduler schedule"); !strings.Contains(got, "down                                              -NA-\n") {
		t.Errorf("before its time\n%s", got)
	}
	if !d.Box.Stack.Iface("GigabitEthernet1/0/1").AdminUp() {
		t.Fatal("the interface is down before the job")
	}
	d.Run(3 * time.Minute)
	if d.Box.Stack.Iface("GigabitEthernet1/0/1").AdminUp() {
		t.Error("the interface is up after the job")
	}
	d.Want("display scheduler schedule night", `Schedule name        : night
Schedule type        : Run once after 0 hours 2 minutes
Start time           : Thu Jan  2 03:06:05 2020
Last execution time  : Thu Jan  2 03:06:05 2020
Last completion time : Thu Jan  2 03:06:05 2020
Execution counts     : 1
-----------------------------------------------------------------------
Job name                                          Last execution status
down                                              Successful
empty                                             Failed
wrong                                             Failed
`)
	got := d.Do("display scheduler logfile")
	if !strings.Contains(got, `Job name        : down
Schedule name   : night
Execution time  : Thu Jan  2 03:06:05 2020
Completion time : Thu Jan  2 03:06:05 2020
--------------------------------- Job output -----------------------------------
<H3C>system-view
System View: return to User View with Ctrl+Z.
[H3C]interface GigabitEthernet1/0/1
[H3C-GigabitEthernet1/0/1]shutdown
`) || !strings.Contains(got, "% Unrecognized command") {
		t.Errorf("the log file is\n%s", got)
	}
	d.Do("reset scheduler logfile")
	d.Want("display scheduler logfile", "Logfile Size: 0 Bytes.\n\n")
	d.Do("system-view", "scheduler logfile size 32", "undo scheduler logfile size", "scheduler schedule night", "undo time", "undo job down", "undo user-role network-admin",
		"scheduler job down", "undo command 1", "undo scheduler schedule night", "undo scheduler job down", "undo scheduler job empty", "undo scheduler job wrong")
	if strings.Contains(d.Config(), "scheduler") {
		t.Errorf("after undo\n%s", d.Config())
	}
}

func TestSchedulerReboot(t *testing.T) {
	d := desk(t)
	var reasons []string
	d.Box.Restart = func(reason string) { reasons = append(reasons, reason) }
	d.Answer("n")
	d.Want("scheduler reboot at 3:0", "Reboot system at 03:00:00 01/03/2020 (in 23 hours and 55 minutes). Confirm? [Y/N]:n\n")
	d.Want("display scheduler reboot", "")
	d.Answer("y", "y")
	d.Do("scheduler reboot at 4:0 2020/2/1")
	d.Want("scheduler reboot delay 88", "Reboot system at 04:32:05 01/02/2020 (in 1 hours and 28 minutes). Confirm? [Y/N]:y\n")
	d.Want("display scheduler reboot", "System will reboot at 04:32:05 01/02/2020 (in 1 hours and 28 minutes).\n")
	d.Want("scheduler reboot at 4:0 2019/2/1", "The specified time must be later than the current system time.\n")
	d.Run(88*time.Minute - time.Second)
	if len(reasons) != 0 {
		t.Error("rebooted too early")
	}
	d.Run(time.Second)
	if len(reasons) != 1 {
		t.Errorf("%d reboots at the time, want 1", len(reasons))
	}
	d.Answer("y")
	d.Do("scheduler reboot delay 1", "undo scheduler reboot")
	d.Run(time.Hour)
	if len(reasons) != 1 {
		t.Error("rebooted though it was undone")
	}
}

func TestDiagnosticInformation(t *testing.T) {
	d := featuretest.New(t, system.Feature, ip.Feature)
	d.Answer("n")
	shown := d.Do("display diagnostic-information")
	head := "Save or display diagnostic information (Y=save, N=display)? [Y/N]:n\n" + strings.Repeat("=", 47) + "\n  ===============display clock===============\n03:04:05 UTC Thu 01/02/2020\n"
	if !strings.HasPrefix(shown, head) || !strings.Contains(shown, "===display ip routing-table===") || strings.Contains(shown, "display ike sa") {
		t.Errorf("shown\n%s", shown)
	}
	if got := d.Do("display diagnostic-information hardware x.txt"); got != "The file name is invalid(does not end with .tar.gz)!\n" {
		t.Errorf("a wrong name: %q", got)
	}
	d.Answer("y", "")
	saved := d.Do("display diagnostic-information hardware")
	if want := "Save or display diagnostic information (Y=save, N=display)? [Y/N]:y\nPlease input the file name(*.tar.gz)[flash:/diag.tar.gz]:\n" +
		"Diagnostic information is outputting to flash:/diag.tar.gz.\nPlease wait...\nSave successfully.\n"; saved != want {
		t.Errorf("saved\n%s\nwant\n%s", saved, want)
	}
	text := unpack(t, d.Box, "diag.tar.gz")
	if !strings.Contains(text, "===display environment===") || strings.Contains(text, "display clock") {
		t.Errorf("the file holds\n%s", text)
	}
	before := len(d.Box.Info.Buffer())
	d.Do("display diagnostic-information all.tar.gz")
	if n := len(d.Box.Info.Buffer()) - before; n != 1 {
		t.Errorf("collecting left %d records, want that of the command", n)
	}
	if text := unpack(t, d.Box, "all.tar.gz"); strings.Count(text, "  ===============display ") < 15 {
		t.Errorf("the file holds\n%s", text)
	}
}

func unpack(t *testing.T, b *feature.Box, name string) string {
	t.Helper()
	f, ok := b.Flash.Read(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	z, err := gzip.NewReader(strings.NewReader(f.Data))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(z)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNamesWithBlanks(t *testing.T) {
	d := desk(t)
	d.Do("system-view", `clock timezone "my zone" add 1`, `clock summer-time "my summer" 0 1/1 0 12/31 1`, `scheduler job "my job"`, `command 1 display clock`, "quit",
		`scheduler schedule "my schedule"`, `job "my job"`, `user-role "my role"`, "user-role network-admin", "time once delay 1", "return")
	d.RoundTrip()
	d.Run(time.Minute)
	if got := d.Do("display scheduler schedule"); !strings.Contains(got, "my job                                            Successful\n") {
		t.Errorf("the job did not run\n%s", got)
	}
	if got := d.Do("display clock"); !strings.Contains(got, " my summer Thu ") || !strings.Contains(got, "Time Zone : \"my zone\" add 01:00:00\n") {
		t.Errorf("display clock printed\n%s", got)
	}
}

func TestRestoreFactoryDefault(t *testing.T) {
	d := desk(t)
	f := d.Box.Flash
	for _, err := range []error{f.Mkdir("logs", d.Box.Now()), f.Write("logs/a.txt", "x", d.Box.Now()), f.Write("startup.cfg", "x", d.Box.Now()), f.Write("main.bin", "x", d.Box.Now())} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d.Answer("n", "y")
	d.Do("restore factory-default")
	if _, ok := f.Read("startup.cfg"); !ok {
		t.Error("the files have gone though the answer was no")
	}
	if got := d.Do("restore factory-default"); !strings.Contains(got, "Continue [Y/N]:y\nRestoring the factory default") || !strings.HasSuffix(got, "into effect.\n") {
		t.Errorf("it printed\n%s", got)
	}
	if all := f.List(""); len(all) != 1 || all[0].Name != "main.bin" {
		t.Errorf("left are %v", all)
	}
}

func TestMemoryThresholdsAreKept(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "memory-threshold slot 1 cpu 0 minor 96 severe 64 critical 48 normal 128", "memory-threshold slot 1 cpu 0 usage 90", "memory-threshold usage 80")
	d.RoundTrip()
	d.Do("undo memory-threshold slot 1 cpu 0", "undo memory-threshold slot 1 cpu 0 usage", "undo memory-threshold usage")
	if strings.Contains(d.Config(), "memory-threshold") {
		t.Errorf("after undo\n%s", d.Config())
	}
}

// A question in a job is answered with yes, and what follows a reboot is not
// done by the box that has gone.
func TestJobReboots(t *testing.T) {
	d := desk(t)
	reboots := 0
	d.Box.Restart = func(string) {
		reboots++
		d.Box.Stop()
	}
	d.Do("system-view", "scheduler job again", "command 1 reboot force", "command 2 reboot force", "quit",
		"scheduler schedule s", "job again", "time repeating interval 10")
	d.Run(time.Hour)
	if reboots != 1 {
		t.Errorf("%d reboots, want 1", reboots)
	}
}

// A job that is deleted is in no schedule any more.
func TestDeletedJob(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "scheduler job j", "command 1 display clock", "scheduler schedule s", "job j", "undo scheduler job j")
	if got := d.Config(); strings.Contains(got, "job j") {
		t.Errorf("the configuration is\n%s", got)
	}
	d.RoundTrip()
}

// A job runs with the roles of its schedule.
func TestJobRoles(t *testing.T) {
	d := desk(t)
	var asked []string
	d.Box.Permit = func(s *feature.Shell, _ *feature.Command) bool {
		asked = append(asked, strings.Join(s.Roles, " "))
		return s.Roles[0] != "weak"
	}
	d.Do("system-view", "scheduler job j", "command 1 display clock", "quit", "scheduler schedule s", "job j", "user-role weak", "time once delay 1", "return")
	asked = nil
	d.Run(2 * time.Minute)
	if len(asked) == 0 || asked[0] != "weak" {
		t.Errorf("the job ran with the roles %q", asked)
	}
	if got := d.Do("display scheduler logfile"); !strings.Contains(got, "<H3C>display clock\nPermission denied.\n") {
		t.Errorf("the log file is\n%s", got)
	}
	if got := d.Do("display scheduler schedule"); !strings.Contains(got, "j                                                 Failed\n") {
		t.Errorf("the schedule is\n%s", got)
	}
}
