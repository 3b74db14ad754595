package tui

import "cwlab/emulator/lab"

// A Catalogue is where the screen finds labs and scripts and has them opened.
// Its methods may be called from any goroutine.
type Catalogue interface {
	// Labs are the labs to choose from.
	Labs() []Entry
	// Open opens a lab, a name of Labs or a path. It is settled and not live
	// yet: the screen starts and stops it.
	Open(name string) (*lab.Lab, error)
	// Play opens a lab anew, with the start time and the tape of one of its
	// scripts, and has the script play in it as soon as it is live.
	Play(name, script string) (*lab.Lab, Player, error)
	// Reel opens a recording.
	Reel(file string) (Reel, error)
}

// An Entry is a lab to choose.
type Entry struct{ Name, Title, Level string }

// A Player is a script that plays in a lab. Its methods are called on the
// goroutine that owns the world.
type Player interface {
	Progress() Progress
	// Stop leaves the rest of the script to the person at the keyboard.
	Stop()
}

// Progress is how far a script has come.
type Progress struct {
	Step, Total int    // steps done, and all of them
	Device      string // where it types
	Done        bool
	Err         error // why it ended early, or what differed
}
