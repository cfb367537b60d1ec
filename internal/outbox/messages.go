package outbox

// The kinds of message. Features add them with the payload named beside each; package mail
// has one pair of templates per kind, named after it.
const (
	// BookingConfirmed tells a family that its seats are theirs. Booking: Confirmed, and
	// Waiting with Rank when some children of the group joined the list.
	BookingConfirmed = "booking_confirmed"
	// BookingsConfirmed is BookingConfirmed and WaitingJoined of several sessions that were booked at once. Booking: that of the first
	// session, Others those of the other ones.
	BookingsConfirmed = "bookings_confirmed"
	// BookingRepeated answers somebody who booked again what exists already: it says how things
	// stand without telling the page anything. Booking: whatever is live.
	BookingRepeated = "booking_repeated"
	// WaitingJoined confirms a place on the waiting list. Booking: Waiting, Rank, Unasked.
	WaitingJoined = "waiting_joined"
	// SeatOffered offers freed seats until a deadline. Booking: Offered, Last, OfferUntil.
	SeatOffered = "seat_offered"
	// OfferSoon says that an offer ends soon, or, Extended, until when it lives instead. Booking: Offered, Last,
	// OfferUntil.
	OfferSoon = "offer_soon"
	// SeatGiven says that freed seats are theirs without more ado, as they asked or as was agreed by phone. Booking: Given,
	// and Confirmed with everybody who has a seat.
	SeatGiven = "seat_given"
	// WalkedIn tells a family that its child was let in at the door, and asks, ToComplete, for what nobody had the time to
	// ask there. Booking: Confirmed, ToComplete.
	WalkedIn = "walked_in"
	// DraftSaved brings the link to a booking that is not finished. Draft.
	DraftSaved = "draft_saved"
	// Reminder comes two days before a session and asks « toujours partants ? ». Booking: Confirmed.
	Reminder = "reminder"
	// OfferExpired says that an offer was left unanswered. Booking: Offered (who had the offer),
	// RankKept, and Rank when it was kept.
	OfferExpired = "offer_expired"
	// BookingCancelled confirms that seats were given back. Booking: Cancelled, and Confirmed
	// when other children of the group still come.
	BookingCancelled = "booking_cancelled"
	// BookingMoved tells that a family took its booking to another session of the workshop. Booking: Confirmed, Session as it
	// is now, Before.
	BookingMoved = "booking_moved"
	// WaitingLeft confirms that children left the list, also by declining an offer. Booking: Cancelled, and Offered or Given when
	// the seats that were declined pass on to others of the same booking, who get a message of their own.
	WaitingLeft = "waiting_left"
	// SessionCancelled says that the team cancelled the session. Booking: Confirmed, Waiting and
	// Offered as they were, Reason.
	SessionCancelled = "session_cancelled"
	// SessionMoved says that the time or place of a session changed. Booking: Confirmed, Waiting and
	// Offered as they are, Session as it is now.
	SessionMoved = "session_moved"
	// SessionThanked thanks a family whose children came to a session that is over. Certified: a child without a certificate has
	// no code.
	SessionThanked = "session_thanked"
	// CertificatesIssued tells a family that its children's certificates are there. Certified.
	CertificatesIssued = "certificates_issued"
	// ErasureAsked brings a guardian the link by which they confirm that everything is to be erased. Erasure.
	ErasureAsked = "erasure_asked"
	// FamilyErased tells a guardian that it was done, and is the last message to them. Erased.
	FamilyErased = "family_erased"
	// SignInLink brings a guardian the link to sign in. SignIn.
	SignInLink = "sign_in_link"
	// SignInUnknown tells who asked for such a link that nobody has booked with that address. SignIn, empty.
	SignInUnknown = "sign_in_unknown"
	// ChildChanged tells the other guardians of a child that something about it was changed. ChildChange.
	ChildChanged = "child_changed"
	// GuardianInvited asks somebody to be a guardian of some children too; its guardian is who asks. Invited.
	GuardianInvited = "guardian_invited"
	// YoungInvited tells a young person that a guardian gave them a space of their own. Invited, without a nonce.
	YoungInvited = "young_invited"
	// EmailConfirm asks, at a new address of a guardian, to confirm it. EmailChange: Nonce.
	EmailConfirm = "email_confirm"
	// EmailChanged tells the old address of a guardian that another one counts now. EmailChange.
	EmailChanged = "email_changed"
	// TeamInvited brings somebody new in the team the link to choose a password. TeamAccess: Nonce, By.
	TeamInvited = "team_invited"
	// PasswordForgotten brings somebody of the team the link to choose another password, which they or an admin, By, asked
	// for. TeamAccess: Nonce.
	PasswordForgotten = "password_forgotten"
	// PasswordChanged tells somebody of the team that they have another password. TeamAccess.
	PasswordChanged = "password_changed"
	// TeamWrote brings a family what the team wrote to it. TeamLetter.
	TeamWrote = "team_wrote"
	// FactorDropped tells somebody of the team that their app for codes does not count any more. TeamAccess: By.
	FactorDropped = "factor_dropped"
	// HonorabilityEnding tells that the certificate of honorability of somebody of the team ends soon. Honorability.
	HonorabilityEnding = "honorability_ending"
	// SessionHandedOver tells a facilitator that a session of theirs is led by others now. Assignment: By.
	SessionHandedOver = "session_handed_over"
	// SessionAssigned tells a facilitator that a session was handed to them. Assignment: By.
	SessionAssigned = "session_assigned"
	// SessionChanged tells a facilitator that the time or place of a session of theirs changed. Assignment.
	SessionChanged = "session_changed"
	// SessionCalledOff tells a facilitator that a session of theirs will not take place. Assignment: Reason.
	SessionCalledOff = "session_called_off"
	// AlertRaised tells an admin what is wrong with the installation, AlertEnded that it is over. Alert.
	AlertRaised = "alert_raised"
	AlertEnded  = "alert_ended"

	// The messages about a group request; the payload of each is Request, with its Party.

	// RequestReceived confirms a request to its contact. Nothing more.
	RequestReceived = "request_received"
	// RequestProposed proposes dates. Options.
	RequestProposed = "request_proposed"
	// RequestScheduled confirms the dates that were chosen. Sessions.
	RequestScheduled = "request_scheduled"
	// RequestQuoted brings a quote, to who pays and to who asked. Paper, Cents, ValidUntil.
	RequestQuoted = "request_quoted"
	// RequestConfirm asks who agreed to something to confirm it from the mailbox. Paper, ConfirmID, Signatory.
	RequestConfirm = "request_confirm"
	// RequestAccepted says that the quote was accepted. Paper when there is one, Signatory.
	RequestAccepted = "request_accepted"
	// RequestAgreement brings an agreement to sign. Paper.
	RequestAgreement = "request_agreement"
	// RequestAgreed says that the agreement is signed: all is ready. Sessions.
	RequestAgreed = "request_agreed"
	// RequestChanged says that a date that was fixed changed or was called off. Sessions, Reason.
	RequestChanged = "request_changed"
	// RequestDone thanks, with the attestation of service and two questions. Sessions.
	RequestDone = "request_done"
	// RequestInvoiced brings an invoice or a credit note. Paper, Cents.
	RequestInvoiced = "request_invoiced"
	// RequestClosed says that nothing is left to do.
	RequestClosed = "request_closed"
	// RequestDeclined says that the team cannot do it. Reason.
	RequestDeclined = "request_declined"
	// RequestWithdrawn confirms that the organisation gave its request up. Reason.
	RequestWithdrawn = "request_withdrawn"
	// RequestAnswered is a word from the team. Reason holds it.
	RequestAnswered = "request_answered"
	// RequestLinked brings a contact whose address was corrected the link to the request. Nothing more.
	RequestLinked = "request_linked"
	// RequestNews tells the team what an organisation or a payer did. News names the text mail.request_news.NEWS; Reason
	// holds what was written.
	RequestNews = "request_news"
)

