package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are what operators read, and files that they copy.
var documents = []string{"README.md", "docs/operations.md", "docs/exploitation.md", "docs/deploy/ateliers.env", "docs/deploy/ateliers.service", "docs/deploy/Dockerfile", "docs/deploy/ateliersctl"}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	toldCommand  = regexp.MustCompile("(?m)(?:^|[`/ ])ateliers(?:ctl)? ((?:import |user )?[a-z-]+)\\b([^`\n|]*)")
	toldFlag     = regexp.MustCompile(`(?:^|\s)--([a-z-]+)`)
	toldVariable = regexp.MustCompile(`\bATELIERS_[A-Z_]+`)
	toldFile     = regexp.MustCompile(`\]\(((?:deploy/)?[a-zA-Z_.-]+)\)`)
)

// Each command, flag and variable that the documents name exists, and each file beside them that they lead to.
func TestDocumentsTellTheTruth(t *testing.T) {
	t.Parallel()
	help := ateliers(t, "--help").stdout
	known := readDocument(t, "cmd/ateliers/config.go") + readDocument(t, "cmd/ateliers/run.go") + readDocument(t, "cmd/ateliers/user.go") + readDocument(t, "cmd/ateliers/doctor.go") + help
	commands := 0
	for _, name := range documents {
		text := readDocument(t, name)
		for _, m := range toldCommand.FindAllStringSubmatch(text, -1) {
			command := strings.TrimSpace(m[1])
			// « ateliers » is also the name of a user and of a place for copies.
			if !strings.Contains(help, "\n  "+command) {
				continue
			}
			commands++
			own := ateliers(t, append(strings.Fields(command), "--help")...)
			own.want(t, 0)
			for _, flag := range toldFlag.FindAllStringSubmatch(m[2], -1) {
				if !strings.Contains(own.stdout, "--"+flag[1]) && !strings.Contains(own.stdout, "]"+flag[1]) {
					t.Errorf("%s: ateliers %s has no flag --%s", name, command, flag[1])
				}
			}
		}
		for _, variable := range toldVariable.FindAllString(text, -1) {
			if !strings.Contains(known, variable) && variable != "ATELIERS_PASSWORD" {
				t.Errorf("%s names %s, which nothing reads", name, variable)
			}
		}
		for _, file := range toldFile.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("../..", filepath.Dir(name), file[1])); err != nil {
				t.Errorf("%s leads to %s: %v", name, file[1], err)
			}
		}
	}
	if commands < 20 {
		t.Errorf("only %d commands seen: the documents are not where this test looks", commands)
	}
	for _, command := range []string{"doctor", "backup", "restore", "key", "verify", "user add"} {
		for _, name := range []string{"docs/operations.md", "docs/exploitation.md"} {
			text := readDocument(t, name)
			if !strings.Contains(text, "ateliers "+command) && !strings.Contains(text, "ateliersctl "+command) {
				t.Errorf("%s does not tell of ateliers %s", name, command)
			}
		}
	}
}

// The unit is one that systemd takes, whose folder is private and whose exposure it calls low.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := readDocument(t, "docs/deploy/ateliers.service")
	for _, line := range []string{"UMask=0077", "StateDirectoryMode=0700", "NoNewPrivileges=yes", "ProtectSystem=strict", "TimeoutStopSec=15"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			t.Errorf("the unit lacks %s", line)
		}
	}
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd here: the unit was not given to it")
		return
	}
	file := filepath.Join(t.TempDir(), "ateliers.service")
	// A program that is there: this one is not installed.
	if err := os.WriteFile(file, []byte(strings.Replace(unit, "/usr/local/bin/ateliers", "/bin/true", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), tool, "verify", file).CombinedOutput(); err != nil || strings.Contains(string(out), "ateliers.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), tool, "security", "--offline=true", "--threshold=20", file).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// The environment of the unit is one that the program takes.
func TestEnvironmentFile(t *testing.T) {
	t.Parallel()
	var pairs []string
	for line := range strings.Lines(readDocument(t, "docs/deploy/ateliers.env")) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			pairs = append(pairs, name, strings.Trim(value, `"`))
		}
	}
	got := inWorld(t, world{args: []string{"config"}, stdin: strings.NewReader(""), env: env(pairs...)})
	got.want(t, 0)
	for _, want := range []string{"ATELIERS_DATA=/var/lib/ateliers\n", "ATELIERS_BACKUPS=/var/lib/ateliers/backups\n", "ATELIERS_TRUSTED_PROXIES=127.0.0.1\n", "Les Ateliers d'Ada <ateliers@example.org>"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%q is not in force:\n%s", want, got.stdout)
		}
	}
}

// SEC-27, SEC-53: what the examples for a proxy have to say, and that the proxies take them, where they are installed. Addresses hold the keys of bookings,
// and an error of the proxy names the address too.
func TestProxies(t *testing.T) {
	t.Parallel()
	nginx, caddy := readDocument(t, "docs/deploy/nginx.conf"), readDocument(t, "docs/deploy/Caddyfile")
	servers := strings.Count(nginx, "server {")
	for _, line := range []string{"access_log off;", "error_log /var/log/nginx/error.log crit;", "server_tokens off;"} {
		if servers != 2 || strings.Count(nginx, line) != servers {
			t.Errorf("nginx: %d servers, %q %d times", servers, line, strings.Count(nginx, line))
		}
	}
	for _, line := range []string{"proxy_set_header Host $host;", "proxy_set_header X-Forwarded-For $remote_addr;", "ssl_protocols TLSv1.2 TLSv1.3;", "client_max_body_size 64m;", "gzip off;"} {
		if !strings.Contains(nginx, "    "+line+"\n") {
			t.Errorf("nginx lacks %s", line)
		}
	}
	if !strings.Contains(caddy, "exclude http.log.error") || strings.Contains(caddy, "encode") {
		t.Errorf("Caddy logs what failed, or compresses:\n%s", caddy)
	}
	dir := t.TempDir()
	if tool, err := exec.LookPath("caddy"); err == nil {
		if out, err := exec.CommandContext(t.Context(), tool, "validate", "--adapter", "caddyfile", "--config", "../../docs/deploy/Caddyfile").CombinedOutput(); err != nil {
			t.Errorf("caddy validate: %v\n%s", err, out)
		}
	}
	tool, err := exec.LookPath("nginx")
	if err != nil {
		return
	}
	certificate := exec.CommandContext(t.Context(), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ateliers.example.org", "-keyout", filepath.Join(dir, "privkey.pem"), "-out", filepath.Join(dir, "fullchain.pem"))
	if out, err := certificate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	here := strings.NewReplacer("/etc/letsencrypt/live/ateliers.example.org", dir, "/var/log/nginx", dir, "listen 80", "listen 19298", "listen 443", "listen 19299", "]:80", "]:19298", "]:443", "]:19299").Replace(nginx)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte("pid "+dir+"/pid; events {} http {\n"+here+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), tool, "-t", "-e", filepath.Join(dir, "log"), "-c", file).CombinedOutput(); err != nil {
		t.Errorf("nginx -t: %v\n%s", err, out)
	}
}
