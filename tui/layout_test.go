package tui

import (
	"fmt"
	"reflect"
	"testing"
)

func TestLayout(t *testing.T) {
	none := rect{}
	for _, c := range []struct {
		w, h, panes, focus int
		zoom               bool
		want               layout
	}{
		{1, 1, 3, 0, false, layout{1, 1, none, []box{{0, none, rect{0, 0, 1, 1}}}, none, none}},
		{20, 5, 3, 1, false, layout{20, 5, rect{0, 0, 20, 1}, []box{{1, none, rect{0, 1, 20, 3}}}, none, rect{0, 4, 20, 1}}},
		{80, 24, 3, 2, false, layout{80, 24, rect{0, 0, 80, 1}, []box{{2, none, rect{0, 1, 80, 21}}}, rect{0, 22, 80, 1}, rect{0, 23, 80, 1}}},
		{160, 50, 3, 0, false, layout{160, 50, none, []box{
			{0, rect{0, 0, 53, 1}, rect{0, 1, 53, 47}},
			{1, rect{54, 0, 53, 1}, rect{54, 1, 53, 47}},
			{2, rect{108, 0, 52, 1}, rect{108, 1, 52, 47}},
		}, rect{0, 48, 160, 1}, rect{0, 49, 160, 1}}},
		{160, 50, 3, 1, true, layout{160, 50, rect{0, 0, 160, 1}, []box{{1, none, rect{0, 1, 160, 47}}}, rect{0, 48, 160, 1}, rect{0, 49, 160, 1}}},
		{300, 100, 2, 0, false, layout{300, 100, none, []box{
			{0, rect{0, 0, 150, 1}, rect{0, 1, 150, 97}},
			{1, rect{151, 0, 149, 1}, rect{151, 1, 149, 97}},
		}, rect{0, 98, 300, 1}, rect{0, 99, 300, 1}}},
		{300, 100, 5, 4, false, layout{300, 100, rect{0, 0, 300, 1}, []box{
			{2, rect{0, 1, 100, 1}, rect{0, 2, 100, 96}},
			{3, rect{101, 1, 99, 1}, rect{101, 2, 99, 96}},
			{4, rect{201, 1, 99, 1}, rect{201, 2, 99, 96}},
		}, rect{0, 98, 300, 1}, rect{0, 99, 300, 1}}},
		{300, 100, 1, 0, false, layout{300, 100, rect{0, 0, 300, 1}, []box{{0, none, rect{0, 1, 300, 97}}}, rect{0, 98, 300, 1}, rect{0, 99, 300, 1}}},
		{80, 24, 0, 0, false, layout{w: 80, h: 24}},
		{0, 0, 3, 0, false, layout{}},
	} {
		t.Run(fmt.Sprintf("%dx%d of %d zoom %v", c.w, c.h, c.panes, c.zoom), func(t *testing.T) {
			if got := lay(c.w, c.h, c.panes, c.focus, c.zoom); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

// At every size each cell belongs to at most one thing, the focused console
// has a cell, and nothing sticks out.
func TestLayoutCovers(t *testing.T) {
	for _, w := range []int{1, 2, 20, 79, 80, 159, 160, 161, 200, 300} {
		for h := 1; h <= 50; h++ {
			for panes := 1; panes <= 7; panes++ {
				for focus := range panes {
					l := lay(w, h, panes, focus, false)
					seen := make([]bool, w*h)
					rects := []rect{l.tabs, l.strip, l.status}
					has := false
					for _, b := range l.boxes {
						rects = append(rects, b.title, b.body)
						has = has || b.pane == focus && !b.body.empty()
					}
					if !has {
						t.Fatalf("%dx%d: no cell for console %d of %d", w, h, focus, panes)
					}
					for _, r := range rects {
						for y := r.y; y < r.y+r.h; y++ {
							for x := r.x; x < r.x+r.w; x++ {
								if x >= w || y >= h || seen[y*w+x] {
									t.Fatalf("%dx%d with %d consoles: cell %d,%d is taken twice or outside", w, h, panes, x, y)
								}
								seen[y*w+x] = true
							}
						}
					}
				}
			}
		}
	}
}
