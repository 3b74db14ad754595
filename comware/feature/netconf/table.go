package netconf

import (
	"strings"

	"cwlab/emulator/netconf"
)

// A table is one of Comware's: rows of columns below module and list.
type table struct {
	module, list string
	row          string // name of a row, "" where the list is the only row
	keys         []string
	rows         func(h *host) []row
	edit         func(c *change) error // plans an edit of a row, nil where there is none
}

// A row is its columns in order.
type row []column

// A column has a value; of, where it has a part in the configuration, is true.
type column struct {
	name, value string
	config      bool
}

func state(name, value string) column { return column{name: name, value: value} }

// set is a column of the configuration: value is what is in force, line whether
// a line of the configuration says so.
func set(name, value string, line bool) column { return column{name, value, line} }

func (r row) value(name string) string {
	for _, c := range r {
		if c.name == name {
			return c.value
		}
	}
	return ""
}

// configured says whether the configuration says something of a column.
func (r row) configured(name string) bool {
	for _, c := range r {
		if c.name == name {
			return c.config
		}
	}
	return false
}

func (t *table) isKey(name string) bool {
	for _, k := range t.keys {
		if k == name {
			return true
		}
	}
	return false
}

// element is a row in a namespace; nil for one without anything to tell.
func (t *table) element(space string, r row) *netconf.Element {
	name := t.row
	if name == "" {
		name = t.list
	}
	e, some := netconf.Node(space, name), false
	for _, c := range r {
		switch {
		case space == configSpace && !c.config && !t.isKey(c.name), c.value == "":
			continue
		case space == dataSpace || c.config:
			some = true
		}
		e.Kids = append(e.Kids, netconf.Leaf(space, c.name, c.value))
	}
	if !some {
		return nil
	}
	return e
}

// tree is all tables in a namespace: the data, or the configuration alone.
func (h *host) tree(space string) *netconf.Element {
	top := netconf.Node(space, "top")
	for i := range tables {
		t := &tables[i]
		if t.rows == nil {
			continue
		}
		var rows []*netconf.Element
		for _, r := range t.rows(h) {
			if e := t.element(space, r); e != nil {
				rows = append(rows, e)
			}
		}
		if len(rows) == 0 {
			continue
		}
		module := top.Child(t.module)
		if module == nil {
			module = netconf.Node(space, t.module)
			top.Kids = append(top.Kids, module)
		}
		if t.row == "" {
			module.Kids = append(module.Kids, rows...)
		} else {
			module.Kids = append(module.Kids, netconf.Node(space, t.list, rows...))
		}
	}
	return top
}

// get is configuration and state, get-config the configuration.
func (h *host) get(s *netconf.Session, op *netconf.Element) ([]*netconf.Element, error) {
	return h.data(s, op, dataSpace)
}

func (h *host) getConfig(s *netconf.Session, op *netconf.Element) ([]*netconf.Element, error) {
	if err := netconf.RunningTarget(op, "source"); err != nil {
		return nil, err
	}
	return h.data(s, op, configSpace)
}

func (h *host) data(s *netconf.Session, op *netconf.Element, space string) ([]*netconf.Element, error) {
	if !h.permits(peerOf(s), "display current-configuration") {
		return nil, denied(op.Name)
	}
	filter := op.Child("filter")
	if filter != nil {
		if kind, ok := filter.Attr("", "type"); ok && kind != "subtree" {
			return nil, netconf.BadElement("bad-attribute", "/rpc/"+op.Name+"/filter", "filter", "the type of the filter is "+kind+", want subtree")
		}
		for _, top := range filter.Kids {
			if err := known(op.Name, top, space); err != nil {
				return nil, err
			}
		}
	}
	content := netconf.Select([]*netconf.Element{h.tree(space)}, filter)
	return []*netconf.Element{netconf.Node(netconf.Base, "data", content...)}, nil
}

// known refuses a filter with a module or a table that is not there, as devices
// do.
func known(op string, top *netconf.Element, space string) error {
	if top.Name != "top" || top.Space != space {
		return unexpected("/rpc/"+op+"/filter", top, "top of "+space)
	}
	for _, m := range top.Kids {
		if !hasModule(m.Name) {
			return unexpected("/rpc/"+op+"/filter/top", m, "a module that the device has")
		}
		for _, l := range m.Kids {
			if find(m.Name, l.Name) == nil {
				return unexpected("/rpc/"+op+"/filter/top/"+m.Name, l, "a table of the module")
			}
		}
	}
	return nil
}

func unexpected(path string, e *netconf.Element, want string) error {
	return netconf.BadElement("unknown-element", path+"/"+e.Name, e.Name, "the element is "+strings.TrimSpace(e.Space+" "+e.Name)+", want "+want)
}

func hasModule(name string) bool {
	for i := range tables {
		if tables[i].module == name {
			return true
		}
	}
	return false
}

func find(module, list string) *table {
	for i := range tables {
		if t := &tables[i]; t.module == module && t.list == list {
			return t
		}
	}
	return nil
}
