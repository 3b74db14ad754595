package login_test

import (
	"strings"
	"testing"
)

func TestWhatRolesMayRun(t *testing.T) {
	d := desk(t)
	d.Shell.User = "me"
	d.Do("system-view", "local-user me", "role name shows", "rule 1 permit command display local-user *", "rule 2 permit read feature syslog", "rule 3 deny command display logbuffer summary",
		"role name builder", "rule 1 permit command system-view ; local-user * ;", "rule 2 permit command system-view ; line *",
		"role name writer", "rule 1 permit write feature", "rule 2 deny write feature aaa", "rule 3 permit write feature-group mine",
		"role feature-group name mine", "feature aaa", "return")
	for _, row := range []struct {
		roles, path string // the lines that lead to the view
		line        string
		may         bool
	}{
		{"network-admin", "", "display users", true},
		{"network-admin", "system-view", "local-user a1", true},
		{"level-15", "system-view", "local-user a1", true},
		{"network-operator", "", "display users", true},
		{"network-operator", "system-view", "local-user a1", false},
		{"network-operator", "system-view", "local-user me", true},
		{"network-operator", "system-view", "undo local-user me", false},
		{"network-operator", "system-view/local-user me", "password simple me-again-1", true},
		{"network-operator", "system-view/local-user me", "undo password", false},
		{"network-operator", "system-view/local-user me", "authorization-attribute user-role network-admin", false},
		{"network-operator", "system-view/local-user u2", "password simple me-again-1", false},
		{"network-operator", "system-view", "sysname x", false},
		{"network-operator", "", "terminal monitor", false},
		{"level-0", "", "display users", false},
		{"level-0", "", "super", true},
		{"level-1", "", "display users", true},
		{"level-1", "system-view", "sysname x", false},
		{"level-2", "", "display users", false},
		{"level-9", "system-view", "line vty 0", true},
		{"level-9", "system-view", "sysname x", false}, // the feature device
		{"security-audit", "", "display users", false},
		{"shows", "", "display local-user class manage", true},
		{"shows", "", "display users", false},
		{"shows", "", "display logbuffer", true},
		{"shows", "", "display logbuffer summary", false},
		{"builder", "system-view", "local-user u2", false},
		{"builder", "system-view", "local-user me", true},
		{"builder", "system-view/local-user u2", "state block", false},
		{"builder", "system-view/line vty 0", "idle-timeout 3", true},
		{"builder", "system-view/line vty 0", "undo idle-timeout", true},
		{"builder", "system-view/line vty 0", "user-role network-admin", false},
		{"builder", "system-view/line vty 0", "authentication-mode none", false},
		{"builder", "system-view/line vty 0", "undo set authentication password", false},
		{"builder", "system-view", "user-group g", false},
		{"writer", "system-view", "sysname x", true},
		{"writer", "system-view", "line vty 0", true}, // the group of features beats rule 2
		{"writer", "system-view", "role name x", false},
		{"writer", "system-view/user-group g", "authorization-attribute idle-cut 3", false},
		{"writer", "", "display users", false},
		{"shows builder", "system-view", "line vty 0", true},
		{"", "", "quit", true},
	} {
		d.Shell.Return()
		d.Shell.Roles = []string{"network-admin"}
		if row.path != "" {
			d.Do(strings.Split(row.path, "/")...)
		}
		d.Shell.Roles = strings.Fields(row.roles)
		d.Answer("", "")
		got := d.Try(row.line)
		if denied := strings.Contains(got, "Permission denied."); denied == row.may {
			t.Errorf("%s at %q: %s shows %q, want it permitted: %v", row.roles, row.path, row.line, got, row.may)
		}
	}
	d.Shell.Return()
	d.Shell.Roles = []string{"level-0"}
	h, err := d.Box.Image.Grammar.Help("user", "", d.Shell.Env())
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, r := range h.Rows {
		if !strings.HasPrefix(r.Text, "Alias for") {
			words = append(words, r.Token)
		}
	}
	if got := strings.Join(words, " "); got != "quit super system-view" {
		t.Errorf("? offers level-0 %q", got)
	}
}

func TestRolesAreShownAndKept(t *testing.T) {
	d := desk(t)
	d.Do("system-view", "role name 123", "description new role", "rule 1 permit read write execute feature-group abc", "rule 2 deny write feature ldap",
		"rule 3 permit command system-view ; radius scheme *", "rule 4 permit read oid 1.2", "interface policy deny", "quit",
		"role name level-3", "description Predefined level-3 role")
	d.Want("display role name 123", `Role: 123
  Description: new role
  VLAN policy: permit (default)
  Interface policy: deny
  VPN instance policy: permit (default)
  Security zone policy: permit (default)
  -------------------------------------------------------------------
  Rule    Perm   Type  Scope         Entity
  -------------------------------------------------------------------
  1       permit RWX   feature-group abc
  2       deny   -W-   feature       ldap
  3       permit       command       system-view ; radius scheme *
  4       permit R--   oid           1.2
  R:Read W:Write X:Execute
`)
	got := d.Do("display role")
	for _, want := range []string{"Role: network-admin\n  Description: Predefined network admin role has access to all commands on the device\n",
		"  sys-5   deny         command       system-view ; info-center securi\n                                     ty-logfile directory *\n",
		"Role: level-9\n", "Role: 123\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the roles are\n%s\nwant in it\n%s", got, want)
		}
	}
	d.Do("line vty 0", "user-role 123") // stands before the role in the configuration
	d.RoundTrip()
	d.Do("undo user-role 123")
	d.Want("undo role name level-3", "The predefined user role cannot be deleted.\n")
	d.Want("role name network-admin", "The predefined user role cannot be modified.\n")
	d.Do("role name 123", "undo rule 2", "undo description", "undo interface policy deny", "undo rule all")
	d.Want("display this", "#\nrole name 123\n#\nreturn\n")
	d.Do("undo role name 123", "role feature-group name f", "feature x", "undo feature x", "undo role feature-group name f", "role default-role enable", "undo role default-role enable")
	d.Want("display role name 123", "The user role does not exist.\n")
}

