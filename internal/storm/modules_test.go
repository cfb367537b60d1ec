package storm

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The list of parts that make release-check writes is read from the program itself: it names every module that the program is made of, in
// the version that go.mod asks for and with its checksum, and none of them is replaced (SEC-52). The tools that look for known holes are
// pinned too.
func TestProgramNamesItsModules(t *testing.T) {
	t.Parallel()
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, module := range info.Deps {
		if module.Replace != nil || module.Sum == "" {
			t.Errorf("%s %s: replaced by %v, checksum %q", module.Path, module.Version, module.Replace, module.Sum)
		}
		named = append(named, module.Path+" "+module.Version)
	}
	list := exec.Command("go", "list", "-mod=readonly", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "../../cmd/ateliers")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	made := strings.Split(strings.TrimSpace(string(out)), "\n")
	made = slices.DeleteFunc(made, func(line string) bool { return line == "" })
	slices.Sort(made)
	made = slices.Compact(made)
	slices.Sort(named)
	if !slices.Equal(named, made) || len(named) < 20 {
		t.Errorf("the program names\n%s\nand is made of\n%s", strings.Join(named, "\n"), strings.Join(made, "\n"))
	}
	wanted, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range named {
		if !strings.Contains(string(wanted), "\t"+module) {
			t.Errorf("go.mod does not ask for %s", module)
		}
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(makefile), "@latest") {
		t.Error("a tool of the Makefile is whatever is newest on the day")
	}
}
