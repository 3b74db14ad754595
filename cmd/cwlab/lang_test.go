package main

import (
	"strings"
	"testing"
	"unicode"

	"cwlab/sessions"
	"cwlab/tui/words"
)

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func TestBothLanguages(t *testing.T) {
	for _, tc := range []struct {
		in   string
		args []string
		code int
	}{
		{"", []string{"help"}, exitOK},
		{"", []string{"replay", "-h"}, exitOK},
		{"", []string{"check", "-h"}, exitOK},
		{"", []string{"coverage"}, exitOK},
		{"", []string{"impairments"}, exitOK},
		{"", []string{"coverage", "IPsec"}, exitOK},
		{"", []string{"coverage", "nosuch"}, exitMisuse},
		{"", []string{"labs", "much"}, exitMisuse},
		{"", []string{"replay"}, exitMisuse},
		{"", []string{"replay", "--nosuch"}, exitMisuse},
		{"", []string{"replay", "--seed"}, exitMisuse},
		{"", []string{"replay", defaultLab + "/nosuch"}, exitMisuse},
		{"", []string{"console", defaultLab, "nosuch"}, exitMisuse},
		{"", []string{"tui"}, exitFailed}, // no terminal
		{"help\nlist\nspeed x\nattach x\nnosuch\nimpair ?\nimpair f1060\npower x\npause\n", []string{"console", defaultLab}, exitOK},
	} {
		code, out, errs := typed(t, tc.in, append([]string{"--lang=en"}, tc.args...)...)
		if code != tc.code || tc.in == "" && (errs == "" == (code != exitOK) || han(out+errs)) {
			t.Errorf("%v in English: exit %d\n%s%s", tc.args, code, out, errs)
		}
		zhCode, zhOut, zhErrs := typed(t, tc.in, append(tc.args, "--lang", "zh")...)
		if zhCode != tc.code || !han(zhOut+zhErrs) || zhOut+zhErrs == out+errs {
			t.Errorf("%v in Chinese: exit %d\n%s%s", tc.args, zhCode, zhOut, zhErrs)
		}
		if strings.Count(out+errs, "\n") != strings.Count(zhOut+zhErrs, "\n") {
			t.Errorf("%v has other lines in Chinese:\n%s%s", tc.args, zhOut, zhErrs)
		}
	}
	for _, args := range [][]string{{"labs", "--lang", "fr"}, {"labs", "--lang"}} {
		if code, _, errs := typed(t, "", args...); code != exitMisuse || errs == "" {
			t.Errorf("%v: exit %d, errors %q", args, code, errs)
		}
	}
}

func TestTablesHaveBothLanguages(t *testing.T) {
	for _, v := range sessions.Verbs() {
		if words.Chinese.Say(v.Help) == v.Help {
			t.Errorf("%q has no Chinese", v.Help)
		}
	}
	for _, table := range [][]struct{ form, text string }{usage, operatorHelp} {
		for _, row := range table {
			if row.text != "" && words.Chinese.Say(row.text) == row.text {
				t.Errorf("%q has no Chinese", row.text)
			}
		}
	}
}

// What a device prints is the device's in either language.
func TestDevicesSpeakEnglish(t *testing.T) {
	_, en, _ := typed(t, "display version\ndisplay ?", "console", defaultLab, "F1060")
	_, zh, _ := typed(t, "display version\ndisplay ?", "console", defaultLab, "F1060", "--lang", "zh")
	if en != zh || !strings.Contains(en, "H3C Comware Software") {
		t.Errorf("the console shows\n%s\nwith --lang zh\n%s", en, zh)
	}
}
