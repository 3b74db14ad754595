package system

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/wire"
)

const hardwareHelp = "device=Device information;verbose=Detailed information;flash=Flash memory;usb=USB disk;manuinfo=Manufacturing information;fan=Fan information;<fan>=Fan number;" +
	"power=Power supply information;<power>=Power supply number;chassis-only=The chassis alone;slot=Specify the slot;<slot>=Slot number;cpu=Specify the CPU;<cpu>=CPU number;" +
	"<id>=Number;environment=Temperature information;alarm=Alarms;license=License information"

var hardwareCommands = []feature.Command{
	{Views: "any", Syntax: "display device [ flash | usb ] [ slot <slot:0-1> | verbose ]", Help: hardwareHelp, Run: displayDevice},
	{Views: "any", Syntax: "display device manuinfo [ slot <slot:0-1> ]", Help: hardwareHelp, Run: displayManuinfo},
	{Views: "any", Syntax: "display device manuinfo chassis-only", Help: hardwareHelp, Run: displayManuinfo},
	{Views: "any", Syntax: "display device manuinfo [ slot <slot:0-1> ] fan <fan:1-8>", Help: hardwareHelp, Run: manuinfoOf("fan")},
	{Views: "any", Syntax: "display device manuinfo [ slot <slot:0-1> ] power <power:0-8>", Help: hardwareHelp, Run: manuinfoOf("power")},
	{Views: "any", Syntax: "display fan [ slot <slot:0-1> ] [ <id:1-8> | verbose ]", Help: hardwareHelp, Run: displayFan},
	{Views: "any", Syntax: "display power [ slot <slot:0-1> ] [ <id:0-8> ]", Help: hardwareHelp, Run: displayPower},
	{Views: "any", Syntax: "display environment [ slot <slot:0-1> ]", Help: hardwareHelp, Run: displayEnvironment},
	{Views: "any", Syntax: "display alarm [ slot <slot:0-1> ]", Help: hardwareHelp, Run: displayAlarm},
	{Views: "any", Syntax: "display license", Help: hardwareHelp, Run: displayLicense},
	{Views: "system", Syntax: "temperature-limit slot <slot:0-1> { hotspot | inflow | outflow } <sensor:1-8> <low:string:1-4> <warning:1-200> [ <alarm:1-200> ]", Help: limitHelp, Run: setLimit},
	{Views: "system", Syntax: "undo temperature-limit slot <slot:0-1> { hotspot | inflow | outflow } <sensor:1-8>", Help: limitHelp, Run: undoLimit},
}

const limitHelp = "temperature-limit=Temperature alarm limits;slot=Specify the slot;<slot>=Slot number;hotspot=Hot spot sensor;inflow=Air inflow sensor;outflow=Air outflow sensor;" +
	"<sensor>=Sensor number;<low>=Low temperature limit in degrees centigrade;<warning>=Warning limit in degrees centigrade;<alarm>=Alarm limit in degrees centigrade"

func displayDevice(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	m, h := x.Box.Model, &x.Box.Model.Hardware
	switch {
	case a.Has("usb"):
		x.Printf(" Slot No.  Device  Status\n %s\n %-10d%-8s%s\n", strings.Repeat("-", 55), h.Slot, "usb", "Absent")
		return
	case a.Has("flash"):
		x.Printf(" Slot No.  Device  Status    Total (MB)\n %s\n %-10d%-8s%-10s%d\n", strings.Repeat("-", 55), h.Slot, "flash", "Normal", x.Box.Flash.Size()>>10)
		return
	}
	x.Printf(" Slot No.  Board Type                Status    Max Ports\n %s\n", strings.Repeat("-", 55))
	x.Printf(" %-10d%-26s%-13s%-5d\n", h.Slot, m.Name, "Normal", len(m.Ports))
	if a.Has("verbose") {
		x.Printf("\n Slot %d\n Status  : Normal\n Type    : %s\n Software: %s %s\n Hardware: %s\n Driver  : 1.0\n CPLD    : %s\n", h.Slot, m.Name, Version, m.Release, h.PCB, h.CPLD)
	}
}