func TestSuper(t *testing.T) {
	d := desk(t)
	d.Answer("anything")
	d.Want("super level-1", "Password:\nUser privilege role is level-1, and only those commands can be used that authorized to the role.\n")
	if d.Shell.Roles[0] != "level-1" {
		t.Errorf("the roles are %q", d.Shell.Roles)
	}
	d.Shell.Roles = []string{"network-admin"}
	d.Do("system-view", "super password role level-1 simple s3cret", "super default role level-1")
	if got := d.Config(); !strings.Contains(got, "\n super default role level-1\n super password role level-1 hash $h$6$") {
		t.Errorf("the configuration is\n%s", got)
	}
	d.RoundTrip()
	d.Do("return")
	d.Answer("wrong", "s3cret")
	d.Want("super", "Password:\nAuthentication failed.\n")
	d.Want("super", "Password:\nUser privilege role is level-1, and only those commands can be used that authorized to the role.\n")
	if got := logs(d, "SHELL_CMD_INPUT"); got[0] != "Input string for the super level-1 command is ******." || got[2] != "Input string for the super command is ******." {
		t.Errorf("the input is logged as %q", got)
	}
	d.Shell.Roles = []string{"network-admin"}
	d.Do("system-view", "super authentication-mode scheme", "return")
	d.Answer("s3cret")
	d.Want("super", "Password:\nAuthentication failed.\n")
	d.Do("system-view", "undo super authentication-mode", "undo super default role", "undo super password role level-1")
	d.Answer("one two 3", "one two 3")
	d.Want("super password", "Password:\nConfirm :\nUpdating user information. Please wait... ...\n")
	if got := d.Config(); !strings.Contains(got, "\n super password role network-admin hash ") {
		t.Errorf("the configuration is\n%s", got)
	}
	d.Do("undo super password", "password-control enable", "password-control super length 12", "password-control super composition type-number 2")
	d.Want("super password simple short", "The password must have at least 12 characters.\n")
	d.Do("super password simple longenough12", "undo password-control super length", "undo password-control super composition")
	if strings.Contains(d.Config(), "super password") {
		t.Errorf("under password control the configuration shows the super password:\n%s", d.Config())
	}
	s, p := visit(d, "vty0", "u", "1.1.1.1")
	s.Roles = []string{"level-0"}
	p.answers = []string{"longenough12"}
	s.Execute("super")
	if s.Roles[0] != "network-admin" {
		t.Errorf("the roles are %q after %q", s.Roles, p.out.String())
	}
}

func TestPoliciesOfRolesAreKept(t *testing.T) {
	d := desk(t)
	d.Box.Stack.AddLoopback("LoopBack1")
	d.Do("system-view", "role name r", "interface policy deny", "permit interface LoopBack1", "quit", "vlan policy deny", "permit vlan 2 4", "quit",
		"security-zone policy deny", "permit security-zone Trust", "quit", "vpn-instance policy deny", "permit vpn-instance v1")
	if got := d.Do("display role name r"); !strings.Contains(got, "  VLAN policy: deny\n  Permitted VLANs: 2, 4\n  Interface policy: deny\n  Permitted interfaces: LoopBack1\n") ||
		!strings.Contains(got, "  Permitted VPN instances: v1\n  Security zone policy: deny\n  Permitted security zones: Trust\n") {
		t.Errorf("the role is\n%s", got)
	}
	d.Do("undo permit vpn-instance v1", "quit", "undo vpn-instance policy deny", "security-zone policy deny", "undo permit security-zone Trust", "quit",
		"vlan policy deny", "undo permit vlan 2 4", "quit", "interface policy deny", "undo permit interface LoopBack1", "quit",
		"undo security-zone policy deny", "undo vlan policy deny", "undo interface policy deny")
	d.Want("display this", "#\nrole name r\n#\nreturn\n")
}

func TestFeaturesAndTheirCommands(t *testing.T) {
	d := desk(t)
	got := d.Do("display role feature")
	if !strings.Contains(got, "Feature: aaa             (AAA related commands)\n") || !strings.Contains(got, "Feature: syslog          (") || strings.Contains(got, "display") {
		t.Errorf("the features are\n%s", got)
	}
	got = d.Do("display role feature name aaa")
	for _, want := range []string{"\n  display local-user *    (R)\n", "\n  super *    (X)\n", "\n  system-view ; local-user *    (W)\n", "\n  reset password-control blacklist *    (W)\n",
		"\n  system-view ; password-control enable    (W)\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the feature is\n%s\nwant in it %q", got, want)
		}
	}
	d.Want("display role feature name nothing", "The feature does not exist.\n")
	d.Do("system-view", "role feature-group name mine", "feature syslog")
	d.Want("display role feature-group name mine", "Feature group: mine\nFeature: syslog          (Syslog related commands)\n")
	if got := d.Do("display role feature-group verbose"); !strings.Contains(got, "\n  system-view ; info-center loghost *    (W)\n") {
		t.Errorf("the group is\n%s", got)
	}
	if got := d.Do("display role feature verbose"); strings.Count(got, "Feature: ") < 3 || !strings.Contains(got, "info-center") {
		t.Errorf("the features are\n%s", got)
	}
}
