package journey

// choosingSession is the one whose families choose what they pay. It is for children from 10 on.
const choosingSession = 16

// priceShots are the pages on which a family chooses what it pays.
func priceShots() []shot {
	lukasz := child{"Łukasz", "D'Artagnan-N'Guyen", "3", "9", "2014"}
	wrong := map[string]string{"tariff": "other", "tariff_other": "1"}
	return []shot{
		{route: "/inscription/:id/verification", state: "what one pays is to be chosen", show: bookingOf(choosingSession, lukasz.fields(1), careful, camille.fields())},
		{route: "/inscription/:id/verification", state: "wrong amount", show: bookingOf(choosingSession, lukasz.fields(1), careful, camille.fields(), wrong), status: 422},
		{route: "/inscriptions/:reference/:signature/tarif", show: func(b *tab) {
			b.open(newVisitor(b.t, common).book(choosingSession, family{"Łukasz Nguyễn", "tarif@exemple.fr", "06 12 34 56 78"}, lukasz).path + "/tarif")
		}},
	}
}
