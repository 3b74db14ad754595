package system

import (
	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/ike"
	"cwlab/emulator/ipsec"
	"cwlab/emulator/zone"
)

// What entries are taken to need of the memory, in bytes. The figures are a
// model, of the size of such entries in a firewall.
const (
	sessionSize = 2048 // a session of the firewall
	routeSize   = 512  // a route of the routing table and the FIB
	arpSize     = 256
	ruleSize    = 1024 // a rule of the security policy
	ikeSize     = 8192 // an IKE SA
	tunnelSize  = 4096 // an IPsec tunnel with its SAs
	lineSize    = 256  // a line of the configuration
	shellSize   = 512 << 10
	entryKB     = 4 // of the file system, with its block of addresses
)

const memoryHelp = "memory=Memory usage information;summary=Memory usage in short;slot=Specify the slot;<slot>=Slot number;cpu=Specify the CPU;<cpu>=CPU number"

var memoryCommands = []feature.Command{
	{Views: "any", Syntax: "display memory [ summary ] [ slot <slot:0-1> [ cpu <cpu:0-0> ] ]", Help: memoryHelp, Run: displayMemory},
	{Views: "system", Syntax: "memory-threshold [ slot <slot:0-1> [ cpu <cpu:0-0> ] ] minor <minor:0-65535> severe <severe:0-65535> critical <critical:0-65535> normal <normal:0-65535>",
		Help: thresholdHelp, Keep: &feature.Keep{Place: placeMonitor, Undo: "memory-threshold [ slot <slot:0-1> [ cpu <cpu:0-0> ] ]"}},
	{Views: "system", Syntax: "memory-threshold [ slot <slot:0-1> [ cpu <cpu:0-0> ] ] usage <usage:0-100>",
		Help: thresholdHelp, Keep: &feature.Keep{Place: placeMonitor, Undo: "memory-threshold [ slot <slot:0-1> [ cpu <cpu:0-0> ] ] usage"}},
}

const thresholdHelp = "memory-threshold=Memory alarm thresholds;slot=Specify the slot;<slot>=Slot number;cpu=Specify the CPU;<cpu>=CPU number;usage=Memory usage threshold;<usage>=Usage in per cent;" +
	"minor=Minor free-memory threshold;<minor>=Free memory in MB;severe=Severe free-memory threshold;<severe>=Free memory in MB;critical=Critical free-memory threshold;" +
	"<critical>=Free memory in MB;normal=Free memory of the normal state;<normal>=Free memory in MB"

// usedKB is the memory that the software and all entries take.
func usedKB(b *feature.Box) int {
	bytes := len(b.Stack.Routes())*routeSize + len(b.Stack.ARP())*arpSize + len(b.Conf.Lines())*lineSize + len(b.Shells)*shellSize
	if e := feature.Get[*zone.Engine](b); e != nil {
		bytes += len(e.Sessions())*sessionSize + len(e.Rules())*ruleSize
	}
	if e := feature.Get[*ike.Engine](b); e != nil {
		bytes += len(e.SAs()) * ikeSize
	}
	if e := feature.Get[*ipsec.Engine](b); e != nil {
		bytes += len(e.Tunnels(ipsec.Filter{})) * tunnelSize
	}
	h := &b.Model.Hardware
	buffers, cached := cachesKB(b)
	return min(h.BaseKB+cached+buffers+bytes/1024, h.MemoryKB)
}

// cachesKB is the memory that the kernel uses for the file system: the map of
// the flash, 8 bytes a block of 4 KB, with the entries of the files, and the
// pages of the images and of all files.
func cachesKB(b *feature.Box) (buffers, cached int) {
	f := b.Flash
	return f.Size()>>9 + f.Len()*entryKB, b.Model.Hardware.ImageKB + f.Size() - f.Free()
}

func displayMemory(x *feature.Exec, a *cli.Args) {
	if slotError(x, a) {
		return
	}
	h := &x.Box.Model.Hardware
	used := usedKB(x.Box)
	free := h.MemoryKB - used
	ratio := float64(free) * 100 / float64(max(h.MemoryKB, 1))
	x.Print("Memory statistics are measured in KB:\n")
	if a.Has("summary") {
		x.Printf("Slot CPU         Total       Used      Free    FreeRatio\n%4d %3d %13d %10d %9d %11.1f%%\n", h.Slot, 0, h.MemoryKB, used, free, ratio)
		return
	}
	x.Printf("Slot %d: \n             Total      Used      Free    Shared   Buffers    Cached   FreeRatio\n", h.Slot)
	buffers, cached := cachesKB(x.Box)
	x.Printf("Mem:%14d%10d%10d%10d%10d%10d%11.1f%%\n", h.MemoryKB, used, free, 0, buffers, cached, ratio)
	cache := buffers + cached
	x.Printf("-/+ Buffers/Cache:%10d%10d\nSwap:%12d%10d%10d\n\n", used-cache, free+cache, 0, 0, 0)
}
