package mail

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

const (
	dialTimeout = 10 * time.Second
	// sendTimeout is for one message. It is generous: a server may look for viruses before it answers, and giving up
	// just before its "250" would send the mail twice.
	sendTimeout = 60 * time.Second
)

// Sender hands mails over to the mail server. It is safe for concurrent use.
type Sender struct {
	server   Server
	identity Identity
	// grace is what a conversation may still take once we are asked to stop.
	grace time.Duration
}

// NewSender returns a Sender; it does not connect.
func NewSender(server Server, identity Identity) *Sender {
	return &Sender{server: server, identity: identity, grace: 5 * time.Second}
}

// connection is a conversation with the server, for one message after the other.
type connection struct {
	client *gomail.Client
	smtp   *smtp.Client
	stop   func() bool
}

// open connects, encrypts and signs in. Every failure is an unreachable one. When ctx ends, what is
// being sent has s.grace left.
func (s *Sender) open(ctx context.Context) (*connection, error) {
	var raw net.Conn
	c := &connection{stop: func() bool { return true }}
	dial := func(dialing context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(dialing, network, address)
		if err != nil {
			return nil, err
		}
		if s.server.encryption == fromOn {
			secure := tls.Client(conn, s.tlsConfig())
			if err := secure.HandshakeContext(dialing); err != nil {
				_ = conn.Close()
				return nil, err
			}
			conn = secure
		}
		raw = conn
		c.stop = context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now().Add(s.grace)) })
		return conn, nil
	}
	policy := gomail.NoTLS
	if s.server.encryption == startTLS {
		policy = gomail.TLSMandatory
	}
	options := []gomail.Option{
		gomail.WithPort(s.server.port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.tlsConfig()),
		gomail.WithTimeout(sendTimeout), gomail.WithoutNoop(), gomail.WithDialContextFunc(dial),
	}
	if s.server.user != "" {
		options = append(options, gomail.WithUsername(s.server.user), gomail.WithPassword(s.server.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	var err error
	if c.client, err = gomail.NewClient(s.server.host, options...); err != nil {
		return nil, &failure{stage: "configuring", cause: err, unreachable: true}
	}
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if c.smtp, err = c.client.DialToSMTPClientWithContext(dialing); err != nil {
		if raw != nil { // go-mail leaves it open
			c.stop()
			_ = raw.Close()
		}
		return nil, &failure{stage: "connecting", cause: err, unreachable: true}
	}
	return c, nil
}

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.server.host, MinVersion: tls.VersionTLS12}
}

// send hands one message over; nil means that the server has taken it. After an error
// the connection must be closed.
func (c *connection) send(msg *gomail.Msg) error {
	err := c.client.SendWithSMTPClient(c.smtp, msg)
	if err == nil || msg.IsDelivered() { // a goodbye that fails after the "250" changes nothing
		return nil
	}
	return asFailure(err)
}

func (c *connection) close() {
	c.stop()
	if c.client.CloseWithSMTPClient(c.smtp) != nil { // QUIT failed: hang up
		_ = c.smtp.Close()
	}
}
