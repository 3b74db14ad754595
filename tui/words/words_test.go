package words

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// sources are the files whose texts the catalogue has.
func sources(t *testing.T) []*ast.File {
	t.Helper()
	var all []*ast.File
	for _, pattern := range []string{"../*.go", "../../cmd/cwlab/*.go", "../../sessions/ssh/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) < 5 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		names = append(names, "words.go", "../../emulator/impair/impair.go", "../../emulator/impair/ikev2.go", "../../sessions/verbs.go")
		for _, n := range names {
			if strings.HasSuffix(n, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), n, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, f)
		}
	}
	return all
}

// literal is a string that is written in the source, joined with + or not.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			s, err := strconv.Unquote(e.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, ok1 := literal(e.X)
		b, ok2 := literal(e.Y)
		return a + b, ok1 && ok2
	}
	return "", false
}

// said says where a function takes a text of the catalogue, -1 for nowhere.
func said(c *ast.CallExpr) int {
	switch f := c.Fun.(type) {
	case *ast.SelectorExpr:
		switch f.Sel.Name {
		case "Say", "Errorf", "notice":
			if x, ok := f.X.(*ast.Ident); ok && x.Name == "fmt" {
				return -1
			}
			return 0
		case "String", "Bool", "StringVar", "BoolVar", "Uint64Var": // flags
			return len(c.Args) - 1
		}
	case *ast.Ident:
		switch f.Name {
		case "misusef":
			return 0
		case "b": // key bindings
			return 1
		}
	}
	return -1
}

func TestEveryTextHasBothLanguages(t *testing.T) {
	written := map[string]bool{}
	for _, f := range sources(t) {
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if s, ok := literal(e); ok {
					written[s] = true
				}
			}
			c, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if i := said(c); i >= 0 && len(c.Args) > i {
				if s, ok := literal(c.Args[i]); ok && chinese[s] == "" {
					t.Errorf("the catalogue has no Chinese for %q", s)
				}
			}
			return true
		})
	}
	dynamic := []string{"paused", "free"} // what a pace says of itself
	for english, c := range chinese {
		if !written[english] && !slices.Contains(dynamic, english) {
			t.Errorf("nobody says %q", english)
		}
		if c == "" {
			t.Errorf("%q has no Chinese", english)
		}
	}
}

var verbPattern = regexp.MustCompile(`%[-+# 0-9.*]*[a-zA-Z%]`)

func TestBothLanguagesTakeTheSameArguments(t *testing.T) {
	for english, c := range chinese {
		if e, z := verbPattern.FindAllString(english, -1), verbPattern.FindAllString(c, -1); !slices.Equal(e, z) {
			t.Errorf("%q takes %q, its Chinese %q takes %q", english, e, c, z)
		}
		if strings.HasSuffix(english, "\n") != strings.HasSuffix(c, "\n") {
			t.Errorf("%q and its Chinese do not both end a line", english)
		}
		if names := regexp.MustCompile("`[^`]*`").FindString(english); names != regexp.MustCompile("`[^`]*`").FindString(c) {
			t.Errorf("%q names its argument %s, its Chinese does not", english, names)
		}
	}
}

// A Chinese text holds a Han character, but for names.
func TestChineseIsChinese(t *testing.T) {
	names := []string{"SA", "IKE/IPsec SAs"}
	for english, c := range chinese {
		if !slices.Contains(names, english) && !strings.ContainsFunc(c, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%q is %q in Chinese", english, c)
		}
	}
}

func TestLocale(t *testing.T) {
	for _, tt := range []struct {
		all, messages, lang string
		want                Lang
	}{
		{"", "", "", English},
		{"", "", "zh_CN.UTF-8", Chinese},
		{"", "en_US.UTF-8", "zh_CN.UTF-8", English},
		{"", "zh_TW", "C", Chinese},
		{"C", "zh_CN", "zh_CN", English},
		{"zh", "C", "C", Chinese},
	} {
		env := map[string]string{"LC_ALL": tt.all, "LC_MESSAGES": tt.messages, "LANG": tt.lang}
		if got := FromLocale(func(n string) string { return env[n] }); got != tt.want {
			t.Errorf("LC_ALL=%s LC_MESSAGES=%s LANG=%s gives %v, want %v", tt.all, tt.messages, tt.lang, got, tt.want)
		}
	}
	for _, l := range []Lang{English, Chinese} {
		if got, err := Parse(l.String()); got != l || err != nil {
			t.Errorf("%v reads back as %v, %v", l, got, err)
		}
	}
	if _, err := Parse("fr"); err == nil {
		t.Error("fr is a language")
	}
}

type told struct{}

func (told) Error() string    { return "english" }
func (told) In(l Lang) string { return fmt.Sprint(l) }

func TestErrors(t *testing.T) {
	if got := Chinese.Error(told{}); got != "zh" {
		t.Errorf("an error that can be told is %q", got)
	}
	if got := Chinese.Error(errors.New("plain")); got != "plain" {
		t.Errorf("an error that cannot is %q", got)
	}
	wrapped := Errorf("%w: for a pipe use `cwlab console LAB DEVICE` or `cwlab replay LAB/SCRIPT`", told{})
	if !errors.Is(wrapped, told{}) || !strings.HasPrefix(wrapped.Error(), "english: for") || !strings.HasPrefix(Chinese.Error(wrapped), "zh：") {
		t.Errorf("an error around another is %q and %q", wrapped, Chinese.Error(wrapped))
	}
	if got := Chinese.Error(Errorf("%s: %q is too much, it wants %s", "x", "y", Text("no argument"))); !strings.HasSuffix(got, Chinese.Say("no argument")) {
		t.Errorf("a text among the arguments is %q", got)
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{errors.Join(told{}), "zh"}, {errors.Join(nil, errors.New("plain"), told{}), "plain\nzh"},
		{fmt.Errorf("%w and %w", told{}, told{}), "english and english"},
	} {
		if got := Chinese.Error(tt.err); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.err, got, tt.want)
		}
	}
	if got := Chinese.Say("%d up", 3); got == "3 up" || !strings.HasPrefix(got, "3 ") {
		t.Errorf("3 up is %q", got)
	}
	if got := Chinese.Say("no such text"); got != "no such text" {
		t.Errorf("a text without Chinese is %q", got)
	}
}
