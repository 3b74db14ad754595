package feature

// Hardware is what a product is made of. It is fixed data of the product; what
// differs from device to device, as serial numbers, is drawn from the lab's
// streams.
type Hardware struct {
	CPU        string // "Multi-core CPU"
	MemoryKB   int    // that processes can have
	BaseKB     int    // of it, what the software takes before it is configured
	ImageKB    int    // of it, page cache of the image files
	IdleCPU    int    // per cent that the daemons take when nothing happens
	ItemCode   string // first ten characters of a serial number
	PCB        string // version of the board, "Ver.A"
	CPLD       string
	BootWare   string
	Slot       int // number of the only slot
	Fans       int
	FanSpeed   int // revolutions a minute
	Powers     []Power
	Sensors    []Sensor
	MadeInYear int // when the first were made
}

// A Power is a power supply.
type Power struct {
	Present bool
	Mode    string // "AC"
}

// A Sensor is a temperature sensor, in degrees centigrade.
type Sensor struct {
	Place                         string // "hotspot", "inflow" or "outflow"
	Number                        int    // among those of the place
	Idle                          int    // what it reads at no load
	PerCPU                        int    // degrees more at 100 % of the CPU
	Low, Warning, Alarm, Shutdown int
}

// Work is a thing that a device spends processor time on.
type Work int

// The kinds of work.
const (
	TimerWork   Work = iota // a timer of an engine ran out
	CommandWork             // a command was run
)

// OnWork calls f with everything that the box does.
func (b *Box) OnWork(f func(Work)) { b.onWork = append(b.onWork, f) }

func (b *Box) worked(w Work) {
	for _, f := range b.onWork {
		f(w)
	}
}
