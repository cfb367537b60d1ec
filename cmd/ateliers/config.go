package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// defaultData is the data folder where none is named.
const defaultData = "data"

// siteFlags say where people find the site.
type siteFlags struct {
	BaseURL string `help:"What people type and links start with; https, or http on this machine alone." name:"base-url" default:"http://127.0.0.1:8080" placeholder:"URL" setting:"ATELIERS_BASE_URL"`
}

// backupFlags say where copies of the database go.
type backupFlags struct {
	Backups          string   `help:"Folder for a copy every hour; off makes none. DIR/backups in the data folder where it is empty." placeholder:"DIR" setting:"ATELIERS_BACKUPS"`
	BackupDays       int      `help:"For how many days copies stay, 29 at most: every one of the first day, then one a day." name:"backup-days" default:"29" placeholder:"N" setting:"ATELIERS_BACKUP_DAYS"`
	BackupRecipients []string `help:"Public keys of age (age1…) of who can open the copies, two or more people; without any they are not encrypted." name:"backup-recipients" placeholder:"KEY,…" setting:"ATELIERS_BACKUP_RECIPIENTS"`
	BackupSendTo     string   `help:"Folder off this machine that copies go to as well, such as a mounted disk." name:"backup-send-to" placeholder:"DIR" setting:"ATELIERS_BACKUP_SEND_TO"`
	BackupCommand    string   `help:"Program that takes each copy elsewhere, with arguments between spaces; {} is the file, else it comes last. No shell reads it." name:"backup-command" placeholder:"PROGRAM" setting:"ATELIERS_BACKUP_COMMAND"`
}

// backupsOff is what turns the copies off.
const backupsOff = "off"

// folder is where copies go for a data folder; empty for nowhere.
func (f backupFlags) folder(data string) string {
	if f.Backups == backupsOff {
		return ""
	}
	return cmp.Or(f.Backups, filepath.Join(data, "backups"))
}

// resolve checks every value.
func (f backupFlags) resolve() (recipients []upkeep.Recipient, err error) {
	if f.BackupDays < 1 || f.BackupDays > upkeep.MostBackupDays {
		return nil, misuse{fmt.Errorf("ATELIERS_BACKUP_DAYS is %d: want 1 to %d, since whoever was erased is gone from every copy within 30 days", f.BackupDays, upkeep.MostBackupDays)}
	}
	if f.Backups == backupsOff && (f.BackupSendTo != "" || f.BackupCommand != "") {
		return nil, misuse{errors.New("ATELIERS_BACKUPS is off, and yet ATELIERS_BACKUP_SEND_TO or ATELIERS_BACKUP_COMMAND takes copies elsewhere: want one or the other")}
	}
	if recipients, err = upkeep.ParseRecipients(f.BackupRecipients); err != nil {
		return nil, misuse{fmt.Errorf("ATELIERS_BACKUP_RECIPIENTS: %w", err)}
	}
	return recipients, nil
}

// servingFlags are the rest of what the server needs to know. Each has a default that is safe
// on one machine.
type servingFlags struct {
	siteFlags
	backupFlags
	Addr           string   `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT" setting:"ATELIERS_ADDR"`
	TrustedProxies []string `help:"Addresses or networks of proxies whose X-Forwarded-For is believed." placeholder:"IP,…" setting:"ATELIERS_TRUSTED_PROXIES"`
	SMTPURL        string   `help:"Mail server, as smtp://user:password@host:port (STARTTLS) or smtps://…; best given as a variable: other users see flags." name:"smtp-url" default:"smtp://127.0.0.1:25" placeholder:"URL" setting:"ATELIERS_SMTP_URL"`
	MailFrom       string   `help:"Who mails come from." default:"Les Ateliers d'Ada <ateliers@localhost>" placeholder:"ADDRESS" setting:"ATELIERS_MAIL_FROM"`
	SecondFactor   bool     `help:"Ask the team for the code of an app after the password." name:"second-factor" default:"true" negatable:"" setting:"ATELIERS_SECOND_FACTOR"`
	MailReplyTo    string   `help:"Who gets the answers; the sender where it is empty." placeholder:"ADDRESS" setting:"ATELIERS_MAIL_REPLY_TO"`
}

// configuration is what servingFlags mean.
type configuration struct {
	baseURL  *url.URL
	addr     string
	proxies  []string
	server   mail.Server
	identity mail.Identity
	holders  []upkeep.Recipient // of the keys that open backups
}

