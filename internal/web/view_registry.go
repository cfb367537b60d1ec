package web

import "slices"

// declaredPages lists every page of the product. Each area keeps its own list beside
// its structs and adds one line here.
func declaredPages() []Declared {
	return slices.Concat(
		problemPages(),
		galleryPages(),
		demoPages(),
		cataloguePages(),
		bookingPages(),
		aboutPages(),
		erasurePages(),
		ownDataPages(),
		askPages(),
		accountPages(),
		familyPages(),
		deskPages(),
		facilitatePages(),
		requestPages(),
		classPages(),
	)
}
