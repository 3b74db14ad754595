package sessions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"cwlab/emulator/lab"
)

// Hash is a short name for what a lab is made of: devices with their
// configurations, cables, start, console style and tape. Labs with the same
// hash, seed and input do the same. What a lab says of itself and its scripts
// do not count.
func Hash(def *lab.Definition) string {
	type device struct{ Name, Model, Config string }
	var devices []device
	for _, d := range def.Devices {
		devices = append(devices, device{d.Name, d.Model, d.Config})
	}
	text, err := json.Marshal([]any{devices, slices.Clone(def.Switches), def.Links, def.Start.UTC(), def.Console, def.Tape})
	if err != nil {
		panic(err) // plain data: only a loss that is no number has no form
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
