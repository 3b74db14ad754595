package system

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// diagnostics are the displays that diagnostic information is made of, those
// of a group after its name. What the software does not have is left out.
var diagnostics = []struct{ group, command string }{
	{"", "display clock"}, {"", "display version"}, {"infrastructure", "display boot-loader"},
	{"hardware", "display device verbose"}, {"hardware", "display device manuinfo"}, {"hardware", "display environment"},
	{"hardware", "display fan"}, {"hardware", "display power"}, {"hardware", "display alarm"},
	{"infrastructure", "display cpu-usage"}, {"infrastructure", "display memory"}, {"infrastructure", "display users"},
	{"infrastructure", "display startup"}, {"infrastructure", "display current-configuration"}, {"infrastructure", "display saved-configuration"},
	{"infrastructure", "display logbuffer"}, {"infrastructure", "display scheduler schedule"}, {"infrastructure", "display debugging"},
	{"l2", "display interface"}, {"l2", "display interface brief"},
	{"l3", "display ip interface brief"}, {"l3", "display ip routing-table"}, {"l3", "display ip routing-table statistics"},
	{"l3", "display fib"}, {"l3", "display arp"}, {"l3", "display vrrp verbose"}, {"l3", "display track all"},
	{"service", "display security-zone"}, {"service", "display security-policy ip"}, {"service", "display acl all"}, {"service", "display session statistics"},
	{"service", "display nat all"}, {"service", "display ike sa verbose"}, {"service", "display ipsec sa"}, {"service", "display ipsec statistics"},
	{"service", "display remote-backup-group status"},
}

const diagnosticHelp = "diagnostic-information=Diagnostic information;hardware=Hardware;infrastructure=Base modules;l2=Layer 2 features;l3=Layer 3 features;service=Upper-layer services;" +
	"<file>=File to save to (*.tar.gz)"

var diagnosticCommands = []feature.Command{
	{Views: "any", Syntax: "display diagnostic-information [ hardware | infrastructure | l2 | l3 | service ] [ <file:string:1-255> ]", Help: diagnosticHelp, Run: displayDiagnostic},
}

// displayDiagnostic collects the displays and shows them or saves them as a
// compressed archive.
func displayDiagnostic(x *feature.Exec, a *cli.Args) {
	group := ""
	for _, g := range []string{"hardware", "infrastructure", "l2", "l3", "service"} {
		if a.Has(g) {
			group = g
		}
	}
	if name := a.Str("file"); name != "" {
		saveDiagnostic(x, group, name)
		return
	}
	x.Confirm("Save or display diagnostic information (Y=save, N=display)? [Y/N]:", func(yes bool) {
		if !yes {
			collect(x, group, x.Print)
			return
		}
		x.Input("Please input the file name(*.tar.gz)[flash:/diag.tar.gz]:", false, func(answer string) {
			if answer = strings.TrimSpace(answer); answer == "" {
				answer = "diag.tar.gz"
			}
			saveDiagnostic(x, group, answer)
		})
	})
}

// collect runs the displays of a group, all of them for "", and gives what
// they print to f.
func collect(x *feature.Exec, group string, f func(text string)) {
	var lines []string
	for _, d := range diagnostics {
		if group != "" && d.group != group {
			continue
		}
		if _, err := x.Box.Image.Grammar.Parse("user", d.command, x.Shell.Env()); err == nil {
			lines = append(lines, d.command)
		}
	}
	batch := feature.Batch{Roles: x.Shell.Roles, Lines: lines, Unlogged: true,
		Echo: func(_, line string) string {
			return fmt.Sprintf("%s\n  %s%s%s\n", strings.Repeat("=", 47), strings.Repeat("=", 15), line, strings.Repeat("=", 15))
		},
		Done: func(output string, _ bool) { f(output) }}
	batch.Run(x.Box)
}

func saveDiagnostic(x *feature.Exec, group, file string) {
	name, err := x.Box.Flash.Resolve(x.Shell.Dir, file)
	if err != nil {
		x.Error(err.Error())
		return
	}
	base, ok := strings.CutSuffix(name, ".tar.gz")
	if !ok {
		x.Error("The file name is invalid(does not end with .tar.gz)!")
		return
	}
	x.Printf("Diagnostic information is outputting to flash:/%s.\nPlease wait...\n", name)
	collect(x, group, func(text string) {
		data, err := archive(base[strings.LastIndexByte(base, '/')+1:]+".diag", text, x)
		if err == nil {
			err = x.Box.Flash.Write(name, data, x.Box.Clock())
		}
		if err != nil {
			x.Error(err.Error())
			return
		}
		x.Print("Save successfully.\n")
	})
}

// archive is a compressed tar file with one file in it.
func archive(name, text string, x *feature.Exec) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), ModTime: x.Box.Clock()}); err != nil {
		return "", err
	}
	if _, err := t.Write([]byte(text)); err != nil {
		return "", err
	}
	if err := t.Close(); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}
