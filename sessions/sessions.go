// Package sessions is what happens at consoles over time: the labs to
// practise in, the scripts that run on them, their transcripts and the
// comparison of what a script expects with what the consoles showed.
//
// A lab is a folder: lab.yaml, one .cfg a device and .console scripts. The
// labs that ship are in labs/ and built in; any other folder of that form is
// loaded by its path.
package sessions
