package journey

// teacherOfTheDemo has signed the third agreement of the demo.
const teacherOfTheDemo = "zoe@lucioles.example.org"

// agreementShots are the pages of an agreement, those of the demo's third request.
func agreementShots() []shot {
	return []shot{
		{route: "/demandes/:reference/:signature/convention/:agreement", role: "staff", show: func(b *tab) {
			b.open(common.letter(b.t, teacherOfTheDemo, "/demandes/")+"/convention/3").says(200, "Signée")
		}},
		{route: "/equipe/demandes/:id/convention", role: "staff", show: func(b *tab) { b.open("/equipe/demandes/3/convention").says(200, "version 1") }},
		{route: "/equipe/demandes/:id/convention/:agreement", role: "staff", show: func(b *tab) { b.open("/equipe/demandes/3/convention/3").says(200, "Signée") }},
	}
}