// A plate is what is written on a part: its numbers come from the lab's
// streams, so that a device has the same in every run of a lab.
type plate struct {
	serial, mac string
	made        time.Time
}

// plateOf draws year, month and a running number, as the vendor's
// serial numbers have them.
func plateOf(b *feature.Box, part string) plate {
	s := b.World.Origin(b.Name, "manufacturing "+part)
	h := &b.Model.Hardware
	day := int(s.Uint32() % 1000)
	made := time.Date(h.MadeInYear, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, day)
	p := plate{made: made}
	p.serial = fmt.Sprintf("%s9%02d%XQ%05d", h.ItemCode, made.Year()%100, int(made.Month()), s.Uint32()%100000)
	p.mac = strings.ToUpper(baseMAC(b).String())
	return p
}

// baseMAC is the address of the first port.
func baseMAC(b *feature.Box) wire.MAC {
	if len(b.Model.Ports) > 0 {
		if i := b.Stack.Iface(b.Model.Ports[0]); i != nil {
			return i.MAC()
		}
	}
	return wire.MAC{}
}

// Serial is the serial number of the device.
func Serial(b *feature.Box) string { return plateOf(b, "chassis").serial }

func printPlate(x *feature.Exec, name, mac string, p plate) {
	x.Printf(" DEVICE_NAME          : %s\n DEVICE_SERIAL_NUMBER : %s\n MAC_ADDRESS          : %s\n MANUFACTURING_DATE   : %s\n VENDOR_NAME          : H3C\n",
		name, p.serial, mac, p.made.Format("2006-01-02"))
}

const noManuinfo = "The operation is not supported on the specified %s.\n"

func displayManuinfo(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	p := plateOf(x.Box, "chassis")
	x.Printf(" Slot %d CPU 0:\n", h.Slot)
	printPlate(x, x.Box.Model.Product, p.mac, p)
	if a.Has("chassis-only") {
		return
	}
	for i := range h.Powers {
		x.Printf(" Power %d:\n"+noManuinfo, i, "power")
	}
}

// manuinfoOf answers for a part: fans and power supplies of these products
// have no electronic label.
func manuinfoOf(part string) func(*feature.Exec, *cli.Args) {
	return func(x *feature.Exec, a *cli.Args) {
		if slotError(x, a) {
			return
		}
		x.Printf(noManuinfo, part)
	}
}

func displayFan(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	if a.Int("id") > h.Fans {
		x.Error("The specified fan does not exist.")
		return
	}
	x.Printf(" Slot %d:\n", h.Slot)
	for i := 1; i <= h.Fans; i++ {
		if a.Has("id") && a.Int("id") != i {
			continue
		}
		x.Printf(" Fan %d:\n Status: Normal\n", i)
		if a.Has("verbose") {
			x.Printf(" Speed : %d rpm\n", h.FanSpeed)
		}
	}
}

func displayPower(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	if a.Int("id") >= len(h.Powers) {
		x.Error("The specified power does not exist.")
		return
	}
	x.Printf(" Slot %d:\n", h.Slot)
	for i, p := range h.Powers {
		if a.Has("id") && a.Int("id") != i {
			continue
		}
		state := "Normal"
		if !p.Present {
			state = "Absent"
		}
		x.Printf(" Power %d:\n Status: %s\n", i, state)
		if p.Present {
			x.Printf(" Mode  : %s\n", p.Mode)
		}
	}
}

// limits are those of a sensor, as configured.
type limits struct{ low, warning, alarm int }

const placeTemperature = feature.PlaceScheduler + 10

func limitKey(s *feature.Sensor, slot int) string {
	return fmt.Sprintf("temperature-limit slot %d %s %d", slot, s.Place, s.Number)
}

