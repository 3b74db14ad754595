package track

import (
	"fmt"
	"strings"
	"time"

	"cwlab/comware/cli"
	"cwlab/comware/feature"
	"cwlab/emulator/track"
)

func display(x *feature.Exec, a *cli.Args) {
	h := here(x)
	entries := h.engine.Entries()
	if !a.Has("all") {
		t := h.engine.Entry(a.Int("id"))
		if t == nil {
			x.Error("The track entry does not exist.")
			return
		}
		entries = []*track.Entry{t}
	}
	if a.Has("brief") {
		x.Printf("%-8s%-10s%-11s%s\n", "ID", "Status", "Type", "Object")
	}
	for _, t := range entries {
		if a.Has("negative") && t.State() != track.Negative || a.Has("positive") && t.State() != track.Positive {
			continue
		}
		o := h.objects[t.ID()]
		if a.Has("brief") {
			x.Printf("%-8d%-10s%-11s%s\n", t.ID(), t.State(), o.name(), o.short())
			continue
		}
		positive, negative := t.Delays()
		x.Printf("Track ID: %d\n  State: %s\n  Duration: %s\n", t.ID(), t.State(), span(x.Box.Now().Sub(t.Since())))
		x.Printf("  Notification delay: Positive %d, Negative %d (in seconds)\n  Tracked object:\n", positive/time.Second, negative/time.Second)
		for _, row := range h.rows(o) {
			x.Printf("    %s\n", row)
		}
	}
}

func span(d time.Duration) string {
	s := int(d / time.Second)
	return fmt.Sprintf("%d days %d hours %d minutes %d seconds", s/86400, s/3600%24, s/60%60, s%60)
}

// name is the type of an object.
func (o *object) name() string {
	switch o.kind {
	case kindInterface:
		return "Interface"
	case kindNQA:
		return "NQA"
	case kindRoute:
		return "Route"
	case kindList:
		return "List"
	case kindOther:
	}
	word, _, _ := strings.Cut(o.show[0], " ")
	return strings.TrimSuffix(word, ":")
}

// short is an object in one line.
func (o *object) short() string {
	switch o.kind {
	case kindInterface:
		return o.iface
	case kindNQA:
		return fmt.Sprintf("%s %s %d", o.nqa.Admin, o.nqa.Tag, o.item)
	case kindRoute:
		return o.prefix.String()
	case kindList:
		return o.listType()
	case kindOther:
	}
	return strings.Join(o.show, ", ")
}

func (o *object) listType() string {
	return map[track.ListKind]string{track.And: "Boolean AND", track.Or: "Boolean OR", track.Percentage: "Threshold percentage", track.Weight: "Threshold weight"}[o.list.Kind]
}

// rows are what the display prints of an object.
func (h *host) rows(o *object) []string {
	switch o.kind {
	case kindInterface:
		return []string{"Interface: " + o.iface, "Protocol: " + o.protocol}
	case kindNQA:
		return []string{"NQA entry: " + o.nqa.Admin + " " + o.nqa.Tag, fmt.Sprintf("Reaction: %d", o.item)}
	case kindRoute:
		return []string{"IP route: " + o.prefix.String(), "VPN instance name: -"}
	case kindList:
		rows := []string{"List type: " + o.listType()}
		if o.list.Kind == track.Percentage || o.list.Kind == track.Weight {
			rows = append(rows, fmt.Sprintf("Threshold: Positive %d, Negative %d", o.list.Positive, o.list.Negative))
		}
		for _, m := range o.list.Members {
			more := ""
			switch {
			case m.Not:
				more = " not"
			case o.list.Kind == track.Weight:
				more = fmt.Sprintf(" weight %d", m.Weight)
			}
			rows = append(rows, fmt.Sprintf("Object %d%s: %s", m.ID, more, h.engine.State(m.ID)))
		}
		return rows
	case kindOther:
	}
	return o.show
}
