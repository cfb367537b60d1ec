package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// kitsPage lists the equipment that travels together.
type kitsPage struct {
	DeskHead
	Kits []kitLine
}

type kitLine struct {
	Name     string
	Contents []string
	Copies   int
	Children int // for how many one copy is; 0: not said
	Edit     string
}

// kitFormPage creates a kit, or edits one.
type kitFormPage struct {
	DeskHead
	Action   string
	Key      FormKey
	Seen     string
	Name     Field
	Contents Field
	Copies   Field
	Children Field
}

func getKits(s *Server, c *gin.Context) error {
	all, err := s.Catalog.Kits(c.Request.Context())
	if err != nil {
		return err
	}
	page := &kitsPage{DeskHead: s.deskHead(c, s.words.T("school_dates.kits.title"))}
	for _, k := range all {
		page.Kits = append(page.Kits, kitLine{Name: k.Name, Contents: k.ContentLines(), Copies: k.Copies, Children: k.Children, Edit: "/equipe/materiel/" + idText(k.ID)})
	}
	return s.show(c, http.StatusOK, "equipe/kits", page)
}

var kitRecord = deskRecord[catalog.Kit, *catalog.Catalog]{
	list: "/equipe/materiel", purpose: "kit", usual: url.Values{"copies": {"1"}},
	keeper: catalogOf, load: (*catalog.Catalog).Kit, create: (*catalog.Catalog).CreateKit,
	edit: func(cat *catalog.Catalog, ctx context.Context, actor account.Actor, key account.FormKey, id int64, k catalog.Kit, seen string) error {
		k.ID = id
		return cat.EditKit(ctx, actor, key, k, seen)
	},
	typed: typedKit, values: kitValues, show: (*Server).showKitForm,
}

func typedKit(form url.Values) catalog.Kit {
	k := catalog.Kit{Name: form.Get("name"), Contents: form.Get("contents"), Copies: wholeNumber(form.Get("copies"))}
	if form.Get("children") != "" {
		k.Children = wholeNumber(form.Get("children"))
	}
	return k
}

func kitValues(k catalog.Kit) url.Values {
	form := url.Values{"name": {k.Name}, "contents": {k.Contents}, "copies": {strconv.Itoa(k.Copies)}, "seen": {k.Version()}}
	if k.Children > 0 {
		form.Set("children", strconv.Itoa(k.Children))
	}
	return form
}

// showKitForm shows the form of a kit: a new one where k is nil.
func (s *Server) showKitForm(c *gin.Context, status int, k *catalog.Kit, form url.Values, problem *fault.Error) error {
	p := s.words
	page := &kitFormPage{
		DeskHead: s.deskHead(c, p.T("school_dates.kit.new")), Action: "/equipe/materiel/nouveau",
		Name:     Field{Name: "name", Label: p.T("school_dates.kit.name"), Hint: p.T("school_dates.kit.name.hint"), Value: form.Get("name"), Autocomplete: "off"},
		Contents: Field{Name: "contents", Label: p.T("school_dates.kit.contents"), Hint: p.T("school_dates.kit.contents.hint"), Value: form.Get("contents"), Rows: 4, Optional: true},
		Copies:   Field{Name: "copies", Label: p.T("school_dates.kit.copies"), Hint: p.T("school_dates.kit.copies.hint"), Value: form.Get("copies"), InputMode: "numeric", Width: WidthShort},
		Children: Field{Name: "children", Label: p.T("school_dates.kit.children"), Hint: p.T("school_dates.kit.children.hint"), Value: form.Get("children"), Autocomplete: "off", InputMode: "numeric", Width: WidthShort, Optional: true},
	}
	purpose := "kit-new"
	if k != nil {
		purpose = "kit-edit"
		page.Title, page.Action, page.Seen = k.Name, "/equipe/materiel/"+idText(k.ID), form.Get("seen")
		if stale(problem) {
			page.Seen = k.Version()
			page.Notice = s.staleNotice(form, kitValues(*k), []Field{page.Name, page.Contents, page.Copies, page.Children})
			problem = nil
		}
	}
	page.Key = s.newKey(c, purpose)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Name, &page.Contents, &page.Copies, &page.Children)
	}
	return s.show(c, status, "equipe/kit_form", page)
}

// sessionKit is a kit that a session uses, on its page.
type sessionKit struct {
	ID    string
	Text  string // Valise Thymio, 2 exemplaires
	Leave deskAct
}

// addKits fills which kits the session uses, and which it could.
func (s *Server) addKits(c *gin.Context, page *deskSessionPage, sessionID int64, form url.Values) error {
	ctx, p, path := c.Request.Context(), s.words, deskSessionPath(sessionID)
	used, err := s.Catalog.SessionKits(ctx, sessionID)
	if err != nil {
		return err
	}
	for _, k := range used {
		page.Kits = append(page.Kits, sessionKit{ID: idText(k.ID), Text: p.N("school_dates.plan.kit", k.Used, k.Name), Leave: s.deskAct(c, "session-kit-leave", path+"/materiel/retirer")})
	}
	page.TakeKit = s.deskAct(c, "session-kit", path+"/materiel")
	page.Kit = Select{Name: "kit", Label: p.T("school_dates.session.kit"), Empty: p.T("staff.choose")}
	copies := form.Get("copies")
	if copies == "" {
		copies = "1"
	}
	page.Copies = Field{Name: "copies", Label: p.T("school_dates.session.copies"), Value: copies, InputMode: "numeric", Width: WidthShort}
	if !page.CanLead {
		return nil
	}
	kits, err := s.Catalog.Kits(ctx)
	if err != nil {
		return err
	}
	for _, k := range kits {
		if k.Copies > 0 {
			page.Kit.Options = append(page.Kit.Options, Option{Value: idText(k.ID), Label: k.Name})
		}
	}
	page.Kit.Options = choose(page.Kit.Options, form.Get("kit"))
	return nil
}

func postSessionKit(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-kit", "materiel", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.TakeKit(ctx, s.actor(c), key, id, catalog.KitUse{KitID: rowID(form.Get("kit")), Copies: wholeNumber(form.Get("copies"))})
	})
}

func postSessionKitLeave(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-kit-leave", "materiel", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.LeaveKit(ctx, s.actor(c), key, id, rowID(form.Get("kit")))
	})
}
