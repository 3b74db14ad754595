// Package sessions is what happens at consoles over time: the labs to
// practise in, the scripts that run on them, their transcripts and the
// comparison of what a script expects with what the consoles showed.
//
// A lab is a folder: lab.yaml, one .cfg a device and .console scripts. The
// labs that ship are in labs/ and built in; any other folder of that form is
// loaded by its path.
//
// # Scripts
//
// A script is a text of lines, of which the first character says what they
// are: typed ($), a verb (@), or what the console is to show (any other).
//
//	@title The tunnel after a switchover
//	@set peer 10.2.0.1
//	@on F1060
//	$- ping -a 10.1.0.1 -c 1000 -t 1000 ${peer}
//	@wait /icmp_seq=3 / 30s
//	@on F1090-1
//	$ system-view
//	$ remote-backup group
//	$ switchover request
//	@on F1060
//	@advance 8s
//	$^C
//	$ display ike sa
//	    Connection-ID   Remote                Flag         DOI
//	...
//	~ 1               192.0.2.2/500           RD           IPsec
//	/^Flags:/
//
// What is typed goes to the device of the last @on:
//
//	$ TEXT     types the text and Enter, and waits for the prompt, or for a
//	           question: the answer is the next line typed
//	$          types Enter alone
//	$- TEXT    types the text and Enter and does not wait
//	$. TEXT    types the text without Enter: help (`$. display ?`), half a
//	           line; \t is the tabulator, \\ a backslash
//	$^C        types a control key, $^A to $^Z, $^[ or $^], and waits for the
//	           prompt
//
// All lines up to the next that begins with $ or @ are the output expected of
// that device since the line typed before, its echo and the prompt left out.
// Where none stands nothing is compared. Blanks at the end of a line and blank
// lines around a block do not count.
//
//	TEXT       the line as it is
//	/RE/       a line in which the regular expression (package regexp) matches
//	...        any lines, or none
//	~ TEXT     the line but for its values: decimal numbers, and words that
//	           have a digit or are hexadecimal, such as addresses, SPIs and
//	           cookies; blanks may be of any width
//	~5% TEXT   the line, its numbers at most so far away; ~2.5 TEXT in their unit
//	\TEXT      the line TEXT that begins with $, @, /, ~ or \ or is ...
//
// ${NAME} stands for the value that @set, the caller or @take gave, in what is
// typed and expected, in patterns as it is and not as a pattern; $${NAME} is
// the text ${NAME}. What @take gives is not known before the script runs: the
// verbs but @wait and @take cannot use it.
//
// A verb is @, a word and its arguments. @title, @start and @tape stand
// before everything that is done, @wait and @take behind an @on. [Verbs] has
// all of them, each with an example that parses:
//
//	@include parts/login   does what another script of the lab's folder says
//	@take spi /^ +SPI: ([0-9]+)/
//	@cut wan               and @mend, @lossy or @lose, @delay, @impair, @heal: links
//	@power off F1090-1
//	@capture wan.pcapng wan for isakmp or esp
//	@# a comment
//
// Time is that of the lab: nothing passes while a script types, unless what
// was typed takes time. A script is read as UTF-8, with line ends of either
// kind. An error names file and line; [Result.Updated] has the text with the
// expectations that were not met replaced by what was shown, the others as
// they stand.
//
// [Import] makes a script from a pasted console log.
//
// Limitations: a device has one console in scripts. Of a log that was pasted,
// an input line that an event has parted from its prompt is taken for output.
package sessions