// Session is what a message says of a session. Instants are RFC 3339 in UTC; Zone is the venue's
// IANA time zone, in which people read them.
type Session struct {
	ID       int64  `json:"id"`
	Title    string `json:"title"`
	Level    string `json:"level"`
	StartsAt string `json:"starts_at"`
	EndsAt   string `json:"ends_at"`
	Zone     string `json:"zone"`
	Venue    string `json:"venue"`
	Address  string `json:"address"`
	Postcode string `json:"postcode"`
	City     string `json:"city"`
	Access   string `json:"access,omitempty"`
	Bring    string `json:"bring,omitempty"`
	// Sequence is the iCalendar SEQUENCE of what is told.
	Sequence int `json:"sequence"`
	// Offers tell who waits how offers of a seat go; zero where the message is about something else.
	Offers OfferHours `json:"offers,omitzero"`
}

// OfferHours are the figures of offers of seats, in whole hours, as settings.Hours has them.
type OfferHours struct {
	WakingFrom   int `json:"waking_from"`
	WakingUntil  int `json:"waking_until"`
	Longest      int `json:"longest"`
	BeforeStart  int `json:"before_start"`
	Shortest     int `json:"shortest"`
	UnaskedUntil int `json:"unasked_until"`
}

// Booking is the payload of every message to a family. It never holds anything about health.
// The lists hold children's first names, in the order of the booking.
type Booking struct {
	Reference   string   `json:"reference"`
	LinkVersion int      `json:"link_version"`
	Guardian    string   `json:"guardian"`
	Confirmed   []string `json:"confirmed,omitempty"`
	Waiting     []string `json:"waiting,omitempty"`
	// Rank is the rank of the first waiting child on the list, from 1; 0 when nobody waits.
	Rank    int      `json:"rank,omitempty"`
	Offered []string `json:"offered,omitempty"`
	// Last are those of Offered who left an offer unanswered before: without an answer to this one they leave the list.
	Last []string `json:"last,omitempty"`
	// OfferUntil is the deadline of the offer, RFC 3339 in UTC.
	OfferUntil string `json:"offer_until,omitempty"`
	// Extended tells, in OfferSoon, an offer that lives longer than was first told.
	Extended bool `json:"extended,omitempty"`
	// Unasked tells of those who wait that they asked for a freed seat to be theirs at once.
	Unasked bool `json:"unasked,omitempty"`
	// Given are the children who got a seat just now, in SeatGiven and WaitingLeft.
	Given []string `json:"given,omitempty"`
	// ToComplete says that questions are left for the guardian: in WalkedIn, and where a young person booked for themselves.
	ToComplete bool `json:"to_complete,omitempty"`
	// ByYoung says, in the first message of a booking, that a young person made it for themselves, and InSpace that they did so in a space that a guardian gave
	// them. Copy says that this message is the one to them: it opens the booking, and proves nothing.
	ByYoung bool `json:"by_young,omitempty"`
	InSpace bool `json:"in_space,omitempty"`
	Copy    bool `json:"copy,omitempty"`
	// Also are the other sessions where the same children still wait: their first or second choice.
	Also []Session `json:"also,omitempty"`
	// RankKept tells, in OfferExpired, a first unanswered offer (true) from the one that leaves the list.
	RankKept  bool     `json:"rank_kept,omitempty"`
	Cancelled []string `json:"cancelled,omitempty"`
	// PriceCents is the total of the confirmed seats; 0 is free.
	PriceCents int `json:"price_cents,omitempty"`
	// PerSeries says that the price is of the whole series, due once for each child.
	PerSeries bool `json:"per_series,omitempty"`
	// PaymentURL is where to pay; empty: on the spot.
	PaymentURL string `json:"payment_url,omitempty"`
	// Reason is what the team wrote when it cancelled; it may be empty.
	Reason  string  `json:"reason,omitempty"`
	Session Session `json:"session"`
	// Before is the session that a booking had until it moved, in BookingMoved.
	Before *Session `json:"before,omitempty"`
	// Others are the bookings of other sessions, in BookingsConfirmed.
	Others []Booking `json:"others,omitempty"`
}

