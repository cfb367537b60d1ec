package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// familyNotes are what the team noted about a family, with the form for one more.
type familyNotes struct {
	Notes  []noteLine
	Text   Field
	Child  *Choices // nil where there is no child
	Action string
	Key    FormKey
}

// noteLine is one note; Release is nil once the family may have it.
type noteLine struct {
	ID         int64
	Text, Who  string
	Released   string
	Release    *deskAct
	DropAction string // the page that asks before it is deleted
}

func (s *Server) familyNotes(c *gin.Context, f booking.DeskFamily, form url.Values) (n familyNotes, err error) {
	notes, err := s.Families.Notes(c.Request.Context(), s.actor(c), f.ID)
	if err != nil {
		return n, err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return n, err
	}
	p, path := s.words, familyPath(f.ID)+"/notes"
	n = familyNotes{Action: path, Key: s.newKey(c, "family-note"),
		Text: Field{Name: "text", Label: p.T("family_note.text"), Hint: p.T("family_note.hint"), Value: form.Get("text"), Rows: 3, MaxLength: family.MaxNote}}
	if len(f.Children) > 0 {
		n.Child = &Choices{Name: "child", Legend: p.T("family_note.about"), Options: []Option{{Value: "0", Label: f.Name}}}
		for _, child := range f.Children {
			n.Child.Options = append(n.Child.Options, Option{Value: idText(child.ID), Label: child.Name})
		}
		n.Child.Options = choose(n.Child.Options, typedOr(form, "child", "0"))
	}
	for _, note := range notes {
		line := noteLine{ID: note.ID, Text: note.Text, Who: p.T("family_note.who", p.Date(note.At.In(zone)), note.By), DropAction: path + "/" + idText(note.ID) + "/retirer"}
		if note.Child != "" {
			line.Who = p.T("family_note.who.child", p.Date(note.At.In(zone)), note.By, note.Child)
		}
		if note.Released.IsZero() {
			act := s.deskAct(c, "note-release", path+"/communiquer")
			line.Release = &act
		} else {
			line.Released = p.T("family_note.released", p.Date(note.Released.In(zone)))
		}
		n.Notes = append(n.Notes, line)
	}
	return n, nil
}

func postFamilyNote(s *Server, c *gin.Context) error {
	err := s.onNote(c, "family-note", "note-ecrite", func(ctx context.Context, id int64, form url.Values, key account.FormKey) error {
		return s.Families.AddNote(ctx, s.actor(c), key, id, rowID(form.Get("child")), form.Get("text"))
	})
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return s.showUnkeptNote(c)
	}
	return err
}

// unkeptNotePage gives a note back that was written about a family that was erased meanwhile.
type unkeptNotePage struct {
	DeskHead
	Text string
}

// showUnkeptNote shows a note again whose record is not there any more since the form was shown: ready to be kept where that joined another one.
func (s *Server) showUnkeptNote(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request.Context(), s.actor(c)
	into, err := s.Families.Joined(ctx, actor, id)
	if err != nil {
		return err
	}
	if into == 0 {
		page := &unkeptNotePage{DeskHead: s.deskHead(c, s.words.T("family_note.erased")), Text: form.Get("text")}
		return s.show(c, http.StatusNotFound, "equipe/note_unkept", page)
	}
	child, err := s.Families.Became(ctx, actor, rowID(form.Get("child")))
	if err != nil {
		return err
	}
	form.Set("child", idText(child))
	return s.showFamilyOf(c, http.StatusConflict, into, form, &fault.Error{Kind: fault.Conflict, Fields: map[string]fault.Message{"text": {Key: "family_note.joined"}}})
}

// goneNote answers who wants to do something with a note that somebody else has removed.
func (s *Server) goneNote(c *gin.Context, err error) error {
	if err == nil || fault.KindOf(err) != fault.NotFound {
		return err
	}
	if _, err := s.deskFamily(c); err != nil {
		return err // the family itself is not there any more: see followMerge
	}
	return s.showDeskFamily(c, http.StatusNotFound, nil, fault.New(fault.NotFound, "family_note.gone"))
}

func postNoteRelease(s *Server, c *gin.Context) error {
	err := s.onNote(c, "note-release", "note-communiquee", func(ctx context.Context, id int64, form url.Values, key account.FormKey) error {
		return s.Families.ReleaseNote(ctx, s.actor(c), key, id, rowID(form.Get("note")))
	})
	return s.goneNote(c, err)
}

func postNoteDrop(s *Server, c *gin.Context) error {
	note, err := pathID(c, "note")
	if err != nil {
		return err
	}
	err = s.onNote(c, "note-drop", "note-retiree", func(ctx context.Context, id int64, _ url.Values, key account.FormKey) error {
		return s.Families.DropNote(ctx, s.actor(c), key, id, note)
	})
	return s.goneNote(c, err)
}

func (s *Server) onNote(c *gin.Context, purpose, done string, do func(ctx context.Context, id int64, form url.Values, key account.FormKey) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return familyPath(id) + "?fait=" + done, do(c.Request.Context(), id, form, key)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskFamily(c, status, form, problem)
		},
	})
}

// noteDropPage asks before a note is deleted (ACC-6).
type noteDropPage struct {
	DeskHead
	Note         noteLine
	Action, Back string
	Key          FormKey
}

func getNoteDrop(s *Server, c *gin.Context) error {
	f, err := s.deskFamily(c)
	if err != nil {
		return err
	}
	id, err := pathID(c, "note")
	if err != nil {
		return err
	}
	notes, err := s.familyNotes(c, f, nil)
	if err != nil {
		return err
	}
	for _, note := range notes.Notes {
		if note.ID == id {
			return s.show(c, http.StatusOK, "equipe/note_drop", &noteDropPage{DeskHead: s.deskHead(c, s.words.T("family_note.drop")), Note: note,
				Action: note.DropAction, Back: familyPath(f.ID), Key: s.newKey(c, "note-drop")})
		}
	}
	return s.goneNote(c, fault.New(fault.NotFound, "error.not_found"))
}
