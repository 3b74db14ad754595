package device

import (
	"fmt"

	"cwlab/comware/feature"
)

// Models are the products that this package knows. Port counts follow the
// data sheets; the release strings are those of the Comware 7.1.064 branch
// that the published case was seen on.
var models = []*feature.Model{
	{Name: "F1060", Product: "SecPath F1060", Release: "Release 9360P22", Ports: gigabit(0, 23), Tag: "-Context=1;", RAM: "4.00G", Compiled: "Mar 02 2021 15:00:00"},
	{Name: "F1090", Product: "SecPath F1090", Release: "Release 9360P22", Ports: gigabit(0, 23), Tag: "-Context=1;", RAM: "8.00G", Compiled: "Mar 02 2021 15:00:00"},
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
