package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cwlab/comware/device"
	"cwlab/emulator/lab"
	"cwlab/emulator/pcap"
	"cwlab/sessions"
)

func runReplay(ctx context.Context, args []string, s streams) error {
	set := newFlags("replay", s)
	set.args = "LAB/SCRIPT | FILE.cast"
	var f labFlags
	f.add(set)
	var c castFlags
	c.add(set, "record what is printed in `FILE`, as an asciicast")
	of := set.String("lab", "", "execute a recording in `LAB`, not where it was made")
	typed := set.String("secrets", "", "`FILE` with the secrets that were typed while a recording was made, one a line")
	only := set.String("device", "", "print what the console of `NAME` showed and nothing else")
	capture := set.String("pcap", "", "write every frame to `FILE`, as pcapng")
	taps := set.String("tap", "", "capture at these `LINKS` or DEVICE:PORTs alone, separated by commas")
	keys := set.String("keys", "", "write what decrypts the capture to `DIR`: Wireshark's ikev1_decryption_table, ikev2_decryption_table and esp_sa, dh_secrets, psk")
	update := set.Bool("update", false, "rewrite what the script expects to what was shown")
	rest, err := set.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if strings.HasSuffix(rest[0], castSuffix) {
		if other := set.others("lab", "secrets"); other != "" {
			return misusef("--%s does not go with a recording, which has a lab, seed and console of its own", other)
		}
		return again(rest[0], *of, *typed, s)
	}
	if *of != "" || *typed != "" {
		return misusef("--lab and --secrets are for recordings")
	}
	name, scriptName, err := splitScript(rest[0])
	if err != nil {
		return err
	}
	def, err := sessions.Load(name)
	if err != nil {
		return err
	}
	script, err := loadScript(def, scriptName)
	if err != nil {
		return err
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	if *only != "" && !hasDevice(def, *only) {
		return misusef("lab %s has no device %q", def.Name, *only)
	}
	if err := checkTaps(def, *taps); err != nil {
		return err
	}
	if *update && !f.asWritten() {
		return misusef("--update goes without --free, --seed, --console, --flash and --bridge: expectations are written for the lab as it is")
	}
	if *update && !sessions.IsPath(name) {
		return misusef("lab %s is built in; --update needs its folder, as ./sessions/labs/%s/%s", name, name, scriptName)
	}

	var trace *pcap.Capture
	var file *os.File
	if *capture != "" {
		if file, err = os.Create(*capture); err != nil {
			return misuse{err}
		}
		defer func() { _ = file.Close() }() // once more than needed where all went well
	}
	var secrets pcap.Keys
	if *keys != "" {
		if err := os.MkdirAll(*keys, 0o700); err != nil {
			return misuse{err}
		}
		o.Keys = &secrets
	}
	var traceErr, castErr error
	var rec *tape
	replay := sessions.Replay
	if len(o.Bridges) > 0 {
		replay = func(def *lab.Definition, mk lab.Maker, script *sessions.Script, o sessions.ReplayOptions) (*sessions.Result, error) {
			return sessions.ReplayLive(ctx, def, mk, script, o)
		}
	}
	result, err := replay(def, device.Make, script, sessions.ReplayOptions{
		Options: o, Compare: f.asWritten(), Create: createFile,
		Opened: func(l *lab.Lab) {
			report(l, s.err)
			if c.file != "" {
				rec, castErr = c.record(c.file, l, name, script.Options(o), *only, nil)
			}
			if file != nil {
				q := pcap.Request{File: *capture}
				if *taps != "" {
					q.Places = strings.Split(*taps, ",")
				}
				trace, traceErr = pcap.Start(file, l.Network(), q)
			}
		},
	})
	if err != nil {
		return err
	}
	if castErr = errors.Join(castErr, rec.close()); castErr != nil {
		return castErr
	}
	if *only != "" {
		_, err = s.out.Write(result.Console(*only))
	} else {
		err = result.WriteTranscript(s.out)
	}
	if err != nil {
		return err
	}
	if file != nil {
		if traceErr == nil {
			traceErr = trace.Stop()
		}
		if traceErr != nil {
			return traceErr
		}
	}
	if *keys != "" {
		if err := secrets.WriteTo(*keys); err != nil {
			return err
		}
	}
	if *update && result.Err == nil && len(result.Diffs) > 0 {
		if err := rewrite(script.File, result.Updated); err != nil {
			return err
		}
		fmt.Fprintln(s.err, s.lang.Say("%s: %d expectations rewritten", script.File, len(result.Diffs)))
		return nil
	}
	for _, d := range result.Diffs {
		fmt.Fprint(s.err, d)
	}
	if result.Err != nil {
		fmt.Fprintln(s.err, "cwlab:", s.lang.Error(result.Err))
	}
	if !result.OK() {
		return errSaid
	}
	return nil
}

// createFile makes the file of a capture in the working folder.
func createFile(name string) (io.WriteCloser, error) {
	if dir := filepath.Dir(name); dir != "." {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	return os.Create(name)
}

// checkTaps says which name is neither a link of the lab nor a port of one.
func checkTaps(def *lab.Definition, names string) error {
	for _, name := range strings.Split(names, ",") {
		if name != "" && !slices.ContainsFunc(def.Links, func(l lab.LinkSpec) bool { return l.Name == name || l.A.String() == name || l.B.String() == name }) {
			return misusef("--tap names %q, which is no link of lab %s and no port on one", name, def.Name)
		}
	}
	return nil
}

func hasDevice(def *lab.Definition, name string) bool {
	for _, d := range def.Devices {
		if d.Name == name {
			return true
		}
	}
	return false
}

// rewrite replaces a file in one go, with the permissions that it had.
func rewrite(name, text string) error {
	mode := fs.FileMode(0o644)
	if fi, err := os.Stat(name); err == nil {
		mode = fi.Mode().Perm()
	}
	tmp := name + ".new"
	if err := os.WriteFile(tmp, []byte(text), mode); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