// resolve checks every value. An error is one line that names the value and says what is wanted.
func (f servingFlags) resolve() (c configuration, err error) {
	if c.baseURL, err = f.baseURL(); err != nil {
		return c, err
	}
	if _, port, err := net.SplitHostPort(f.Addr); err != nil || port == "" {
		return c, misuse{fmt.Errorf("ATELIERS_ADDR is %q: want HOST:PORT, such as 127.0.0.1:8080", f.Addr)}
	}
	c.addr = f.Addr
	for _, proxy := range f.TrustedProxies {
		proxy = strings.TrimSpace(proxy)
		_, address := netip.ParseAddr(proxy)
		_, network := netip.ParsePrefix(proxy)
		if address != nil && network != nil {
			return c, misuse{fmt.Errorf("ATELIERS_TRUSTED_PROXIES holds %q: want addresses or networks, such as 10.0.0.1 or 10.0.0.0/8", proxy)}
		}
		c.proxies = append(c.proxies, proxy)
	}
	if c.server, err = mail.ParseServer(f.SMTPURL); err != nil {
		return c, misuse{fmt.Errorf("ATELIERS_SMTP_URL: %w", err)}
	}
	if c.identity, err = mail.ParseIdentity(f.MailFrom, cmp.Or(f.MailReplyTo, f.MailFrom)); err != nil {
		return c, misuse{fmt.Errorf("ATELIERS_MAIL_FROM, ATELIERS_MAIL_REPLY_TO: %w", err)}
	}
	c.holders, err = f.backupFlags.resolve()
	return c, err
}

// backups makes copies of db, the database of a data folder; nil where they are off.
func (f servingFlags) backups(cfg configuration, data string, db *sqlite.DB, log *slog.Logger) *upkeep.Backups {
	folder := f.folder(data)
	if folder == "" {
		return nil
	}
	return &upkeep.Backups{
		DB: db, Folder: folder, Recipients: cfg.holders, Days: f.BackupDays, SendTo: f.BackupSendTo, Command: strings.Fields(f.BackupCommand),
		Clock: time.Now, Log: log,
	}
}

// baseURL checks the address of the site. Without TLS a password could be read on the way, so
// that http is for this machine alone.
func (f siteFlags) baseURL() (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(f.BaseURL, "/"))
	var problem error
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		problem = errors.New("want an address such as https://ateliers.example.org")
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		problem = errors.New("want nothing after the name of the host")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		problem = errors.New("want https: http is for this machine alone")
	}
	if problem != nil {
		return nil, misuse{fmt.Errorf("ATELIERS_BASE_URL is %q: %w", f.BaseURL, problem)}
	}
	return u, nil
}

// isLoopback reports whether only this machine can reach host.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

type configCommand struct {
	servingFlags
}

func (c *configCommand) run(_ context.Context, w world, g globals) error {
	if _, err := c.resolve(); err != nil {
		return err
	}
	smtp, err := url.Parse(c.SMTPURL)
	if err != nil {
		return misuse{err}
	}
	for _, line := range [][2]string{
		{"ATELIERS_DATA", cmp.Or(g.Data, defaultData)},
		{"ATELIERS_LOG", g.Log},
		{"ATELIERS_BASE_URL", c.BaseURL},
		{"ATELIERS_ADDR", c.Addr},
		{"ATELIERS_TRUSTED_PROXIES", strings.Join(c.TrustedProxies, ",")},
		{"ATELIERS_SECOND_FACTOR", strconv.FormatBool(c.SecondFactor)},
		{"ATELIERS_SMTP_URL", smtp.Redacted()},
		{"ATELIERS_MAIL_FROM", c.MailFrom},
		{"ATELIERS_MAIL_REPLY_TO", cmp.Or(c.MailReplyTo, c.MailFrom)},
		{"ATELIERS_BACKUPS", cmp.Or(c.folder(cmp.Or(g.Data, defaultData)), backupsOff)},
		{"ATELIERS_BACKUP_DAYS", strconv.Itoa(c.BackupDays)},
		{"ATELIERS_BACKUP_RECIPIENTS", strings.Join(c.BackupRecipients, ",")},
		{"ATELIERS_BACKUP_SEND_TO", c.BackupSendTo},
		{"ATELIERS_BACKUP_COMMAND", c.BackupCommand},
	} {
		w.say("%s=%s", line[0], line[1])
	}
	return nil
}
