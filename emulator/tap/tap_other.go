//go:build !linux

package tap

import "fmt"

// A File is a TAP interface; there is none on this system.
type File struct{}

// Open says ErrUnsupported.
func Open(name string) (*File, error) { return nil, fmt.Errorf("tap %s: %w", name, ErrUnsupported) }

// Read says ErrUnsupported.
func (*File) Read([]byte) (int, error) { return 0, ErrUnsupported }

// Write says ErrUnsupported.
func (*File) Write([]byte) (int, error) { return 0, ErrUnsupported }

// Close does nothing.
func (*File) Close() error { return nil }
