package journey

// privacyShots are the pages by which guardians see, take and erase what is kept of them, and staff what went by itself.
func privacyShots() []shot {
	return []shot{
		{route: "/equipe/reglages/conservation", role: "staff", show: at("/equipe/reglages/conservation")},
		{route: "/compte/donnees", role: "family"},
		{route: "/compte/donnees/effacer", role: "family"},
		{route: "/compte/donnees/effacer", state: "asked", role: "family", show: func(b *tab) {
			b.open("/compte/donnees/effacer")
			b.send()
		}},
		{route: "/effacement/fait", show: at("/effacement/fait")},
		{route: "/effacement/:token/:signature", state: "nothing", show: at("/effacement/00000000000000000000000000000000.t0.00/AAAAAAAAAAAAAAAAAAAAAA"), status: 404},
	}
}
