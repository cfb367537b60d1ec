package journey

// choosingSession is the one whose families choose what they pay.
const choosingSession = 16

// priceShots are the pages on which a family chooses what it pays.
func priceShots() []shot {
	booked := func(b *tab) {
		b.open(newVisitor(b.t, common).book(choosingSession, family{"Łukasz Nguyễn", "tarif@exemple.fr", "06 12 34 56 78"}, zoe).path + "/tarif")
	}
	return []shot{
		{route: "/inscription/:id/verification", state: "what one pays is to be chosen", show: bookingOf(choosingSession, zoe.fields(1), careful, camille.fields())},
		{route: "/inscription/:id/verification", state: "wrong amount", show: bookingOf(choosingSession, zoe.fields(1), careful, camille.fields(), map[string]string{"tariff": "other", "tariff_other": "1"}), status: 422},
		{route: "/inscriptions/:reference/:signature/tarif", show: booked},
	}
}
