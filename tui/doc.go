// Package tui is the full screen: the consoles of a running lab side by side
// or behind tabs, the state of its world, and a picker for labs and scripts.
//
// It is one tea.Model. Panes, bars and dialogs are plain structs with verbs
// and a draw method; the layout is a pure function of the size. The world
// never waits for the screen: a command waits for the lab to change, asks for
// a snapshot, and the model then reads the consoles from its own offsets.
// While nothing moves nothing runs.
//
// Every key goes to the focused console as the bytes a terminal sends for it,
// but for one: the leader key, Ctrl+\, whose next key is ours. Comware gives
// a meaning to nearly every control key (Ctrl+G, L, O, T and U are its
// hotkeys, Ctrl+] drops a connection, and detaches from `cwlab console`);
// Ctrl+\ has none.
//
// Limitations: console panes understand the control characters that a
// device's console line sends and ignore escape sequences.
package tui
