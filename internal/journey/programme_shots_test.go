package journey

import (
	"strings"

	"github.com/chromedp/chromedp"
)

// importing sends these rows as the file of a programme.
func importing(rows ...string) func(*tab) {
	const header = "date;start;end;theme;level;discipline;min_age;max_age;venue;address;postcode;city;price_eur\n"
	return func(b *tab) {
		b.open("/equipe/seances/importer")
		eval[chromedp.Void](b, `(() => {
			const files = new DataTransfer();
			files.items.add(new File([`+quoted(header+strings.Join(rows, "\n"))+`], "programme.csv", {type: "text/csv"}));
			document.querySelector("main input[type=file]").files = files.files;
		})()`)
		b.send()
	}
}

// programmeShots are the pages where the team brings sessions by a file, and is asked back before one is saved.
func programmeShots() []shot {
	const place = ";Initiation;robotique;6;12;Espace Altnet;7 place Louis Chazette;69001;Lyon;14"
	// Where and when another session is, at a price, so that all is shown.
	conflict := func(b *tab) {
		b.open(numbered("/equipe/seances/:id/modifier", quietSession))
		value := func(name string) string {
			return eval[string](b, `document.querySelector("main [name=`+name+`]").value`)
		}
		fields := map[string]string{"workshop": value("workshop"), "venue": value("venue"), "date": value("date"), "starts": value("starts"), "pricing": "session", "price": "14,50"}
		sent("/equipe/seances/nouvelle", fields)(b)
	}
	return []shot{
		{route: "/equipe/seances/nouvelle", role: "staff", state: "something is in the way", show: conflict, status: 409},
		{route: "/equipe/seances/nouvelle", role: "staff", state: "free and priced", show: sent("/equipe/seances/nouvelle", map[string]string{"pricing": "free", "price": "9"}), status: 422},
		{route: "/equipe/seances/importer", role: "staff"},
		{route: "/equipe/seances/importer", role: "staff", state: "wrong", show: importing("2027-05-15;14:00;14:00;Robots"+place, "15/05/2027;quatorze;16:00;"+place), status: 422},
		{route: "/equipe/seances/importer", role: "staff", state: "to check", show: importing(
			"2027-05-15;14:00;16:00;Robots qui dansent à "+strings.Repeat("Wolfeschlegel", 6)+place, "2027-07-14;14:00;16:00;Robots"+place)},
		{route: "/equipe/seances/nouvelle", role: "staff", state: "hour that comes twice", show: sent("/equipe/seances/nouvelle", map[string]string{
			"workshop": "1", "venue": "1", "date": "2027-10-31", "starts": "02:30", "ends": "04:00", "price": "cher"}), status: 422},
	}
}
