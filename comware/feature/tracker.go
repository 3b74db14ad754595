package feature

// A Tracker knows the states of track entries. The feature that has them puts
// one on the box (Put[Tracker]); features that depend on entries ask it when
// they need it, as an entry may be made later than what depends on it.
type Tracker interface {
	// Up says whether track entry n is positive. Known is false while there is
	// no such entry, or its state is NotReady.
	Up(n int) (up, known bool)
	// OnChange calls f whenever the state of entry n changes, whether the entry
	// is there already or not, until stop is called.
	OnChange(n int, f func()) (stop func())
}