func limitsOf(b *feature.Box, s *feature.Sensor) limits {
	l := limits{s.Low, s.Warning, s.Alarm}
	n := b.Conf.Root().Child(limitKey(s, b.Model.Hardware.Slot))
	if n == nil {
		return l
	}
	for i, f := range strings.Fields(n.Text)[5:] {
		v, err := strconv.Atoi(f)
		if err == nil {
			*[]*int{&l.low, &l.warning, &l.alarm}[i] = v
		}
	}
	return l
}

// sensorOf is the sensor that a command names.
func sensorOf(x *feature.Exec, a *cli.Args) *feature.Sensor {
	if slotError(x, a) {
		return nil
	}
	h := &x.Box.Model.Hardware
	for i := range h.Sensors {
		if s := &h.Sensors[i]; a.Has(s.Place) && a.Int("sensor") == s.Number {
			return s
		}
	}
	x.Error("The specified sensor does not exist.")
	return nil
}

func setLimit(x *feature.Exec, a *cli.Args) {
	s := sensorOf(x, a)
	if s == nil {
		return
	}
	low, err := strconv.Atoi(a.Str("low"))
	switch {
	case err != nil:
		x.Error("Invalid low temperature limit.")
	case a.Int("warning") <= low || a.Has("alarm") && a.Int("alarm") <= a.Int("warning"):
		x.Error("The high temperature limits must be greater than the low temperature limit, and the alarm limit must be greater than the warning limit.")
	default:
		x.Node().Set(placeTemperature, limitKey(s, x.Box.Model.Hardware.Slot), a.Line())
	}
}

func undoLimit(x *feature.Exec, a *cli.Args) {
	if s := sensorOf(x, a); s != nil {
		x.Node().Remove(limitKey(s, x.Box.Model.Hardware.Slot))
	}
}

// temperature rises from what the sensor reads at no load with the usage of
// the processor in the last minute.
func temperature(b *feature.Box, s *feature.Sensor) int {
	n, _ := feature.Get[*load](b).usage(1, 0)
	return s.Idle + s.PerCPU*n/100
}

func displayEnvironment(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	x.Printf("System temperature information (degree centigrade):\n%s\n", strings.Repeat("-", 77))
	x.Print("Slot  Sensor       Temperature  LowerLimit  WarningLimit  AlarmLimit ShutdownLimit\n")
	for i := range h.Sensors {
		s := &h.Sensors[i]
		l := limitsOf(x.Box, s)
		x.Printf("%-6d%-13s%-13d%-12d%-14d%-11d %d\n", h.Slot, fmt.Sprintf("%s %d", s.Place, s.Number), temperature(x.Box, s), l.low, l.warning, l.alarm, s.Shutdown)
	}
}

// displayAlarm lists what is not as it should be: power supplies that are not
// there and temperatures beyond their limits.
func displayAlarm(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	var rows []string
	row := func(level, format string, args ...any) {
		rows = append(rows, fmt.Sprintf("%-5d%-4d%-8s%s\n", h.Slot, 0, level, fmt.Sprintf(format, args...)))
	}
	for i, p := range h.Powers {
		if !p.Present {
			row("ERROR", "Power %d is absent.", i)
		}
	}
	for i := range h.Sensors {
		s := &h.Sensors[i]
		switch t, l := temperature(x.Box, s), limitsOf(x.Box, s); {
		case t > l.warning:
			row("WARNING", "The temperature of sensor %d exceeds the upper limit.", i+1)
		case t < l.low:
			row("WARNING", "The temperature of sensor %d exceeds the lower limit.", i+1)
		}
	}
	if len(rows) == 0 {
		x.Print(" No alarm information.\n")
		return
	}
	x.Print("Slot CPU Level   Info\n" + strings.Join(rows, ""))
}

// displayLicense has no license to show: none can be installed.
func displayLicense(x *feature.Exec, _ *cli.Args) {
	x.Printf("Slot %d:\n", x.Box.Model.Hardware.Slot)
}
