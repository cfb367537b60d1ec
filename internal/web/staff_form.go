package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// deskForm is a form of the desk that came back.
type deskForm struct {
	// purpose is what its key was made for.
	purpose string
	// read reads it; readForm where it is nil.
	read func(*gin.Context) (url.Values, error)
	// do is the act; it returns where to go on.
	do func(form url.Values, key account.FormKey) (next string, err error)
	// next shows what comes next on this very answer, where that holds what must stand in no address; nil: do says where to go on.
	next func() error
	// again shows the page with everything that was typed and with what is wrong.
	again func(status int, form url.Values, problem *fault.Error) error
	// made is the page of what a first sending of the form made, by its result; nil where nothing is made.
	made func(result string) string
}

// submit reads the form, does the act once, and goes on; what the team can mend shows the form again.
func (s *Server) submit(c *gin.Context, f deskForm) error {
	read := readForm
	if f.read != nil {
		read = f.read
	}
	form, err := read(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, f.purpose, form)
	var next string
	if err == nil {
		next, err = f.do(form, key)
	}
	switch {
	case err == nil && f.next != nil:
		return f.next()
	case err == nil:
		return seeOther(c, next)
	}
	problem, known := fault.As(err)
	if !known {
		return err
	}
	if first, reused := account.FirstResult(err); reused && f.made != nil {
		s.problem(c, http.StatusConflict, s.words.Message(problem.Message), Link{Href: f.made(first), Label: s.words.T("staff.form.first")})
		return nil
	}
	// Whoever may not do this at all gets no form; whose form is too old gets a fresh one.
	mayMend := problem.Kind == fault.Invalid || problem.Kind == fault.Conflict || strings.HasPrefix(problem.Message.Key, "error.form_")
	if !mayMend {
		return err
	}
	return f.again(statuses[problem.Kind], form, problem)
}

// deskAct is a form of the desk with nothing but a button, and perhaps one choice: the page it stands on
// is shown again with what is wrong.
type deskAct struct {
	Action string
	Key    FormKey
}

func (s *Server) deskAct(c *gin.Context, purpose, action string) deskAct {
	return deskAct{Action: action, Key: s.newKey(c, purpose)}
}

// wholeNumber reads a number as it was typed. What is no number is -1, which no field of the desk accepts, so
// that the feature tells its limits.
func wholeNumber(typed string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		return -1
	}
	return n
}

// euros reads an amount as it was typed, 14 or 14,50 or 14.50 €, in cents; -1 when it cannot be one.
func euros(typed string) int {
	cents, ok := settings.ParseEuros(typed)
	if !ok {
		return -1
	}
	return cents
}

// rowID reads the id that a list sent; 0, which no row has, when it cannot be one.
func rowID(typed string) int64 {
	id, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || id < 0 {
		return 0
	}
	return id
}

func idText(id int64) string { return strconv.FormatInt(id, 10) }

// deskDone are the acts that a page of the desk can tell of, as its query names them.
var deskDone = map[string]string{
	"enregistree": "staff.done.saved",
	"creee":       "staff.done.created",
	"copiee":      "staff.done.copied",
	"publiee":     "staff.done.published",
	"retablie":    "plan.done.restored",
	"vacances":    "plan.done.holidays",
	"laissee":     "plan.holidays.left.done",
	"a-verifier":  "plan.holidays.left.taken_back",
	"planifiees":  "plan.done.created",
	"importees":   "plan.done.imported",
	"publiees":    "plan.done.published",
	"modifiees":   "plan.done.changed",
	"annulee":     "staff.done.cancelled",
	"animation":   "staff.done.assigned",
	"retrait":     "staff.done.unassigned",
	"renvoi":      "staff.done.resent",
	"reprise":     "restore.done",
	"numeros":     "numbering.done",
	"invitation":  "team.done.invited",
	"lien-equipe": "team.done.link",
	"application": "team.done.factor",
	"materiel":    "school_dates.done.kits",
	"effacee":     "erase.done",

	"acceptee":      "staff_booking.done.accepted",
	"refusee":       "staff_booking.done.declined",
	"quittee":       "staff_booking.done.cancelled",
	"proposee":      "staff_booking.done.offered",
	"donnee":        "staff_booking.done.given",
	"souhaits":      "staff_booking.done.wishes",
	"rejointe":      "staff_booking.done.joined",
	"lien":          "staff_booking.done.link",
	"inscrite":      "staff_booking.done.booked",
	"liste-fermee":  "staff_list.done.closed",
	"liste-ouverte": "staff_list.done.opened",

	"contact-corrige":  "desk_family.contact.done",
	"changee":          "staff_booking.done.moved",
	"rendues":          "unproved.done",
	"reunies":          "merge.done",
	"deja-reunie":      "merge.joined",
	"separees":         "merge.undone",
	"ecartee":          "merge.apart.done",
	"reprise-doublon":  "merge.apart.taken_back",
	"quartier":         "family_qpv.done",
	"note-ecrite":      "family_note.done",
	"note-communiquee": "family_note.done.released",
	"note-retiree":     "family_note.done.dropped",

	"envoye":       "message.done.sent",
	"texte-retire": "message.done.dropped",

	"appel":            "calls.done.done",
	"appel-place":      "calls.done.seated",
	"appel-rang":       "calls.done.kept",
	"appel-hors-liste": "calls.done.off",
	"appel-vient":      "calls.done.coming",
	"appel-refus":      "calls.done.left",
	"appel-silence":    "calls.done.silent",
	"appel-excuse":     "calls.done.excused",

	"convention":     "school_papers.desk.done",
	"dates":          "school_dates.done.proposed",
	"date-retiree":   "school_dates.done.withdrawn",
	"dates-annulees": "school_dates.done.called_off",

	"message":         "school.done.answered",
	"confiee":         "school.done.assigned",
	"prevue":          "school.done.planned",
	"note":            "school.done.noted",
	"contact":         "school.done.contact",
	"declinee":        "school.done.declined",
	"sans-devis":      "school.done.no_quote",
	"sans-convention": "school.done.no_agreement",
	"devis":           "school_money.done.quote",
	"facture":         "school_money.done.invoice",
	"avoir":           "school_money.done.credit",
	"paiement":        "school_money.done.payment",
	"paiement_annule": "school_money.done.reversed",
	"encaisse":        "money_desk.done.collected",
	"repris":          "money_desk.done.reversed",
	"comptee":         "money_desk.done.charged",
	"decomptee":       "money_desk.done.uncharged",
}

// deskNotice tells what has just been done, once: the query that names it was set by a redirect of ours.
func (s *Server) deskNotice(c *gin.Context) *Notice {
	key, ok := deskDone[c.Query("fait")]
	if !ok {
		return nil
	}
	return &Notice{Tone: ToneDone, Title: s.words.T(key)}
}
