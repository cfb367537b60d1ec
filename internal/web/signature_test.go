package web

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// scribble is a picture of some dark strokes on a light sheet.
func scribble(width, height int) image.Image {
	picture := image.NewGray(image.Rect(0, 0, width, height))
	for i := range picture.Pix {
		picture.Pix[i] = 235
	}
	for x := width / 4; x < width*3/4; x++ {
		for y := height/2 - 2; y < height/2+2; y++ {
			picture.SetGray(x, y, color.Gray{Y: 20})
		}
	}
	return picture
}

func encoded(t *testing.T, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := encode(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// pictureForm is the form of a picture on the page that changes them.
func pictureForm(a *answer, name string) url.Values {
	a.t.Helper()
	form := a.wants(http.StatusOK).doc.Find(`form:has(input[name=image][value="` + name + `"])`)
	return url.Values{"form_key": {form.Find("input[name=form_key]").AttrOr("value", "")}, "image": {name}}
}

// SEC-26: the logo is taken as the signature is, seen by staff, and stands on letterheads until it is removed.
func TestLogoPicture(t *testing.T) {
	t.Parallel()
	h, a := moneyHouse(t)
	b := h.member(account.Staff)
	b.issueQuote(a)
	const page, paper = picturesPath, "/equipe/bilan.pdf?du=2026-01-01&au=2026-12-31"
	drawn := func() int { return strings.Count(b.get(paper).wants(http.StatusOK).Body, "/Subtype /Image") }
	quote := func() int {
		return strings.Count(h.visitor().get(a.path()+"/devis/1/devis.pdf").want(http.StatusOK).body, "/Subtype /Image")
	}
	key := func() url.Values { return pictureForm(b.get(page), "logo") }
	good := encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, scribble(400, 160)) })
	animated := encoded(t, func(w *bytes.Buffer) error {
		frame := image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.White, color.Black})
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{10, 10}})
	})
	for _, tt := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"logo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "Ce n'est pas une image PNG ou JPEG"},
		{"logo.png", []byte("%PDF-1.7\n1 0 obj"), "Ce n'est pas une image PNG ou JPEG"},
		{"logo.png", animated, "Ce n'est pas une image PNG ou JPEG"},
		{"logo.png", append(bytes.Clone(good), make([]byte, settings.MaxPicture)...), "trop lourde : 1 Mo au plus"},
		{"logo.png", encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, image.NewNRGBA(image.Rect(0, 0, 200, 100))) }), "Presque rien de cette image ne se voit"},
	} {
		b.upload(page, key(), pictureFile, tt.name, tt.content).wants(http.StatusUnprocessableEntity).says(tt.says)
	}
	if on, quoted := drawn(), quote(); on != 0 || quoted != 0 {
		t.Fatalf("%d, %d pictures on papers without a logo", on, quoted)
	}
	b.upload(page, key(), pictureFile, "Logo.PNG", good).leadsTo(page + "?fait=enregistree")
	if shown := b.get(logoPicture.shown()).wants(http.StatusOK); shown.Header.Get("Content-Type") != "image/png" || shown.Body == string(good) {
		t.Errorf("shown as it came, or as %v", shown.Header)
	}
	if on, quoted := drawn(), quote(); on != 1 || quoted != 1 {
		t.Errorf("%d, %d pictures on papers, want one each", on, quoted)
	}
	h.member(account.Communication).get(logoPicture.shown()).wants(http.StatusForbidden)
	b.get(page).says("Retirer le logo", "Changé par Zoé D'Artagnan-N'Guyen le")
	drop := logoPicture.drop()
	sure := b.get(drop).wants(http.StatusOK).says("avec le seul nom de l'association")
	if on := drawn(); on != 1 {
		t.Errorf("%d pictures on the paper while it is asked whether to remove it", on)
	}
	b.post(drop, sure.form(drop)).leadsTo(page + "?fait=enregistree")
	b.get(drop).leadsTo(page) // there is none any more
	b.get(logoPicture.shown()).wants(http.StatusNotFound)
	if on := drawn(); on != 0 {
		t.Errorf("%d pictures on the paper", on)
	}
	if n := h.count("SELECT count(*) FROM audit WHERE action = 'settings.logo'"); n != 2 {
		t.Errorf("%d audit lines, want 2 (I12)", n)
	}
}

