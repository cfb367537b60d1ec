package mail

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

// Server says which mail server takes our mails over.
type Server struct {
	host           string
	port           int
	user, password string
	encryption     encryption
}

type encryption int

const (
	startTLS encryption = iota // smtp://: the connection becomes encrypted, or nothing is sent
	fromOn                     // smtps://: encrypted from the first byte on
	none                       // smtp:// on loopback: no wire that anybody could tap
)

// ParseServer reads an address such as smtp://user:password@mail.example.org:587 (STARTTLS
// required), smtps://user:password@mail.example.org or smtp://127.0.0.1:2525 (not encrypted, on
// loopback only). The port may be left out: 587, 465, 25. Its errors never show the password.
func ParseServer(raw string) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil { // its text would show the password
		return Server{}, errors.New("mail: the address of the mail server cannot be read: want smtp://user:password@host:port, special characters as %XX")
	}
	s := Server{host: u.Hostname(), user: u.User.Username()}
	s.password, _ = u.User.Password()
	switch {
	case u.Scheme == "smtps":
		s.encryption, s.port = fromOn, 465
	case u.Scheme == "smtp" && isLoopback(s.host):
		s.encryption, s.port = none, 25
	case u.Scheme == "smtp":
		s.encryption, s.port = startTLS, 587
	default:
		return Server{}, fmt.Errorf("mail: the address of the mail server begins with %q: want smtp:// or smtps://", u.Scheme)
	}
	if s.host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return Server{}, errors.New("mail: the address of the mail server wants a host, and nothing after the port")
	}
	if text := u.Port(); text != "" {
		if s.port, err = strconv.Atoi(text); err != nil || s.port < 1 || s.port > 65535 {
			return Server{}, fmt.Errorf("mail: the port %q of the mail server is none", text)
		}
	}
	return s, nil
}

// String gives host and port, without the credentials.
func (s Server) String() string { return net.JoinHostPort(s.host, strconv.Itoa(s.port)) }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
