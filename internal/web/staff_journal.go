package web

import (
	"bytes"
	"maps"

	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const (
	journalPath = "/equipe/journal"
	// journalLines is how many lines a page shows, journalExport how many a file has.
	journalLines  = 50
	journalExport = 100_000
)

// journalPage says who did what, and when.
type journalPage struct {
	DeskHead
	Reading         bool
	Views           []deskTab
	From, To        Field
	Who, Kind, File Select
	Number          Field
	Asked           bool // something narrows the search
	Lines           []journalLine
	Older, Newest   string // where to go on; empty at either end
	CSV, XLSX       string
	Columns         []column // of both files
	Most            int
}

type journalLine struct {
	At      time.Time // on the clock of the association
	Who     string
	Act     string
	Record  string
	Href    string // the page of the record; empty where it has none
	Only    string // the lines of this record
	Details []journalDetail
}

// journalDetail is one value of a line.
type journalDetail struct {
	Text string
	Href string // the page of the record that it names; empty where there is none
}

// journalAreas are the kinds of act that can be asked for, and how their names begin.
var journalAreas = []struct {
	name  string
	begin []string
}{
	{"people", []string{"account", "user", "timetable"}},
	{"bookings", []string{"booking"}},
	{"families", []string{"family", "child"}},
	{"day", []string{"mark", "roster", "sheet", "incident", "certificate", "class"}},
	{"programme", []string{"session", "series", "workshop", "venue", "kit", "holidays"}},
	{"groups", []string{"request", "slot", "acceptance", "agreement"}},
	{"money", []string{"quote", "invoice", "payment", "receipts", "numbering"}},
	{"messages", []string{"message", "outbox", "text"}},
	{"settings", []string{"settings", "privacy", "database", "directory", "papers", "audit", "alert", "demo"}},
	{"exports", []string{"bilan", "groups", "journal", "breach"}},
}

// journalPages are where the records of a kind can be seen, before their id.
var journalPages = map[string]string{
	"session": "/equipe/seances/", "user": "/equipe/personnes/", "request": "/equipe/demandes/", "workshop": "/equipe/ateliers/", "venue": "/equipe/lieux/",
	"kit": "/equipe/materiel/", "text": "/equipe/messages/modeles/", "mailing": "/equipe/messages/", "setting": "/equipe/reglages#",
}

// journalFiles are the kinds of record that can be asked for.
var journalFiles = []string{"session", "user", "request", "workshop", "venue", "kit", "series", "text", "setting", "guardian", "child"}

func journalOf(record string) string {
	kind, number, _ := strings.Cut(record, ":")
	return journalPath + "?" + url.Values{"fiche": {kind}, "numero": {number}}.Encode()
}

// journalQuery reads what is asked; what cannot be read is Invalid by field.
func journalQuery(c *gin.Context, zone *time.Location) (q audit.Query, err error) {
	wrong := map[string]fault.Message{}
	q.Reading, q.Actor = c.Query("vue") == "lectures", c.Query("qui")
	day := func(name string, add int) (at time.Time) {
		typed := strings.TrimSpace(c.Query(name))
		if typed == "" {
			return at
		}
		d, err := time.ParseInLocation(time.DateOnly, typed, zone)
		if err != nil {
			wrong[name] = fault.Message{Key: "journal.wrong.day"}
			return at
		}
		return d.AddDate(0, 0, add)
	}
	q.From, q.To = day("du", 0), day("au", 1)
	if !q.To.IsZero() && q.From.After(q.To.AddDate(0, 0, -1)) {
		wrong["au"] = fault.Message{Key: "journal.wrong.order"}
	}
	for _, area := range journalAreas {
		if area.name == c.Query("genre") {
			q.Areas = area.begin
		}
	}
	if kind := c.Query("fiche"); kind != "" {
		number := strings.TrimSpace(c.Query("numero"))
		if number == "" {
			wrong["numero"] = fault.Message{Key: "journal.wrong.number"}
		}
		q.Record = kind + ":" + number
	}
	q.Before = rowID(c.Query("avant"))
	if len(wrong) > 0 {
		return q, fault.InvalidFields(wrong)
	}
	return q, nil
}

// journalLink is a path that asks the same again, but for one answer.
func journalLink(c *gin.Context, path, name, answer string) string {
	query := url.Values{}
	for _, kept := range []string{"vue", "du", "au", "qui", "genre", "fiche", "numero"} {
		if value := c.Query(kept); value != "" {
			query.Set(kept, value)
		}
	}
	query.Del(name)
	if answer != "" {
		query.Set(name, answer)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func getJournal(s *Server, c *gin.Context) error {
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page, err := s.journalForm(c)
	if err != nil {
		return err
	}
	q, err := journalQuery(c, zone)
	if problem, known := fault.As(err); known {
		for _, day := range []*Field{&page.From, &page.To} {
			if _, err := time.Parse(time.DateOnly, day.Value); err != nil {
				day.Type = "" // a box for dates would hide what was typed
			}
		}
		explain(s.words, &page.Page, problem, &page.From, &page.To, &page.Number)
		return s.show(c, http.StatusUnprocessableEntity, "equipe/journal", page)
	}
	lines, err := s.Office.Journal(c.Request.Context(), s.actor(c), q, journalLines+1)
	if err != nil {
		return err
	}
	if len(lines) > journalLines {
		lines = lines[:journalLines]
		page.Older = journalLink(c, journalPath, "avant", strconv.FormatInt(lines[journalLines-1].ID, 10))
	}
	if q.Before > 0 {
		page.Newest = journalLink(c, journalPath, "avant", "")
	}
	for _, l := range lines {
		page.Lines = append(page.Lines, s.journalLine(l, zone))
	}
	page.Columns = s.documented("journal.column.", journalColumns)
	page.CSV, page.XLSX, page.Most = journalLink(c, journalPath+".csv", "avant", ""), journalLink(c, journalPath+".xlsx", "avant", ""), journalExport
	return s.show(c, http.StatusOK, "equipe/journal", page)
}

// journalForm is the page with what was asked.
func (s *Server) journalForm(c *gin.Context) (*journalPage, error) {
	p := s.words
	team, err := s.Office.Users(c.Request.Context(), s.actor(c))
	if err != nil {
		return nil, err
	}
	page := &journalPage{
		DeskHead: s.deskHead(c, p.T("journal.title")), Reading: c.Query("vue") == "lectures",
		From:   Field{Name: "du", Label: p.T("journal.from"), Value: c.Query("du"), Type: "date", Optional: true},
		To:     Field{Name: "au", Label: p.T("journal.to"), Value: c.Query("au"), Type: "date", Optional: true},
		Who:    Select{Name: "qui", Label: p.T("journal.who"), Optional: true, Empty: p.T("journal.all")},
		Kind:   Select{Name: "genre", Label: p.T("journal.kind"), Optional: true, Empty: p.T("journal.all")},
		File:   Select{Name: "fiche", Label: p.T("journal.record"), Optional: true, Empty: p.T("journal.all")},
		Number: Field{Name: "numero", Label: p.T("journal.number"), Hint: p.T("journal.number.hint"), Value: c.Query("numero"), Optional: true, Autocomplete: "off", Width: WidthMedium},
	}
	for _, u := range team {
		page.Who.Options = append(page.Who.Options, Option{Value: u.Actor().String(), Label: u.Name})
	}
	for _, other := range []string{audit.Families, account.System().String(), account.Command().String()} {
		page.Who.Options = append(page.Who.Options, Option{Value: other, Label: p.T("journal.who." + other)})
	}
	for _, area := range journalAreas {
		page.Kind.Options = append(page.Kind.Options, Option{Value: area.name, Label: p.T("journal.area." + area.name)})
	}
	for _, kind := range journalFiles {
		page.File.Options = append(page.File.Options, Option{Value: kind, Label: p.T("journal.fiche." + kind)})
	}
	if kind := c.Query("fiche"); kind != "" && !slices.Contains(journalFiles, kind) && p.Has("journal.fiche."+kind) {
		page.File.Options = append(page.File.Options, Option{Value: kind, Label: p.T("journal.fiche." + kind)})
	}
	for field, asked := range map[*Select]string{&page.Who: c.Query("qui"), &page.Kind: c.Query("genre"), &page.File: c.Query("fiche")} {
		field.Options = choose(field.Options, asked)
		page.Asked = page.Asked || asked != ""
	}
	page.Asked = page.Asked || page.From.Value+page.To.Value != ""
	page.Views = []deskTab{
		{Href: journalLink(c, journalPath, "vue", ""), Label: p.T("journal.view.changes")},
		{Href: journalLink(c, journalPath, "vue", "lectures"), Label: p.T("journal.view.readings")},
	}
	current := 0
	if page.Reading {
		current = 1
	}
	page.Views[current].Current = "true"
	return page, nil
}

// journalLine is one line in words.
func (s *Server) journalLine(l audit.Line, zone *time.Location) journalLine {
	line := journalLine{At: l.At.In(zone), Who: s.journalActor(l), Act: s.journalAct(l.Action), Details: s.journalDetails(l, zone)}
	kind, id, known := strings.Cut(l.Record, ":")
	if !known || !s.words.Has("journal.fiche."+kind) {
		return line
	}
	line.Record, line.Only = s.journalRecord(l, kind, id, zone), journalOf(l.Record)
	switch path, ok := journalPages[kind]; {
	case kind == "setting" && s.words.Has("settings."+id+".title"): // a picture
		line.Href = picturesPath + "#" + id
	case ok && (kind == "setting" || l.Name != "" || kind == "mailing"):
		line.Href = path + id
	case kind == "guardian":
		line.Href = journalFamily(l, rowID(id))
	}
	return line
}

// journalFamily is the page of a family, by the id of its guardian; empty where nothing is kept of it any more.
func journalFamily(l audit.Line, id int64) string {
	if slices.Contains(l.Guardians, id) {
		return familyPath(id)
	}
	return ""
}

// journalActor says who it was: the team by name, families never.
func (s *Server) journalActor(l audit.Line) string {
	kind, _, _ := strings.Cut(l.Actor, ":")
	switch {
	case l.ActorName != "":
		return l.ActorName
	case kind == "user":
		return s.words.T("journal.actor.gone")
	case kind == "guardian":
		return s.words.T("journal.actor.family")
	default:
		return s.words.T("journal.actor." + kind)
	}
}

func (s *Server) journalAct(action string) string {
	if key := "journal.act." + action; s.words.Has(key) {
		return s.words.T(key)
	}
	return s.words.T("journal.act.other", action)
}

func (s *Server) journalRecord(l audit.Line, kind, id string, zone *time.Location) string {
	p := s.words
	what := p.T("journal.fiche." + kind)
	switch {
	case kind == "setting" && p.Has("settings."+id):
		return p.T("journal.record.named", what, p.T("settings."+id))
	case kind == "setting" && p.Has("settings."+id+".title"):
		return p.T("journal.record.named", what, p.T("settings."+id+".title"))
	case !l.StartsAt.IsZero():
		return p.T("journal.record.session", l.Name, p.DateHour(l.StartsAt.In(zone)))
	case l.Name != "":
		return p.T("journal.record.named", what, l.Name)
	default:
		return p.T("journal.record.numbered", what, id)
	}
}

// journalRecords are the details that hold the id of a record, by the kind of it. What « from » and « other » name depends on the act.
var journalRecords = map[string]string{
	"guardian": "guardian", "request": "request", "kit": "kit", "series": "series",
	"family.merge from": "guardian", "family.unmerge from": "guardian", "family.different other": "guardian", "family.alike other": "guardian",
}

// journalDetails are the values of a line, by the names of their fields, and before and after where it keeps both.
func (s *Server) journalDetails(l audit.Line, zone *time.Location) (list []journalDetail) {
	p := s.words
	for _, field := range slices.Sorted(maps.Keys(l.Details)) {
		value, name := l.Details[field], s.journalField(l.Action, field)
		if pair, ok := value.([]any); ok && len(pair) == 2 && field != "sessions" && field != "fields" {
			list = append(list, journalDetail{Text: p.T("journal.detail.changed", name, s.journalValue(field, pair[0], zone), s.journalValue(field, pair[1], zone))})
			continue
		}
		text, href := s.journalValue(field, value, zone), ""
		if pairs, ok := value.(string); ok && l.Action == "family.merge" && field == "children" && pairs != "" {
			text = s.journalMerged(pairs)
		}
		if id, ok := value.(float64); ok {
			if other, path := s.journalOther(l, field, int64(id), zone); other != "" {
				text, href = other, path
			}
		}
		list = append(list, journalDetail{Text: p.T("journal.detail", name, text), Href: href})
	}
	return list
}

// journalMerged says which records of children a merge made one, which its line has as 12→15.
func (s *Server) journalMerged(pairs string) string {
	var told []string
	for pair := range strings.SplitSeq(pairs, ", ") {
		from, into, _ := strings.Cut(pair, "→")
		told = append(told, s.words.T("journal.merged.child", from, into))
	}
	return strings.Join(told, ", ")
}

// journalField is what a detail of an act is called.
func (s *Server) journalField(action, field string) string {
	for _, key := range []string{"journal.field." + action + "." + field, "journal.field." + field} {
		if s.words.Has(key) {
			return s.words.T(key)
		}
	}
	return field
}

// journalOther says which record a detail names by its id, and where that is seen; nothing where the detail names none.
func (s *Server) journalOther(l audit.Line, field string, id int64, zone *time.Location) (text, href string) {
	p := s.words
	if field == "user" && l.UserName != "" {
		return l.UserName, personPath(id)
	}
	if (field == "session" || field == "from") && l.Other != "" {
		return p.T("journal.record.session", l.Other, p.DateHour(l.OtherStartsAt.In(zone))), deskSessionPath(id)
	}
	kind := journalRecords[field]
	if kind == "" {
		kind = journalRecords[l.Action+" "+field]
	}
	if kind == "" || id == 0 {
		return "", ""
	}
	switch kind {
	case "guardian":
		href = journalFamily(l, id)
	case "request", "kit": // of which no row is ever deleted
		href = journalPages[kind] + idText(id)
	}
	return p.T("journal.record.numbered", p.T("journal.fiche."+kind), idText(id)), href
}

// journalValue is one value in words: instants on the clock of the association, amounts in euros.
func (s *Server) journalValue(field string, value any, zone *time.Location) string {
	p := s.words
	switch v := value.(type) {
	case float64:
		if strings.HasSuffix(field, "cents") {
			return p.Money(int(v))
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return p.T("journal.value." + strconv.FormatBool(v))
	case []any:
		var texts []string
		for _, one := range v {
			texts = append(texts, s.journalValue(field, one, zone))
		}
		return strings.Join(texts, ", ")
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return p.DateHour(at.In(zone))
		}
		if role := account.Role(v); slices.Contains(account.Roles(), role) {
			return p.T(role.Label())
		}
		if key := "journal.value." + v; v != "" && p.Has(key) {
			return p.T(key)
		}
		if key := "journal.field." + v; field == "fields" && p.Has(key) {
			return p.T(key)
		}
		if v != "" {
			return v
		}
	}
	return p.T("journal.empty")
}

// journalColumns are those of the files, each with texts journal.column.NAME and journal.column.NAME.what.
var journalColumns = []string{"at", "utc", "who", "actor", "act", "action", "record", "details"}

// exportJournal writes the lines that are asked for, the newest first.
func (s *Server) exportJournal(c *gin.Context, w rows) error {
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	q, err := journalQuery(c, zone)
	if err != nil {
		return err
	}
	return s.Office.ExportJournal(c.Request.Context(), s.actor(c), q, journalExport, func(l audit.Line) error {
		line := s.journalLine(l, zone)
		var details []string
		for _, d := range line.Details {
			details = append(details, d.Text)
		}
		return w.Write(table.Text(line.At.Format(time.DateTime)), table.Text(l.At.UTC().Format(time.RFC3339)), table.Text(line.Who), table.Text(l.Actor), table.Text(line.Act), table.Text(l.Action),
			table.Text(l.Record), table.Text(strings.Join(details, " ; ")))
	})
}

func (s *Server) journalColumnNames() (names []string) {
	for _, column := range journalColumns {
		names = append(names, s.words.T("journal.column."+column))
	}
	return names
}

func getJournalCSV(s *Server, c *gin.Context) error {
	var file bytes.Buffer
	w, err := table.NewWriter(&file, s.journalColumnNames()...)
	if err != nil {
		return err
	}
	if err := s.exportJournal(c, w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return sendFile(c, "journal.csv", "text/csv; charset=utf-8", file.Bytes())
}

func getJournalWorkbook(s *Server, c *gin.Context) error {
	book := table.NewWorkbook()
	defer book.Discard()
	if err := book.Sheet(s.words.T("journal.title"), s.journalColumnNames()...); err != nil {
		return err
	}
	if err := s.exportJournal(c, book); err != nil {
		return err
	}
	if err := book.Sheet(s.words.T("journal.export.columns"), s.words.T("journal.export.column"), s.words.T("journal.export.meaning")); err != nil {
		return err
	}
	for _, column := range journalColumns {
		if err := book.Write(table.Text(s.words.T("journal.column."+column)), table.Text(s.words.T("journal.column."+column+".what"))); err != nil {
			return err
		}
	}
	var file bytes.Buffer
	if err := book.Finish(&file); err != nil {
		return err
	}
	return sendFile(c, "journal.xlsx", workbookType, file.Bytes())
}