// SEC-26: the picture of the signature is a PNG or a JPEG by name and by its first bytes, of a bounded size, made anew, and
// seen by staff alone. What is wrong is said, and what to do.
func TestSignaturePicture(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.member(account.Staff)
	const page, all = picturesPath, "/equipe/reglages"
	shownAt := signaturePicture.shown()
	b.get(shownAt).wants(http.StatusNotFound)
	key := func() url.Values { return pictureForm(b.get(page), "signature") }
	good := encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, scribble(400, 160)) })
	photo := encoded(t, func(w *bytes.Buffer) error { return jpeg.Encode(w, scribble(400, 160), nil) })
	huge := encoded(t, func(w *bytes.Buffer) error {
		return png.Encode(w, image.NewPaletted(image.Rect(0, 0, 10_000, 10_000), color.Palette{color.White, color.Black}))
	})
	for _, tt := range []struct {
		what, name string
		content    []byte
		says       string
	}{
		{"nothing", "", nil, "Choisissez d'abord une image"},
		{"SVG", "signature.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "Ce n'est pas une image PNG ou JPEG"},
		{"SVG called PNG", "signature.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "Ce n'est pas une image PNG ou JPEG"},
		{"GIF", "signature.gif", encoded(t, func(w *bytes.Buffer) error { return gif.Encode(w, scribble(400, 160), nil) }), "Ce n'est pas une image PNG ou JPEG"},
		{"PNG called JPEG", "signature.jpg", good, "Ce n'est pas une image PNG ou JPEG"},
		{"PNG called a program", "signature.exe", good, "Ce n'est pas une image PNG ou JPEG"},
		{"cut off", "signature.png", good[:len(good)-40], "Cette image est abîmée"},
		{"10 000 by 10 000", "signature.png", huge, "Cette image mesure 10 000 × 10 000 pixels"},
		{"tiny", "signature.png", encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, scribble(10, 10)) }), "Cette image mesure 10 × 10 pixels"},
		{"blank", "signature.png", encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, image.NewGray16(image.Rect(0, 0, 1, 1))) }), "Cette image mesure 1 × 1 pixels"},
		{"white", "signature.png", encoded(t, func(w *bytes.Buffer) error { return png.Encode(w, image.NewNRGBA(image.Rect(0, 0, 200, 100))) }), "Rien n'est écrit sur cette image"},
		{"too heavy", "signature.png", append(bytes.Clone(good), make([]byte, settings.MaxPicture)...), "Cette image est trop lourde : 1 Mo au plus"},
	} {
		b.upload(page, key(), pictureFile, tt.name, tt.content).wants(http.StatusUnprocessableEntity).says(tt.says)
	}
	b.upload(page, key(), pictureFile, "signature.png", make([]byte, settings.MaxPicture+200<<10)).wants(http.StatusRequestEntityTooLarge).says("1 Mo au plus", "Choisir un autre fichier")
	if n := h.count("SELECT count(*) FROM signature"); n != 0 {
		t.Fatalf("%d pictures kept", n)
	}
	for name, content := range map[string][]byte{"Signature.JPEG": photo, "signature.png": good} {
		b.upload(page, key(), pictureFile, name, content).leadsTo(page + "?fait=enregistree")
		shown := b.get(shownAt).wants(http.StatusOK)
		picture, err := png.Decode(strings.NewReader(shown.Body))
		if err != nil {
			t.Fatal(err)
		}
		// The strokes alone, without the sheet.
		if size := picture.Bounds().Size(); size.X < 195 || size.X > 230 || size.Y > 30 || bytes.Equal([]byte(shown.Body), content) {
			t.Errorf("%s became %v", name, size)
		}
		if shown.Header.Get("X-Content-Type-Options") != "nosniff" || shown.Header.Get("Content-Type") != "image/png" {
			t.Errorf("headers %v", shown.Header)
		}
	}
	b.get(page).wants(http.StatusOK).says("Retirer la signature")
	h.member(account.Communication).get(shownAt).wants(http.StatusForbidden)

	// It stands on the papers, above the name of who signs.
	form := b.get(all).form(all)
	form.Set("signatory_name", "Łukasz Nowak")
	form.Set("signatory_role", "Coordination")
	b.post(all, form).wants(http.StatusSeeOther)
	nadia := h.as("nadia@exemple.fr")
	h.tap(nadia, h.zoe, "present")
	nadia.post(h.path+"/attestations", nadia.get(h.path+"/attestations").form(h.path+"/attestations")).wants(http.StatusSeeOther)
	file := nadia.get(h.path + "/attestations.pdf").wants(http.StatusOK).Body
	if text := pdfText(t, file); !strings.Contains(text, "Łukasz Nowak") || !strings.Contains(text, "Coordination, Les Ateliers d'Ada") || !strings.Contains(file, "/Subtype /Image") {
		t.Errorf("the paper says\n%s", text)
	}
	nadia.get(h.path + "/attestations/papier").wants(http.StatusOK).says("Signée par Łukasz Nowak, Coordination")

	drop := signaturePicture.drop()
	b.post(drop, b.get(drop).wants(http.StatusOK).says("à signer à la main").form(drop)).leadsTo(page + "?fait=enregistree")
	b.get(shownAt).wants(http.StatusNotFound)
	if n := h.count("SELECT count(*) FROM audit WHERE action = 'settings.signature'"); n != 3 {
		t.Errorf("%d audit lines, want 3 (I12)", n)
	}
}
