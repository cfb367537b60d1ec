package mail

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// script is a mail server that behaves as a test wants. A nil func accepts.
type script struct {
	mailFrom func() error
	rcpt     func(to string) error
	// data is asked after the whole message was read and kept.
	data func(n int) error
	// hangUp closes the connection instead of answering to the n-th message.
	hangUp func(n int) bool
	// hang is waited for before the answer.
	hang chan struct{}
	// credentials, when set, are required.
	user, password string

	address  string
	mu       sync.Mutex
	received []Received // what was read, whatever was answered
	server   *smtp.Server
}

func temporary() error {
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, try later"}
}

func closing() error {
	return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "shutting down"}
}

func permanent() error {
	return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
}

// start serves until the test ends; on the same address again after a stop.
func (s *script) start(t *testing.T) *script {
	t.Helper()
	if s.address == "" {
		s.address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		session := &scriptSession{script: s, conn: c}
		if s.user != "" {
			return &signedSession{session}, nil
		}
		return session, nil
	}))
	server.AllowInsecureAuth = true
	server.ErrorLog = discard{}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	s.server = server
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close()
		<-served
	})
	return s
}

// messages are what was read so far.
func (s *script) messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Received(nil), s.received...)
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

type scriptSession struct {
	script *script
	conn   *smtp.Conn
	to     []string
}

func (c *scriptSession) Mail(string, *smtp.MailOptions) error {
	c.to = nil
	if c.script.mailFrom != nil {
		return c.script.mailFrom()
	}
	return nil
}

func (c *scriptSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if c.script.rcpt != nil {
		if err := c.script.rcpt(to); err != nil {
			return err
		}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *scriptSession) Data(body io.Reader) error {
	r, err := parse(body)
	if err != nil {
		return err
	}
	r.To = c.to
	c.script.mu.Lock()
	c.script.received = append(c.script.received, r)
	n := len(c.script.received)
	c.script.mu.Unlock()
	if c.script.hang != nil {
		<-c.script.hang
	}
	if c.script.hangUp != nil && c.script.hangUp(n) {
		_ = c.conn.Conn().Close()
		return errors.New("hung up")
	}
	if c.script.data != nil {
		return c.script.data(n)
	}
	return nil
}

func (c *scriptSession) Reset()        {}
func (c *scriptSession) Logout() error { return nil }

// signedSession wants a user and a password first.
type signedSession struct{ *scriptSession }

func (c *signedSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *signedSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != c.script.user || password != c.script.password {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String()
}

// soon is how long a test waits for what happens in another goroutine before it fails.
const soon = 2 * time.Minute
