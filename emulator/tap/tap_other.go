//go:build !linux

package tap

import "fmt"

// A File is a TAP interface; there is none on this system.
type File struct{}

// Open says ErrUnsupported.
func Open(name string) (*File, error) { return nil, fmt.Errorf("tap %s: %w", name, ErrUnsupported) }

// Receive returns at once.
func (*File) Receive(func(frame []byte)) {}

// Send loses the frame.
func (*File) Send([]byte) {}

// Close does nothing.
func (*File) Close() error { return nil }
