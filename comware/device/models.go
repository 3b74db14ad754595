package device

import (
	"fmt"

	"cwlab/comware/feature"
)

// Models are the products that this package knows. Port counts follow the
// data sheets; the release strings are those of the Comware 7.1.064 branch
// that the published case was seen on. What the data sheets do not say of the
// hardware (versions of boards, temperatures at rest, memory of the software)
// is a description of such a box, not of one that was measured.
var models = []*feature.Model{
	{Name: "F1060", Product: "SecPath F1060", Release: "Release 9360P22", Ports: gigabit(0, 23), Tag: "-Context=1;", RAM: "4.00G", FlashKB: 4 << 20, Compiled: "Mar 02 2021 15:00:00",
		Hardware: hardware("0235A1XM", 4<<20)},
	{Name: "F1090", Product: "SecPath F1090", Release: "Release 9360P22", Ports: gigabit(0, 23), Tag: "-Context=1;", RAM: "8.00G", FlashKB: 4 << 20, Compiled: "Mar 02 2021 15:00:00",
		Hardware: hardware("0235A2BK", 8<<20)},
}

// hardware is that of a box of one unit with two power supplies and so much memory in KB, of which the kernel has a part.
func hardware(item string, ramKB int) feature.Hardware {
	return feature.Hardware{
		CPU: "Multi-core CPU", MemoryKB: ramKB - ramKB/26, BaseKB: 1<<20 + ramKB/8, ImageKB: 192 << 10, IdleCPU: 1,
		ItemCode: "21" + item, PCB: "Ver.A", CPLD: "2.0", BootWare: "1.02", Slot: 1, MadeInYear: 2019,
		Fans: 2, FanSpeed: 5400,
		Powers: []feature.Power{{Present: true, Mode: "AC"}, {Present: true, Mode: "AC"}},
		Sensors: []feature.Sensor{
			{Place: "inflow", Number: 1, Idle: 27, PerCPU: 3, Low: 0, Warning: 48, Alarm: 60, Shutdown: 70},
			{Place: "hotspot", Number: 1, Idle: 44, PerCPU: 25, Low: 0, Warning: 80, Alarm: 95, Shutdown: 105},
		},
	}
}

func gigabit(first, last int) []string {
	var names []string
	for i := first; i <= last; i++ {
		names = append(names, fmt.Sprintf("GigabitEthernet1/0/%d", i))
	}
	return names
}

// Model is the product of that name.
func Model(name string) (*feature.Model, error) {
	for _, m := range models {
		if m.Name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("unknown model %q, want F1060 or F1090", name)
}