// Draft is the payload of DraftSaved. It tells nothing of what was answered: nobody knows yet whose the address is.
type Draft struct {
	ID string `json:"id"`
	// Until is how long the link works, RFC 3339 in UTC.
	Until   string  `json:"until"`
	Session Session `json:"session"`
}

// Certified is the payload of CertificatesIssued.
type Certified struct {
	Guardian string `json:"guardian"`
	// Reference and LinkVersion are those of a booking of the guardian, for the link to what the children have done; empty
	// where they never booked.
	Reference   string           `json:"reference,omitempty"`
	LinkVersion int              `json:"link_version,omitempty"`
	Children    []CertifiedChild `json:"children"`
	// Series is the title of the series that the certificates are about; empty: Session alone. Of a series, Session is the last.
	Series  string  `json:"series,omitempty"`
	Session Session `json:"session"`
}

// CertifiedChild is one certificate: the child's first name, the code that confirms it, and for how many minutes the child
// took part.
type CertifiedChild struct {
	FirstName string `json:"first_name"`
	Code      string `json:"code"`
	Minutes   int    `json:"minutes"`
}

// Erasure is the payload of ErasureAsked. The link is made when the mail is: Token alone opens nothing.
type Erasure struct {
	Guardian string `json:"guardian"`
	Token    string `json:"token"`
	// Until is when the link ends, RFC 3339 in UTC.
	Until string `json:"until"`
}

// Erased is the payload of FamilyErased. It names nobody, and is emptied as soon as the message has left or was given up.
type Erased struct {
	Bookings int  `json:"bookings"` // that were given up
	Stays    bool `json:"stays"`    // a child stays with another guardian
}

// SignIn is the payload of SignInLink. The link is made when the mail is: Nonce alone opens nothing.
type SignIn struct {
	Nonce string `json:"nonce,omitempty"`
}

