package login

import (
	"strings"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
)

// Places of the lines of this file, see feature/places.go.
const placeHeader = feature.PlaceStaticRoute + 50

const defaultDelimiter = '%'

var bannerTexts = with(feature.Texts{"login": "Banner of the authentication", "shell": "Banner of users who come into user view"})

var bannerCommands = []feature.Command{
	bannerTexts.Command("system", "header { incoming | legal | login | motd | shell } [ <text:text:1-510> ]", setHeader),
	bannerTexts.Command("system", "undo header { incoming | legal | login | motd | shell }", func(x *feature.Exec, a *cli.Args) {
		x.Box.Conf.Root().Remove("header " + a.Token(2))
	}),
	command("copyright-info enable", func(x *feature.Exec, a *cli.Args) { x.Box.Conf.Root().Remove(a.Line()) }),
	command("undo copyright-info enable", func(x *feature.Exec, a *cli.Args) {
		x.Box.Conf.Root().Set(placeHeader-10, strings.TrimPrefix(a.Line(), "undo "), a.Line())
	}),
}

// setHeader takes a banner: between two equal characters on one line, or on
// many lines up to the character that it begins with, % where none is given.
func setHeader(x *feature.Exec, a *cli.Args) {
	kind, text := a.Token(1), a.Str("text")
	end := byte(defaultDelimiter)
	if text != "" {
		end, text = text[0], text[1:]
		if i := strings.IndexByte(text, end); i >= 0 {
			keepHeader(x, kind, end, text[:i])
			return
		}
	}
	if !x.Quiet() {
		x.Printf("Please input banner content, and quit with the character '%c'.\n", end)
	}
	lines := []string{}
	if text != "" {
		lines = append(lines, text)
	}
	begun := a.Has("text")
	var more func(line string)
	more = func(line string) {
		if i := strings.IndexByte(line, end); i >= 0 {
			lines = append(lines, line[:i])
			keepHeader(x, kind, end, strings.Join(lines, "\n"))
			return
		}
		lines = append(lines, line)
		x.ReadLine(more)
	}
	if begun && text == "" && x.Quiet() {
		lines = append(lines, "") // the line after the character is the banner's own
	}
	x.ReadLine(more)
}

// keepHeader sets a banner. The configuration has it as it is read back.
func keepHeader(x *feature.Exec, kind string, end byte, text string) {
	key := "header " + kind
	x.Box.Conf.Root().Set(placeHeader, key, key+" "+string(end)+text+string(end))
}

// Header is the banner of that kind, "" for none; it ends with a newline.
func Header(b *feature.Box, kind string) string {
	n := b.Conf.Root().Child("header " + kind)
	if n == nil {
		return ""
	}
	text := n.Text[len("header "+kind+" ")+1:]
	return strings.TrimSuffix(text[:len(text)-1], "\n") + "\n"
}

// Copyright says whether the copyright statement is shown.
func Copyright(b *feature.Box) bool { return b.Conf.Root().Child("copyright-info enable") == nil }
