package school

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MaxUpload is how many bytes a signed paper may have; maxUploads how many one request may hold.
const (
	MaxUpload  = 5 << 20
	maxUploads = 10
)

// Paper is a file as it was sent.
type Paper struct {
	FileName string // as the sender's computer calls it; only its ending is looked at
	Content  []byte
}

// Check returns the message that says why a file is not a PDF that we keep (SEC-26); nil when it is one. It must be named
// and begin and end like a PDF, whole and not locked.
func (p Paper) Check() *fault.Message {
	tail := p.Content[max(0, len(p.Content)-1024):]
	switch {
	case len(p.Content) == 0:
		return &fault.Message{Key: "school_money.paper.missing"}
	case len(p.Content) > MaxUpload:
		return &fault.Message{Key: "school_money.paper.large", Args: []any{MaxUpload >> 20}}
	case !strings.HasSuffix(strings.ToLower(p.FileName), ".pdf"), !bytes.HasPrefix(p.Content, []byte("%PDF-")):
		return &fault.Message{Key: "school_money.paper.no_pdf"}
	case !bytes.Contains(tail, []byte("%%EOF")):
		return &fault.Message{Key: "school_money.paper.broken"}
	case bytes.Contains(p.Content, []byte("/Encrypt")):
		return &fault.Message{Key: "school_money.paper.locked"}
	}
	return nil
}

const (
	sqlCountUploads = `SELECT count(*) FROM uploads WHERE request_id = ?`
	sqlAddUpload    = `
INSERT INTO uploads (request_id, name, size, sha256, content, sent_by, user_id, uploaded_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULLIF(?7, 0), ?8) RETURNING id`
)

// keepPaper stores a paper that Check let through under a name of our making.
func keepPaper(tx *sqlite.Tx, actor account.Actor, by By, requestID int64, p Paper) (id int64, err error) {
	var kept int
	if err := tx.QueryRow(sqlCountUploads, requestID).Scan(&kept); err != nil {
		return 0, err
	}
	if kept >= maxUploads {
		return 0, fault.New(fault.Conflict, "school_money.paper.too_many", maxUploads)
	}
	sum := sha256.Sum256(p.Content)
	err = tx.QueryRow(sqlAddUpload, requestID, rand.Text(), len(p.Content), hex.EncodeToString(sum[:]), p.Content, string(by), actor.MemberID(),
		sqlite.Time(tx.Now())).Scan(&id)
	return id, err
}

// SendPaper keeps a signed paper that the party of a visit sends in place of the mailbox, with what it says. It counts
// once the team has read it (VerifyPaper). The contact may send a quote that its payer signed.
func (s *Service) SendPaper(ctx context.Context, key account.FormKey, v Visit, sub Subject, st Statement, p Paper) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.visitTx(tx, v)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if _, err := takePaper(tx, account.Guest(), v.Party, r, sub, st, &p); err != nil {
				return "", err
			}
			if err := addEvent(tx, account.Guest(), v.Party, r.ID, "upload", ""); err != nil {
				return "", err
			}
			if err := setTurn(tx, r.ID, teamsTurn); err != nil {
				return "", err
			}
			m := letter(r)
			m.News, m.Signatory = "upload", st.Name
			return "", tellTeam(tx, r, outbox.RequestNews, m)
		})
		return err
	})
}

// takePaper adds the acceptance that a signed paper stands for, with the paper where there is one.
func takePaper(tx *sqlite.Tx, actor account.Actor, by By, r Request, sub Subject, st Statement, file *Paper) (a Acceptance, err error) {
	p, err := sub.paperTx(tx, r.ID)
	if err != nil {
		return a, err
	}
	party, _, err := mailboxOf(tx, r, p)
	if err != nil {
		return a, err
	}
	if by == ByPayer && party != ByPayer {
		return a, fault.New(fault.NotFound, "error.not_found")
	}
	if err := p.mustBeOpen(tx, r, tx.Now()); err != nil && !(by == ByTeam && fault.Is(err, fault.Gone, "school_money.accept.expired")) {
		return a, err // what came on paper in time may be written down later: the team judges
	}
	st.Agreed = true // the signature says so
	wrong := st.check(tx.Now())
	if file != nil {
		if m := file.Check(); m != nil {
			f, ok := fault.As(wrong)
			if !ok {
				f = fault.InvalidFields(map[string]fault.Message{})
			}
			f.Fields["file"] = *m
			wrong = f
		}
	}
	if wrong != nil {
		return a, wrong
	}
	var upload int64
	if file != nil {
		if upload, err = keepPaper(tx, actor, by, r.ID, *file); err != nil {
			return a, err
		}
	}
	id, err := addAcceptance(tx, r.ID, sub, party, st, "", p.hash, upload)
	if err != nil {
		return a, err
	}
	if err := audit.Add(tx, actor.String(), "acceptance.paper", record("acceptance", id), sub.details()); err != nil {
		return a, err
	}
	return scanAcceptance(tx.QueryRow(sqlAcceptance, id).Scan)
}

// RecordAcceptance writes down an acceptance that the team received on paper, which counts at once; file is the paper
// scanned, or nil.
func (s *Service) RecordAcceptance(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, sub Subject, st Statement, file *Paper) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			a, err := takePaper(tx, actor, ByTeam, r, sub, st, file)
			if err != nil {
				return "", err
			}
			return "", settle(tx, actor, ByTeam, &r, a)
		})
		return err
	})
}

// VerifyPaper says that a member of the team read a signed paper that was sent in: its acceptance counts from now on. A
// paper about a version that was replaced meanwhile is Conflict; doing it twice is doing it once.
func (s *Service) VerifyPaper(ctx context.Context, actor account.Actor, key account.FormKey, requestID, uploadID int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		a, err := scanAcceptance(tx.QueryRow(sqlAcceptanceOfUpload, uploadID, requestID).Scan)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if a.Confirmed() {
				return "", nil
			}
			return "", settleOpen(tx, actor, ByTeam, &r, a)
		})
		return err
	})
}

// Upload is a signed paper as the desk downloads it.
type Upload struct {
	ID         int64
	SHA256     string
	Content    []byte
	UploadedAt time.Time
}

const sqlUpload = `SELECT sha256, content, uploaded_at FROM uploads WHERE id = ? AND request_id = ?`

// Upload returns a signed paper to the desk.
func (s *Service) Upload(ctx context.Context, actor account.Actor, requestID, uploadID int64) (u Upload, err error) {
	if err := mayRead(actor); err != nil {
		return Upload{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u = Upload{ID: uploadID}
		var at string
		err := tx.QueryRow(sqlUpload, uploadID, requestID).Scan(&u.SHA256, &u.Content, &at)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		u.UploadedAt, err = sqlite.ParseTime(at)
		return err
	})
	return u, err
}
