package school

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Request is one request for group workshops as it stands. Instants are in UTC.
type Request struct {
	ID           int64
	Reference    string // 'GRP-7K3M9QXW'
	LinkVersion  int
	Organisation Organisation
	Contact      Contact
	WorkshopID   int64  // 0: something else, see Wish
	Workshop     string // its name, empty for something else
	Wish         string
	Aim          string
	Level        string
	Children     int
	Adults       int
	Wanted       []WantedDate // the best first
	Period       string
	Place        Place
	Room         string
	Equipment    string
	Wifi         string           // yes, no, unknown
	Access       string           // accessibility needs
	Funding      settings.Funding // who the organisation thinks will pay
	Adage        string           // reference of the pass Culture
	Message      string
	Language     string // of the messages to contact and payer

	State        State
	StateSince   time.Time
	WaitingSince time.Time // since when the team owes the next step; zero when it does not
	AssignedTo   int64     // a user; 0: nobody yet
	NextAction   string
	NextActionOn string // a day; empty: none
	StartedFrom  int64  // the request that this one started from; 0: none
	CreatedAt    time.Time
	// Scheduled tells that an option was accepted: private sessions exist.
	Scheduled bool
}

// Asked is what is asked for in a few words: the name of the workshop, or the wish.
func (r Request) Asked() string {
	if r.Workshop != "" {
		return r.Workshop
	}
	return r.Wish
}

// Contact is who writes for an organisation. Everything is empty once forgotten.
type Contact struct{ Name, Role, Email, Phone string }

// Kind is what an organisation is. Its name on screen is the text school.kind.VALUE.
type Kind string

// The kinds of organisation, in the order in which people choose.
const (
	School       Kind = "school"
	Library      Kind = "library"
	SocialCentre Kind = "social_centre"
	TownHall     Kind = "town_hall"
	Association  Kind = "association"
	Company      Kind = "company"
)

// Kinds lists every kind, in that order.
func Kinds() []Kind { return []Kind{School, Library, SocialCentre, TownHall, Association, Company} }

// Organisation is who asks, as it was when it asked.
type Organisation struct {
	ID                            int64
	Kind                          Kind
	UAI                           string // of a school in the directory; else empty or as typed
	Name, Address, Postcode, City string
	CommuneCode                   string // INSEE; empty when not known
	Sector                        string // public, private or empty
	Priority                      string // REP, REP+ or empty
	SIRET                         string
}

// Place says where the workshops take place.
type Place string

// The places.
const (
	Theirs Place = "theirs"
	Ours   Place = "ours"
)

// WantedDate is a day that would suit: Half is morning, afternoon or day.
type WantedDate struct {
	Day  time.Time // midnight UTC
	Half string
}

const sqlRequest = `
SELECT r.id, r.reference, r.link_version, r.contact_name, r.contact_role, r.contact_email, r.contact_phone,
       coalesce(r.workshop_id, 0), coalesce(w.title || iif(w.level = '', '', ' – ' || w.level), ''), r.wish, r.aim, r.level,
       r.children, r.adults, r.period, r.place, r.room, r.equipment, r.wifi, r.accessibility, r.funding, r.adage_reference,
       r.message, r.language, r.state, r.state_since, coalesce(r.waiting_since, ''), coalesce(r.assigned_to, 0), r.next_action,
       coalesce(r.next_action_on, ''), coalesce(r.started_from, 0), r.created_at,
       EXISTS (SELECT 1 FROM slots s WHERE s.request_id = r.id AND s.state = 'accepted'),
       o.id, o.kind, o.uai, o.name, o.address, o.postcode, o.city, o.commune_code, o.sector, o.priority, o.siret
  FROM group_requests r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN workshops w ON w.id = r.workshop_id
 WHERE r.id = ?`

const sqlWantedDates = `SELECT day, half FROM wanted_dates WHERE request_id = ? ORDER BY position`

// requestTx returns one request; an unknown id is NotFound.
func requestTx(tx *sqlite.Tx, id int64) (Request, error) {
	var r Request
	var since, waiting, created string
	o := &r.Organisation
	err := tx.QueryRow(sqlRequest, id).Scan(&r.ID, &r.Reference, &r.LinkVersion, &r.Contact.Name, &r.Contact.Role,
		&r.Contact.Email, &r.Contact.Phone, &r.WorkshopID, &r.Workshop, &r.Wish, &r.Aim, &r.Level, &r.Children, &r.Adults,
		&r.Period, &r.Place, &r.Room, &r.Equipment, &r.Wifi, &r.Access, &r.Funding, &r.Adage, &r.Message, &r.Language, &r.State, &since,
		&waiting, &r.AssignedTo, &r.NextAction, &r.NextActionOn, &r.StartedFrom, &created, &r.Scheduled,
		&o.ID, &o.Kind, &o.UAI, &o.Name, &o.Address, &o.Postcode, &o.City, &o.CommuneCode, &o.Sector, &o.Priority, &o.SIRET)
	if errors.Is(err, sql.ErrNoRows) {
		return Request{}, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil {
		return Request{}, err
	}
	if r.StateSince, err = sqlite.ParseTime(since); err != nil {
		return Request{}, err
	}
	if r.CreatedAt, err = sqlite.ParseTime(created); err != nil {
		return Request{}, err
	}
	if waiting != "" {
		if r.WaitingSince, err = sqlite.ParseTime(waiting); err != nil {
			return Request{}, err
		}
	}
	r.Wanted, err = wantedDates(tx, id)
	return r, err
}

func wantedDates(tx *sqlite.Tx, requestID int64) ([]WantedDate, error) {
	rows, err := tx.Query(sqlWantedDates, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var dates []WantedDate
	for rows.Next() {
		var d WantedDate
		var day string
		if err := rows.Scan(&day, &d.Half); err != nil {
			return nil, err
		}
		if d.Day, err = time.Parse(time.DateOnly, day); err != nil {
			return nil, err
		}
		dates = append(dates, d)
	}
	return dates, rows.Err()
}

// Request returns one request for the desk. Forbidden for who has no desk; an unknown id is NotFound.
func (s *Service) Request(ctx context.Context, actor account.Actor, id int64) (r Request, err error) {
	if err := mayRead(actor); err != nil {
		return Request{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		r, err = requestTx(tx, id)
		return err
	})
	return r, err
}

// mayRead lets through who has a desk: all of the team but facilitators.
func mayRead(actor account.Actor) error {
	if actor.HasDesk() {
		return nil
	}
	return fault.New(fault.Forbidden, "error.forbidden")
}

// mayManage lets through who runs the pipeline.
func mayManage(actor account.Actor) error {
	if actor.CanManage() {
		return nil
	}
	return fault.New(fault.Forbidden, "error.forbidden")
}
