package web

import (
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/go-playground/validator/v10"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// formKeyField is the hidden field with the one-time key.
const formKeyField = "form_key"

// typedText takes away what no keyboard types, and the line ends that browsers put into a text area: what comes
// back unchanged must be equal to what was shown.
var typedText = strings.NewReplacer("\x00", "", "\r\n", "\n")

// readForm reads the body of a POST. Forms are url-encoded and small: anything else is refused with a page.
func readForm(c *gin.Context) (url.Values, error) {
	kind, _, err := mime.ParseMediaType(c.ContentType())
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Invalid, "web.form_type")
	}
	if err := c.Request.ParseForm(); err != nil {
		if isTooLarge(err) {
			return nil, fault.Wrap(err, fault.Invalid, "web.body_too_large")
		}
		return nil, fault.Wrap(err, fault.Invalid, "web.form_broken")
	}
	return cleanForm(c.Request.PostForm), nil
}

// cleanForm makes what was sent fit to be kept and shown: valid text of signs that people type.
func cleanForm(form map[string][]string) url.Values {
	for _, values := range form {
		for i, v := range values {
			values[i] = strings.ToValidUTF8(typedText.Replace(v), "")
		}
	}
	return form
}

// typedOr is what came back in a field of a form that is shown again, even nothing; else usual.
func typedOr(form url.Values, name, usual string) string {
	if form.Has(name) {
		return form.Get(name)
	}
	return usual
}

// signIn is the sign-in cookie of the team, or nothing.
func (s *Server) signIn(r *http.Request) string {
	if cookie, err := r.Cookie(s.SignIns.Cookie.Name); err == nil {
		return cookie.Value
	}
	return ""
}

// newKey makes a key for a form of a purpose. It is not stored before the form has succeeded.
func (s *Server) newKey(c *gin.Context, purpose string) FormKey {
	return FormKey(s.Secret.FormKey(purpose, s.boundTo(c), s.config.Now()))
}

// checkKey reads the key of a form that came back, bound to what the form says, so that the same key with
// other answers is noticed.
func (s *Server) checkKey(c *gin.Context, purpose string, form url.Values) (account.FormKey, error) {
	key, err := s.Secret.CheckFormKey(form.Get(formKeyField), purpose, s.boundTo(c), s.config.Now())
	if err != nil {
		return account.FormKey{}, err
	}
	body := make(url.Values, len(form))
	for name, values := range form {
		if name != formKeyField {
			body[name] = values
		}
	}
	return key.WithBody(sha256.Sum256([]byte(c.Request.URL.Path + "?" + body.Encode()))), nil
}

// typedRules are the rules of fields that a feature owns: each says precisely what is wrong.
var typedRules = map[string]func(string) *fault.Message{
	"first_name": nameRule("family.first_name_missing"),
	"last_name":  nameRule("family.last_name_missing"),
	"full_name":  nameRule("family.name_missing"),
	"pickups":    func(s string) *fault.Message { _, m := family.ParsePickups(s); return m },
	"mailbox":    func(s string) *fault.Message { _, m := family.ParseEmail(s); return m },
	"phone":      func(s string) *fault.Message { _, m := family.ParsePhone(s); return m },
	"language": func(s string) *fault.Message {
		if slices.Contains(words.Offered(), words.Lang(s)) {
			return nil
		}
		return &fault.Message{Key: "booking.language.wrong"}
	},
}

// nameRule is family.ParseName with a message of its own for an empty box.
func nameRule(missing string) func(string) *fault.Message {
	return func(s string) *fault.Message {
		_, m := family.ParseName(s)
		if m != nil && m.Key == "family.name_missing" {
			m.Key = missing
		}
		return m
	}
}

var validate = newValidator()

func newValidator() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("form") })
	for tag, rule := range typedRules {
		// It fails only for an empty or reserved tag, which the map above does not hold.
		_ = v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return rule(fl.Field().String()) == nil }, true)
	}
	return v
}

// checkForm checks a struct of strings by its "validate" tags and returns a message per wrong field: the
// feature's own for typed rules, the key in the field's "msg" tag for all others.
func checkForm(form any) map[string]fault.Message {
	err := validate.Struct(form)
	if err == nil {
		return nil
	}
	wrong := map[string]fault.Message{}
	t := reflect.TypeOf(form)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	problems, _ := errors.AsType[validator.ValidationErrors](err) // the other kind is a form that is no struct
	for _, e := range problems {
		if rule, ok := typedRules[e.Tag()]; ok {
			wrong[e.Field()] = *rule(e.Value().(string))
			continue
		}
		field, _ := t.FieldByName(e.StructField())
		wrong[e.Field()] = fault.Message{Key: field.Tag.Get("msg")}
	}
	return wrong
}
