package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

// forged is an address that nobody has (RFC 5737): a server that takes it for ours believes whoever asks.
const forged = "203.0.113.7"

// renewBefore is how long a certificate should still be good.
const renewBefore = 14 * 24 * time.Hour

// examineSite asks the site under the name that people type, and compares what came through the proxy (SEC-27, SEC-54).
func examineSite(ctx context.Context, cfg configuration, secret account.Secret) (all []upkeep.Finding) {
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, cfg.baseURL.JoinPath("/healthz").String(), nil)
	if err != nil {
		return []upkeep.Finding{{Level: upkeep.Wrong, What: "site", Says: err.Error(), Do: "check ATELIERS_BASE_URL"}}
	}
	r.Header.Set(web.DoctorHeader, web.SignDoctor(secret, time.Now()))
	r.Header.Set("X-Forwarded-For", forged)
	res, err := client.Do(r)
	if err != nil {
		return []upkeep.Finding{{Level: upkeep.Wrong, What: "site", Says: fmt.Sprintf("%s does not answer: %v", cfg.baseURL, cause(err)),
			Do: "start the server (systemctl start ateliers), then look at the proxy and at DNS"}}
	}
	_ = res.Body.Close()
	all = append(all, judgeAnswer(cfg.baseURL, seenOf(res))...)
	if cfg.baseURL.Scheme == "https" {
		all = append(all, judgeTLS(res.TLS, time.Now())...)
		all = append(all, oldTLS(ctx, cfg.baseURL), toHTTPS(ctx, client, cfg.baseURL))
	}
	return all
}

// seen is what the server saw of the request.
type seen struct {
	status                        int
	ours                          bool
	host, client, peer, forwarded string
	believes                      string // the peer, if its word about who asks counts
}

func seenOf(res *http.Response) seen {
	h := func(name string) string { return res.Header.Get(web.DoctorHeader + name) }
	return seen{res.StatusCode, h("-Host") != "", h("-Host"), h("-Client"), h("-Peer"), h("-Forwarded"), h("-Believes")}
}

// judgeAnswer says what the proxy does to requests.
func judgeAnswer(base *url.URL, s seen) []upkeep.Finding {
	wrong := func(says, do string) []upkeep.Finding {
		return []upkeep.Finding{{Level: upkeep.Wrong, What: "proxy", Says: says, Do: do}}
	}
	proxied := !isLoopback(base.Hostname())
	switch {
	case !s.ours:
		return wrong(fmt.Sprintf("%s answers %d, and it is not the server of this data folder", base, s.status), "check ATELIERS_BASE_URL, ATELIERS_DATA and where the proxy leads")
	case s.status != http.StatusOK:
		return wrong(fmt.Sprintf("the server answers %d: it cannot read or write its database", s.status), "see the disk above, and the log: journalctl -u ateliers")
	case s.host != base.Host:
		return wrong(fmt.Sprintf("the proxy says that people asked for %s, not %s: forms are refused", s.host, base.Host), "let it pass the name on: proxy_set_header Host $host (nginx)")
	case proxied && s.forwarded == "":
		return wrong("the proxy does not say who asks: all families count as one", "proxy_set_header X-Forwarded-For $remote_addr (nginx); Caddy does by itself")
	case proxied && s.believes != s.peer:
		return wrong(fmt.Sprintf("the proxy at %s is not believed, so that all families count as one", s.peer), "set ATELIERS_TRUSTED_PROXIES="+s.peer)
	case s.client == forged:
		return wrong("whoever asks can say to be somebody else: sign-in is not slowed down for them", "proxy_set_header X-Forwarded-For $remote_addr (nginx), and trust the proxy alone")
	}
	return []upkeep.Finding{{What: "proxy", Says: fmt.Sprintf("%s answers, and knows who asks", base)}}
}

func judgeTLS(state *tls.ConnectionState, now time.Time) []upkeep.Finding {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	if until := state.PeerCertificates[0].NotAfter; until.Sub(now) < renewBefore {
		return []upkeep.Finding{{Level: upkeep.Warning, What: "TLS", Says: "the certificate ends on " + until.Format(time.DateOnly), Do: "see why the proxy does not renew it (caddy, certbot renew)"}}
	}
	return []upkeep.Finding{{What: "TLS", Says: tls.VersionName(state.Version)}}
}

// oldTLS tries what is not safe any more: it must be refused.
func oldTLS(ctx context.Context, base *url.URL) upkeep.Finding {
	address := base.Host
	if base.Port() == "" {
		address = net.JoinHostPort(base.Hostname(), "443")
	}
	dialer := tls.Dialer{Config: &tls.Config{ServerName: base.Hostname(), MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, InsecureSkipVerify: true}} //nolint:gosec // to find out whether it is refused
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return upkeep.Finding{What: "TLS", Says: "1.1 and older are refused"}
	}
	_ = conn.Close()
	return upkeep.Finding{Level: upkeep.Wrong, What: "TLS", Says: "1.1 or older is accepted: it can be read on the way", Do: "ssl_protocols TLSv1.2 TLSv1.3 (nginx); Caddy does by itself"}
}

// toHTTPS asks for a page without TLS: it must lead to the one with it.
func toHTTPS(ctx context.Context, client *http.Client, base *url.URL) upkeep.Finding {
	plain := url.URL{Scheme: "http", Host: base.Hostname(), Path: "/"}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, plain.String(), nil)
	if err != nil {
		return upkeep.Finding{Level: upkeep.Wrong, What: "TLS", Says: err.Error(), Do: "check ATELIERS_BASE_URL"}
	}
	res, err := client.Do(r)
	if err != nil {
		return upkeep.Finding{Level: upkeep.Warning, What: "TLS", Says: "http://" + plain.Host + " does not answer: who types the name without https sees nothing", Do: "let the proxy lead it to https"}
	}
	_ = res.Body.Close()
	to, err := res.Location()
	if err != nil || to.Scheme != "https" {
		return upkeep.Finding{Level: upkeep.Wrong, What: "TLS", Says: fmt.Sprintf("http://%s answers %d and does not lead to https", plain.Host, res.StatusCode), Do: "return 301 https://$host$request_uri (nginx, port 80)"}
	}
	return upkeep.Finding{What: "TLS", Says: "http leads to https"}
}
