package mail

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// Sink is the mail server of the demo: it keeps what it receives in memory, for people and tests to
// read, and delivers nothing. It takes no mail for the domains Bounces and Waits, so that people see what becomes of such
// mails. It is safe for concurrent use.
type Sink struct {
	clock    func() time.Time
	keep     int
	server   *smtp.Server
	listener net.Listener
	served   chan struct{}

	mu       sync.Mutex
	received []Received // newest last
	last     int
}

// Domains that a Sink refuses: for good, as where a mailbox does not exist, and for now, as where it is full.
const (
	Bounces = "adresse-inconnue.example"
	Waits   = "boite-pleine.example"
)

// StartSink listens on a loopback address such as "127.0.0.1:0" and keeps the last keep mails.
func StartSink(address string, keep int, clock func() time.Time) (*Sink, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("mail: sink: %w", err)
	}
	s := &Sink{clock: clock, keep: keep, listener: listener, served: make(chan struct{})}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s}, nil }))
	s.server.Domain = "localhost"
	s.server.EnableSMTPUTF8 = true
	s.server.MaxMessageBytes = 4 << 20
	s.server.ReadTimeout = time.Minute
	s.server.WriteTimeout = time.Minute
	go func() {
		defer close(s.served)
		_ = s.server.Serve(listener) // it ends when Close closes the listener
	}()
	return s, nil
}

// URL is the address of the sink as ParseServer reads it.
func (s *Sink) URL() string { return "smtp://" + s.listener.Addr().String() }

// Messages returns what was received, newest first.
func (s *Sink) Messages() []Received {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages := slices.Clone(s.received)
	slices.Reverse(messages)
	return messages
}

// Message returns the mail with this id, unless it is unknown or forgotten.
func (s *Sink) Message(id int) (Received, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.received {
		if r.ID == id {
			return r, true
		}
	}
	return Received{}, false
}

// Close stops listening and ends every conversation.
func (s *Sink) Close() error {
	err := s.server.Close()
	_ = s.listener.Close() // should Serve not have begun
	<-s.served
	return err
}

func (s *Sink) add(r Received) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	r.ID = s.last
	r.ReceivedAt = s.clock().UTC().Truncate(time.Second)
	s.received = append(s.received, r)
	if extra := len(s.received) - s.keep; extra > 0 {
		s.received = slices.Delete(s.received, 0, extra)
	}
}

// sinkSession is one conversation.
type sinkSession struct {
	sink *Sink
	from string
	to   []string
}

func (c *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch _, domain, _ := strings.Cut(to, "@"); domain {
	case Bounces:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}
	case Waits:
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *sinkSession) Data(body io.Reader) error {
	r, err := parse(body)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "unreadable message: " + err.Error()}
	}
	r.From, r.To = c.from, slices.Clone(c.to)
	c.sink.add(r)
	return nil
}

func (c *sinkSession) Reset() { c.from, c.to = "", nil }

func (c *sinkSession) Logout() error { return nil }
