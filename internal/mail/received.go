package mail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Received is a mail as it arrived. Its JSON is what /_mails.json of the demo shows.
type Received struct {
	ID         int       `json:"id"` // counts from 1
	ReceivedAt time.Time `json:"received_at"`
	// From and To are those of the envelope: who really gets it.
	From string   `json:"from"`
	To   []string `json:"to"`
	// Subject, MessageID (without <>) and Headers (canonical names, each with its values) are decoded.
	Subject     string              `json:"subject"`
	MessageID   string              `json:"message_id"`
	Headers     map[string][]string `json:"headers"`
	Text        string              `json:"text"`
	HTML        string              `json:"html"`
	Attachments []Attachment        `json:"attachments"`
}

// Attachment is a file of a received mail.
type Attachment struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // such as "text/calendar; charset=utf-8; method=REQUEST"
	Content string `json:"content"`
}

func parse(raw io.Reader) (Received, error) {
	m, err := mail.ReadMessage(raw)
	if err != nil {
		return Received{}, err
	}
	r := Received{Headers: map[string][]string{}, Attachments: []Attachment{}}
	var words mime.WordDecoder
	for name, values := range m.Header {
		for _, value := range values {
			decoded, err := words.DecodeHeader(value)
			if err != nil {
				return Received{}, fmt.Errorf("header %s: %w", name, err)
			}
			r.Headers[name] = append(r.Headers[name], decoded)
		}
	}
	header := textproto.MIMEHeader(r.Headers)
	r.Subject = header.Get("Subject")
	r.MessageID = strings.Trim(header.Get("Message-Id"), "<>")
	return r, r.part(textproto.MIMEHeader(m.Header), m.Body)
}

// part sorts one part of the mail, and its own parts, into text, HTML and attachments.
func (r *Received) part(header textproto.MIMEHeader, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type %q: %w", header.Get("Content-Type"), err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := r.part(part.Header, part); err != nil {
				return err
			}
		}
	}
	content, err := io.ReadAll(decoded(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return err
	}
	_, disposition, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	switch {
	case disposition["filename"] != "":
		r.Attachments = append(r.Attachments, Attachment{disposition["filename"], header.Get("Content-Type"), string(content)})
	case kind == "text/html":
		r.HTML = string(content)
	default:
		r.Text = string(content)
	}
	return nil
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}
