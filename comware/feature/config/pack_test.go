package config_test

import (
	"strings"
	"testing"
)

func TestCompress(t *testing.T) {
	d := desk(t)
	d.Do("display version > a.txt")
	text := d.Do("more a.txt")
	d.Want("gzip a.txt", "Compressing file flash:/a.txt..... Done.\n")
	d.Want("more a.txt", noFile)
	if f, ok := d.Box.Flash.Read("a.txt.gz"); !ok || !strings.HasPrefix(f.Data, "\x1f\x8b") {
		t.Errorf("the compressed file is %.20q", f.Data)
	}
	d.Want("gunzip a.txt.gz", "Decompressing file flash:/a.txt.gz..... Done.\n")
	d.Want("more a.txt", text)
	d.Want("gunzip a.txt", "Decompressing file flash:/a.txt.....\nThe file name is invalid.\n")
	d.Do("display clock > b.gz")
	d.Want("gunzip b.gz", "Decompressing file flash:/b.gz.....\nThe file is damaged or not an archive.\n")
}

func TestTar(t *testing.T) {
	d := desk(t)
	d.Do("mkdir test", "mkdir test/sub", "display clock > 1.cfg", "display version > test/a.log", "display clock > test/sub/aa.log")
	d.Want("tar create archive-file a.tar source 1.cfg test", "Creating archive flash:/a.tar Done.\n")
	const names = "1.cfg\ntest/\ntest/a.log\ntest/sub/\ntest/sub/aa.log\n"
	d.Want("tar create gz archive-file b.tar.gz verbose source 1.cfg test", names)
	d.Want("tar list archive-file a.tar", names)
	d.Want("tar list archive-file b.tar.gz", names)
	d.Want("tar extract archive-file a.tar screen", d.Do("more 1.cfg")+d.Do("more test/a.log")+"\n"+d.Do("more 1.cfg"))
	d.Do("mkdir out")
	d.Want("tar extract archive-file b.tar.gz to out", "Extracting archive flash:/b.tar.gz Done.\n")
	d.Want("more out/test/a.log", d.Do("more test/a.log"))
	d.Do("cd out")
	d.Want("tar extract archive-file ../a.tar verbose", names)
	d.Want("tar create archive-file x.tar.gz source /1.cfg", "The file name is invalid.\n")
	d.Want("tar create archive-file x.tar source none", noFile)
	d.Do("display clock > bad.tar")
	d.Want("tar list archive-file bad.tar", "The file is damaged or not an archive.\n")
	d.Answer("y")
	d.Want("format flash:", "All data on flash: will be lost, continue? [Y/N]:y\nFormatting flash:... Done.\n")
	d.Want("format cfa0:", noFile)
	d.Want("dir", "Directory of flash:\n\n1048576 KB total (1048576 KB free)\n")
}

func TestDefaultConfiguration(t *testing.T) {
	d := desk(t)
	fresh := d.Config()
	d.Do("system-view", "sysname Other", "return")
	d.Want("display default-configuration", fresh)
}