// ChildChange is the payload of ChildChanged. What names the text mail.child_changed.WHAT: never what it was changed to, nor by whom.
type ChildChange struct {
	Guardian string   `json:"guardian"`
	Children []string `json:"children"` // first names
	// What is health, image, departure, identity, young, joined, left, merged or split (records, by the team); of a Session booked, waiting, moved (to it),
	// cancelled, seated (after waiting), unlisted (nothing was got), rescheduled or called_off (both by the team).
	What    string   `json:"what"`
	Session *Session `json:"session,omitempty"`
}

// Invited is the payload of GuardianInvited. The link is made when the mail is, as that of SignIn.
type Invited struct {
	Name  string `json:"name"`
	By    string `json:"by"`
	Nonce string `json:"nonce,omitempty"`
}

// EmailChange is the payload of EmailConfirm and EmailChanged. It holds no address: what is told to the old one must not tell the new one.
type EmailChange struct {
	Guardian string `json:"guardian"`
	Nonce    string `json:"nonce,omitempty"`
}

// Alert is the payload of AlertRaised and AlertEnded. Instants are RFC 3339 in UTC.
type Alert struct {
	Kind  string `json:"kind"` // names the texts alert.KIND.title, .what and .over
	Count int    `json:"count"`
	Began string `json:"began"`
	Ended string `json:"ended,omitempty"`
}

// Honorability is the payload of HonorabilityEnding.
type Honorability struct {
	Name     string `json:"name"`                // of who reads it
	Member   string `json:"member,omitempty"`    // whose certificate it is; empty: the reader's own
	MemberID int64  `json:"member_id,omitempty"` // their user
	Until    string `json:"until"`               // the last day, 2027-03-01
}

// TeamAccess is the payload of every message about the access of somebody of the team. The link is made when the mail is, as that of SignIn.
type TeamAccess struct {
	Name string `json:"name"`
	// By is who did it, by name; empty for themself or for the command line.
	By    string `json:"by,omitempty"`
	Nonce string `json:"nonce,omitempty"`
}

// TeamLetter is the payload of TeamWrote. Subject and Body are as the team typed them: their fields get their values when the
// mail is made, in the language of whoever reads it.
type TeamLetter struct {
	Guardian string    `json:"guardian"`
	Children []string  `json:"children"` // first names, of those who booked or wait
	Sessions []Session `json:"sessions"`
	Subject  string    `json:"subject"`
	Body     string    `json:"body"`
	// Test tells that it goes to who wrote it alone, to see what families would.
	Test bool `json:"test,omitempty"`
}

// Assignment is the payload of every message to a facilitator about a session of theirs.
type Assignment struct {
	Facilitator string `json:"facilitator"`
	// By is who handed the session over, by name.
	By string `json:"by,omitempty"`
	// Reason is what was written when the session was called off; it may be empty.
	Reason  string  `json:"reason,omitempty"`
	Session Session `json:"session"`
}

// Party is to whom a message about a request goes, which decides where its link leads.
type Party string

// The parties.
const (
	PartyContact Party = "contact" // the status page
	PartyPayer   Party = "payer"   // the payer's page
	PartyTeam    Party = "team"    // the page of the request at the desk
)

// Request is the payload of every message about a group request.
type Request struct {
	ID        int64  `json:"id"`
	Reference string `json:"reference"`
	// LinkVersion is that of the party's link.
	LinkVersion  int    `json:"link_version"`
	Party        Party  `json:"party"`
	Contact      string `json:"contact"` // the name of who reads it; may be empty for the team
	Organisation string `json:"organisation"`
	Asked        string `json:"asked"` // the workshop, or the wish
	Children     int    `json:"children"`
	Level        string `json:"level"`

	// Options are the proposed dates: each is one or several sessions.
	Options [][]Session `json:"options,omitempty"`
	// Sessions are the private sessions of the request.
	Sessions []Session `json:"sessions,omitempty"`
	// Paper is the number of a quote or an invoice, « D2026-0007 », or the title of an agreement; PaperKind is quote,
	// agreement, invoice or credit_note.
	Paper     string `json:"paper,omitempty"`
	PaperKind string `json:"paper_kind,omitempty"`
	Cents     int    `json:"cents,omitempty"`
	// ValidUntil is a day, 2027-05-08.
	ValidUntil string `json:"valid_until,omitempty"`
	// ConfirmID is the acceptance to confirm; Signatory is who stated it.
	ConfirmID int64  `json:"confirm_id,omitempty"`
	Signatory string `json:"signatory,omitempty"`
	Reason    string `json:"reason,omitempty"`
	News      string `json:"news,omitempty"`
}
