// Package journey walks through the real program with a real browser: families, the team and whoever checks a
// certificate, with and without JavaScript; and it looks at every page the way people with small screens, large letters,
// a keyboard or a screen reader meet it. It holds tests only.
package journey

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// What all tests share: the program, the browser, and one demo whose clock nobody moves.
var (
	binary  string
	browser context.Context
	common  *demo
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "journey:", err)
		code = 1
	}
	os.Exit(code)
}

func runAll(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "journey-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if binary, err = build(dir); err != nil {
		return 1, err
	}
	if common, err = startDemo(filepath.Join(dir, "data"), commonNow); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, common.stop()) }()

	var stop func()
	// The Chromium without a desktop around it: with windows and menus the same pages take twice the time.
	options := unpainted
	if flag.Parse(); *updateGuides {
		options = nil
	}
	if browser, stop, err = startBrowser("chromium-headless-shell", filepath.Join(dir, "chromium"), options...); err != nil {
		return 1, err
	}
	defer stop()
	return m.Run(), nil
}

// unpainted is a browser that lays pages out and answers, and paints them only when it is told to; nobody tells it, which saves a third of the
// tests' time. There are no pictures, requestAnimationFrame never calls back, and clicks do not wait for a page to be seen.
var unpainted = []chromedp.ExecAllocatorOption{chromedp.Flag("enable-begin-frame-control", true), chromedp.Flag("run-all-compositor-stages-before-draw", true),
	chromedp.Flag("allow-pre-commit-input", true)}

// startBrowser starts a Chromium with what it keeps in a folder.
func startBrowser(program, profile string, more ...chromedp.ExecAllocatorOption) (ctx context.Context, stop func(), err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.Flag("no-sandbox", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("accept-lang", "fr-FR,fr"), chromedp.UserDataDir(profile)) // else pages would open in English
	allocator, end := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	ctx, cancel := chromedp.NewContext(allocator)
	stop = func() { cancel(); end() }
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, fmt.Errorf("Chromium does not start: %w", err)
	}
	return ctx, stop, nil
}

// build makes the program as it is shipped.
func build(dir string) (string, error) {
	path := filepath.Join(dir, "ateliers")
	out, err := exec.Command("go", "build", "-o", path, "github.com/lesbricodeurs/ateliersdada/cmd/ateliers").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}
