package school

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Send stores a request as received, empties the draft that it was made from (the zero DraftKey for none), confirms it
// to the contact and tells the team, all in one transaction. It returns the contact's link to the status page.
//
// Sent twice, by the key or from the same draft, it leads to the first request. What is wrong is Invalid by field (see
// Check); answers that changed since they were shown are Conflict "ask.draft_changed". In both cases nothing is stored.
func (s *Service) Send(ctx context.Context, actor account.Actor, key account.FormKey, draft DraftKey, n NewRequest) (link Link, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		reference, _, err := account.Once(tx, key, func() (string, error) { return send(tx, actor, draft, n) })
		if err != nil {
			return err
		}
		var id int64
		var version int
		if err := tx.QueryRow(sqlContactLink, reference).Scan(&id, &version); err != nil {
			return err
		}
		link = s.Sign(LinkContact, reference, version)
		return nil
	})
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

const (
	sqlInsertOrganisation = `
INSERT INTO organisations (kind, uai, name, address, postcode, city, commune_code, sector, priority, siret, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`

	sqlInsertRequest = `
INSERT INTO group_requests (reference, organisation_id, contact_name, contact_role, contact_email, contact_phone,
  workshop_id, wish, aim, level, children, adults, period, place, room, equipment, wifi, accessibility, funding,
  adage_reference, message, state, state_since, waiting_since, started_from, created_at, updated_at, language)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULLIF(?7, 0), ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
  'received', ?22, ?22, NULLIF(?23, 0), ?22, ?22, ?24)
RETURNING id`
)

func send(tx *sqlite.Tx, actor account.Actor, draft DraftKey, n NewRequest) (reference string, err error) {
	reference = account.NewReference("GRP")
	if first, err := finishDraft(tx, draft, reference); err != nil || first != "" {
		return first, err
	}
	n.Wanted = slices.Clone(n.Wanted) // the transaction may run twice
	_, wrong, err := n.check(tx)
	if err != nil {
		return "", err
	}
	if err := wrong.invalid(); err != nil {
		return "", err
	}
	now := sqlite.Time(tx.Now())
	var organisation, id int64
	o, c := n.Organisation, n.Contact
	if err := tx.QueryRow(sqlInsertOrganisation, string(o.Kind), o.UAI, o.Name, o.Address, o.Postcode, o.City, o.CommuneCode,
		o.Sector, o.Priority, o.SIRET, now).Scan(&organisation); err != nil {
		return "", err
	}
	if err := tx.QueryRow(sqlInsertRequest, reference, organisation, c.Name, c.Role, c.Email, c.Phone, n.WorkshopID, n.Wish,
		n.Aim, n.Level, n.Children, n.Adults, n.Period, string(n.Place), n.Room, n.Equipment, n.Wifi, n.Access,
		string(n.Funding), n.Adage, n.Message, now, n.StartedFrom, cmp.Or(n.Language, "fr")).Scan(&id); err != nil {
		return "", err
	}
	if err := insertWanted(tx, id, n.Wanted); err != nil {
		return "", err
	}
	if err := addEvent(tx, actor, ByContact, id, string(Received), ""); err != nil {
		return "", err
	}
	details := map[string]any{"kind": string(o.Kind), "children": n.Children}
	if n.StartedFrom > 0 {
		details["started_from"] = strconv.FormatInt(n.StartedFrom, 10)
	}
	if err := audit.Add(tx, actor.String(), "request.received", record("request", id), details); err != nil {
		return "", err
	}
	r, err := requestTx(tx, id)
	if err != nil {
		return "", err
	}
	if err := tellContact(tx, r, outbox.RequestReceived, letter(r)); err != nil {
		return "", err
	}
	news := letter(r)
	news.News = string(Received)
	return reference, tellTeam(tx, r, outbox.RequestNews, news)
}

const sqlInsertWanted = `INSERT INTO wanted_dates (request_id, position, day, half) VALUES (?, ?, ?, ?)`

func insertWanted(tx *sqlite.Tx, requestID int64, wanted []WantedDate) error {
	for i, d := range wanted {
		if _, err := tx.Exec(sqlInsertWanted, requestID, i+1, d.Day.Format(time.DateOnly), d.Half); err != nil {
			return err
		}
	}
	return nil
}
