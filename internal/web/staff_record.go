package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// deskRecord is a kind of record that the team writes with one form: workshops, venues, kits, texts. S is the feature that
// keeps them.
type deskRecord[T, S any] struct {
	list    string     // the path of all of them
	purpose string     // what the keys of its forms are for, before "-new" and "-edit"
	usual   url.Values // what the form of a new one begins with
	keeper  func(s *Server) S
	load    func(keeper S, ctx context.Context, id int64) (T, error)
	create  func(keeper S, ctx context.Context, actor account.Actor, key account.FormKey, typed T) (int64, error)
	edit    func(keeper S, ctx context.Context, actor account.Actor, key account.FormKey, id int64, typed T, seen string) error
	typed   func(url.Values) T
	values  func(T) url.Values
	// show shows the form: of a new one where r is nil.
	show func(s *Server, c *gin.Context, status int, r *T, form url.Values, problem *fault.Error) error
}

// catalogOf is who keeps workshops, venues and kits.
func catalogOf(s *Server) *catalog.Catalog { return s.Catalog }

func (k deskRecord[T, S]) done() string { return k.list + "?fait=enregistree" }

func (k deskRecord[T, S]) getNew(s *Server, c *gin.Context) error {
	return k.show(s, c, http.StatusOK, nil, k.usual, nil)
}

func (k deskRecord[T, S]) postNew(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: k.purpose + "-new",
		do: func(form url.Values, key account.FormKey) (string, error) {
			_, err := k.create(k.keeper(s), c.Request.Context(), s.actor(c), key, k.typed(form))
			return k.done(), err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return k.show(s, c, status, nil, form, problem)
		},
		made: func(result string) string { return k.list + "/" + result },
	})
}

func (k deskRecord[T, S]) named(s *Server, c *gin.Context) (id int64, r T, err error) {
	if id, err = pathID(c, "id"); err != nil {
		return 0, r, err
	}
	r, err = k.load(k.keeper(s), c.Request.Context(), id)
	return id, r, err
}

func (k deskRecord[T, S]) getEdit(s *Server, c *gin.Context) error {
	_, r, err := k.named(s, c)
	if err != nil {
		return err
	}
	return k.show(s, c, http.StatusOK, &r, k.values(r), nil)
}

func (k deskRecord[T, S]) postEdit(s *Server, c *gin.Context) error {
	id, r, err := k.named(s, c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: k.purpose + "-edit",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return k.done(), k.edit(k.keeper(s), c.Request.Context(), s.actor(c), key, id, k.typed(form), form.Get("seen"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return k.show(s, c, status, &r, form, problem)
		},
	})
}
