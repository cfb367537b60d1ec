// Package account knows who acts: the team's users, their passwords and sign-ins,
// and the Actor that every feature takes as a parameter. It also keeps the secret that
// links and form keys are made of.
package account

import "strconv"

// Role is what a user may do. A facilitator sees the sessions they are assigned to;
// communication writes to families and never sees health; staff run the programme;
// an admin also manages users.
type Role string

// The roles, from the least to the most; communication and staff stand side by side.
const (
	Facilitator   Role = "facilitator"
	Communication Role = "communication"
	Staff         Role = "staff"
	Admin         Role = "admin"
)

// Roles lists every role, from the least to the most.
func Roles() []Role { return []Role{Facilitator, Communication, Staff, Admin} }

// Label is the key of the role's name in the catalogue of messages.
func (r Role) Label() string { return "account.role." + string(r) }

func (r Role) isKnown() bool {
	switch r {
	case Facilitator, Communication, Staff, Admin:
		return true
	}
	return false
}

// ActorKind says where an Actor comes from.
type ActorKind int

// The kinds of actor.
const (
	KindGuest    ActorKind = iota // anybody; the zero value, so that a forgotten actor may do the least
	KindGuardian                  // a parent whose mailbox is proved
	KindUser                      // a signed-in member of the team
	KindSystem                    // the program itself: timers, the outbox worker
	KindYoung                     // a young person, who sees their own bookings and books for themselves
	KindCommand                   // somebody at the server's command line
)

// Actor is who asks for something. It is passed down as a parameter, never hidden in a
// context. The zero value is a guest.
type Actor struct {
	Kind ActorKind
	ID   int64  // of the guardian or the user; 0 for the others
	Name string // of a user, for screens; never for the audit
	Role Role   // of a user; empty for the others
}

// Guest is anybody who is not signed in.
func Guest() Actor { return Actor{} }

// Guardian is the guardian id, whose mailbox is proved.
func Guardian(id int64) Actor { return Actor{Kind: KindGuardian, ID: id} }

// Young is the young person who is the child id, in a space of their own.
func Young(childID int64) Actor { return Actor{Kind: KindYoung, ID: childID} }

// System is the program itself.
func System() Actor { return Actor{Kind: KindSystem} }

// Command is whoever runs a command on the server, and so may do everything.
func Command() Actor { return Actor{Kind: KindCommand} }

// String is the actor as the audit names it: 'user:3', 'guardian:12', 'young:7', 'guest',
// 'system' or 'command'. It holds no personal data.
func (a Actor) String() string {
	switch a.Kind {
	case KindGuardian:
		return guardianRecord(a.ID)
	case KindYoung:
		return "young:" + strconv.FormatInt(a.ID, 10)
	case KindUser:
		return userRecord(a.ID)
	case KindSystem:
		return "system"
	case KindCommand:
		return "command"
	default:
		return "guest"
	}
}

// IsUser reports whether a is the user id.
func (a Actor) IsUser(id int64) bool { return a.Kind == KindUser && a.ID == id }

// IsGuardian reports whether a is the guardian id, signed in.
func (a Actor) IsGuardian(id int64) bool { return a.Kind == KindGuardian && a.ID == id }

// IsTeam reports whether a is a signed-in user of any role.
func (a Actor) IsTeam() bool { return a.Kind == KindUser && a.Role.isKnown() }

// IsStaff reports whether a is a user with the role staff or admin.
func (a Actor) IsStaff() bool { return a.IsTeam() && (a.Role == Staff || a.Role == Admin) }

// IsAdmin reports whether a is a user with the role admin.
func (a Actor) IsAdmin() bool { return a.IsTeam() && a.Role == Admin }

// MemberID is the id of a signed-in member of the team, 0 for everybody else: guardians
// have ids of their own.
func (a Actor) MemberID() int64 {
	if a.IsTeam() {
		return a.ID
	}
	return 0
}

// HasDesk reports whether a may read what the desk shows of the programme and of requests: all of the team but
// facilitators, and the program's own doing. It lets nobody see a family or a child.
func (a Actor) HasDesk() bool {
	return a.CanManage() || a.IsTeam() && a.Role == Communication
}

// CanManage reports whether a may run the programme: workshops, venues, sessions,
// bookings of any family, settings. Staff, and the program's own doing.
func (a Actor) CanManage() bool {
	return a.IsStaff() || a.Kind == KindSystem || a.Kind == KindCommand
}

// CanAdminister reports whether a may add users and change what they may do.
func (a Actor) CanAdminister() bool {
	return a.IsAdmin() || a.Kind == KindSystem || a.Kind == KindCommand
}

// CanSeeHealth reports whether a may see health notes of every session. Facilitators
// see those of their own sessions for a few days, which attendance decides;
// communication never does (SEC-21).
func (a Actor) CanSeeHealth() bool { return a.CanManage() }

// userRecord names a user's row in the audit.
func userRecord(id int64) string { return "user:" + strconv.FormatInt(id, 10) }
