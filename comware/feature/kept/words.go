package kept

import _ "embed" // words.txt

// words are help texts that the modules share, one a line.
//
//go:embed words.txt
var words string
