package netconf

import "testing"

// The data and the filters are of the kind of RFC 6241 section 6.4.
func TestSelect(t *testing.T) {
	const data = `<top xmlns="u"><users><user><name>root</name><type>superuser</type><info><dept>1</dept><id>1</id></info></user>` +
		`<user><name>fred</name><type>admin</type><info><dept>2</dept><id>2</id></info></user>` +
		`<user><name>barney</name><type>admin</type><info><dept>2</dept><id>3</id></info></user></users><groups><group>g</group></groups></top>`
	whole, err := Parse([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, filter, want string }{
		{"empty filter", "", ""},
		{"another namespace", `<top xmlns="v"/>`, ""},
		{"entire subtree", `<top xmlns="u"/>`, data},
		{"selection", `<top xmlns="u"><groups/></top>`, `<top xmlns="u"><groups><group>g</group></groups></top>`},
		{"all names", `<top xmlns="u"><users><user><name/></user></users></top>`,
			`<top xmlns="u"><users><user><name>root</name></user><user><name>fred</name></user><user><name>barney</name></user></users></top>`},
		{"one entry", `<top xmlns="u"><users><user><name>fred</name></user></users></top>`,
			`<top xmlns="u"><users><user><name>fred</name><type>admin</type><info><dept>2</dept><id>2</id></info></user></users></top>`},
		{"parts of one entry", `<top xmlns="u"><users><user><name>fred</name><type/><info><id/></info></user></users></top>`,
			`<top xmlns="u"><users><user><name>fred</name><type>admin</type><info><id>2</id></info></user></users></top>`},
		{"two matches", `<top xmlns="u"><users><user><type>admin</type><name>barney</name></user></users></top>`,
			`<top xmlns="u"><users><user><name>barney</name><type>admin</type><info><dept>2</dept><id>3</id></info></user></users></top>`},
		{"no match", `<top xmlns="u"><users><user><name>wilma</name></user></users></top>`, ""},
		{"a match with a part that is not there", `<top xmlns="u"><users><user><name>root</name><x/></user></users></top>`, `<top xmlns="u"><users><user><name>root</name></user></users></top>`},
		{"several subtrees", `<top xmlns="u"><users><user><name>root</name><type/></user><user><name>fred</name><info><dept/></info></user></users></top>`,
			`<top xmlns="u"><users><user><name>root</name><type>superuser</type></user><user><name>fred</name><info><dept>2</dept></info></user></users></top>`},
		{"two parts of one entry, one by one", `<top xmlns="u"><users><user><name>root</name><type/></user><user><name>root</name><info/></user></users></top>`,
			`<top xmlns="u"><users><user><name>root</name><type>superuser</type><info><dept>1</dept><id>1</id></info></user></users></top>`},
		{"attribute", `<top xmlns="u"><users x="1"/></top>`, ""},
		{"nothing below", `<top xmlns="u"><users><nobody/></users></top>`, ""},
	} {
		f, err := Parse([]byte("<filter>" + tc.filter + "</filter>"))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, e := range Select([]*Element{whole}, f) {
			got += string(e.Append(nil, ""))
		}
		if got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
	if got := Select([]*Element{whole}, nil); len(got) != 1 || got[0] != whole {
		t.Error("no filter does not leave everything")
	}
}
