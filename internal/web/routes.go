package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// routes is every page and action of the product, in one list. Paths are in French. A new route
// needs a row in the access matrix (access_test.go).
func (s *Server) routes(r *gin.Engine) {
	get := func(g gin.IRoutes, path string, h func(*Server, *gin.Context) error) {
		g.GET(path, s.handle(h))
		g.HEAD(path, s.handle(h))
	}
	post := func(g gin.IRoutes, path string, h func(*Server, *gin.Context) error) {
		g.POST(path, s.handle(h))
	}

	assets := gin.WrapH(s.assets)
	r.GET("/assets/*file", assets)
	r.HEAD("/assets/*file", assets)

	get(r, "/healthz", getHealth)

	// Catalogue: the same for everybody, kept as ready bytes.
	get(r, "/", getHome)
	get(r, "/seances", getSessions)
	get(r, "/seances/:id", getSession)
	get(r, "/seances/:id/agenda.ics", getSessionCalendar)
	get(r, "/agenda.ics", getCalendar)
	get(r, "/api/v1/sessions", getAPISessions)
	get(r, "/api/v1/sessions/:id", getAPISession)
	get(r, "/api/v1/openapi.json", getOpenAPI)
	get(r, "/plan-du-site", getMap)
	get(r, "/robots.txt", getRobots)
	get(r, "/sitemap.xml", getSiteMap)

	// Asking for a group workshop: four screens, then the status page.
	get(r, "/ecoles", getGroups)
	get(r, "/ecoles/demande", getAskOrganisation)
	post(r, "/ecoles/demande", postAskOrganisation)
	get(r, "/ecoles/demande/atelier", getAskWorkshop)
	post(r, "/ecoles/demande/atelier", postAskWorkshop)
	get(r, "/ecoles/demande/contact", getAskContact)
	post(r, "/ecoles/demande/contact", postAskContact)
	get(r, "/ecoles/demande/verification", getAskCheck)
	post(r, "/ecoles/demande/verification", postAskCheck)
	get(r, "/ecoles/demande/merci", getAskThanks)

	get(r, "/confidentialite", getPrivacy)
	get(r, "/accessibilite", getAccessibility)

	// Booking: four screens and the page of the booking they lead to.
	get(r, "/inscription/:id", getBookingChildren)
	post(r, "/inscription/:id", postBookingChildren)
	get(r, "/inscription/:id/sante", getBookingCare)
	post(r, "/inscription/:id/sante", postBookingCare)
	get(r, "/inscription/:id/coordonnees", getBookingContact)
	post(r, "/inscription/:id/coordonnees", postBookingContact)
	get(r, "/inscription/:id/verification", getBookingCheck)
	post(r, "/inscription/:id/verification", postBookingCheck)
	get(r, "/inscription/:id/age", getBookingAge)
	post(r, "/inscription/:id/recommencer", postBookingRestart)
	get(r, "/inscription-recue", getBookingReceived)

	booked := r.Group("/inscriptions/:reference/:signature", private)
	get(booked, "", getBooking)
	get(booked, "/agenda.ics", getBookingCalendar)
	get(booked, "/annuler", getBookingCancel)
	post(booked, "/annuler", postBookingCancel)
	post(booked, "/accepter", postOfferAccept)
	post(booked, "/refuser", postOfferDecline)
	post(booked, "/confirmer-adresse", postBookingProve)
	get(booked, "/chiffres", getBookingFigures)
	post(booked, "/chiffres", postBookingFigures)

	// What an organisation asked for, by the link of its contact.
	asked := r.Group("/demandes/:reference/:signature", private)
	get(asked, "", getRequest)
	get(asked, "/convention/:agreement", getAgreement)
	get(asked, "/convention/:agreement/convention.pdf", getAgreementFile)
	get(asked, "/dates/:slot", getChoose)
	post(asked, "/dates/:slot", postChoose)
	get(asked, "/autres-dates", getOtherDates)
	post(asked, "/autres-dates", postOtherDates)
	get(asked, "/agenda.ics", getRequestCalendar)
	get(asked, "/retirer", getRequestWithdraw)
	post(asked, "/retirer", postRequestWithdraw)
	get(asked, "/avis", getRequestFeedback)
	post(asked, "/avis", postRequestFeedback)
	post(asked, "/recommencer", postRequestAgain)
	get(asked, "/attestation", getRequestAttestation)
	get(asked, "/attestation.pdf", getRequestAttestationFile)
	get(asked, "/classe/:session", getStatusClass)
	post(asked, "/classe/:session", postStatusClass)

	get(asked, "/payeur", getPayerForm)
	post(asked, "/payeur", postPayerForm)
	get(asked, "/convention/:agreement/accepter", getAccept)
	post(asked, "/convention/:agreement/accepter", postAccept)
	get(asked, "/convention/:agreement/papier", getSignedPaper)
	post(asked, "/convention/:agreement/papier", postSignedPaper)

	// Who pays has pages of their own; both parties read the quote, and the one who pays agrees to it.
	payer := r.Group("/payeurs/:reference/:signature", private)
	get(payer, "", getPayer)
	for _, party := range []gin.IRoutes{asked, payer} {
		get(party, "/devis/:quote", getQuote)
		get(party, "/devis/:quote/devis.pdf", getQuoteFile)
		get(party, "/devis/:quote/accepter", getAccept)
		post(party, "/devis/:quote/accepter", postAccept)
		get(party, "/devis/:quote/papier", getSignedPaper)
		post(party, "/devis/:quote/papier", postSignedPaper)
		get(party, "/devis/:quote/refuser", getRefuse)
		post(party, "/devis/:quote/refuser", postRefuse)
		get(party, "/factures/:invoice", getInvoice)
		get(party, "/factures/:invoice/facture.pdf", getInvoiceFile)
	}

	// What somebody agreed to on a page is confirmed from the mailbox.
	confirmed := r.Group("/confirmations/:id/:signature", private)
	get(confirmed, "", getConfirm)
	post(confirmed, "", postConfirm)

	// The team's door. No other route reads the sign-in cookie.
	door := r.Group("", private, s.findActor)
	get(door, "/connexion", getSignIn)
	post(door, "/connexion", postSignIn)
	post(door, "/deconnexion", postSignOut)

	// Animation: whoever leads a session, on the day. What a role sees there is for attendance to say.
	led := r.Group("/animation", private, s.signedIn)
	get(led, "", getAgenda)
	get(led, "/disponibilites", getOwnTimetable)
	post(led, "/disponibilites", postOwnTimetable)
	get(led, "/seances/:id", getRegister)
	post(led, "/seances/:id/pointages", postMark)
	get(led, "/seances/:id/transmettre", getHandOver)
	post(led, "/seances/:id/transmettre", postHandOver)
	get(led, "/seances/:id/feuille", getSheet)
	get(led, "/seances/:id/feuille.pdf", getSheetFile)
	get(led, "/seances/:id/classe", getLedClass)
	post(led, "/seances/:id/classe", postLedClass)
	get(led, "/seances/:id/effectif", getCount)
	post(led, "/seances/:id/effectif", postCount)
	get(led, "/seances/:id/prenoms", getEraseNames)
	post(led, "/seances/:id/prenoms", postEraseNames)
	get(led, "/seances/:id/attestations", getCertificates)
	post(led, "/seances/:id/attestations", postCertificates)
	get(led, "/seances/:id/attestations.pdf", getCertificateFile)
	get(led, "/seances/:id/attestations/papier", getCertificatePapers)
	get(led, "/seances/:id/attestations/:attestation/annuler", getRevoke)
	post(led, "/seances/:id/attestations/:attestation/annuler", postRevoke)

	// What the QR code of a certificate leads to.
	get(r, "/attestations", getCertificateForm)
	get(r, "/attestations/:code", getCertificate)

	// The desk: all of the team but facilitators reads; staff change the programme, admins the team.
	desk := r.Group("/equipe", private, s.signedIn, s.only(mayUseDesk))
	get(desk, "", getDesk)
	get(desk, "/seances", getDeskSessions)
	get(desk, "/seances/:id", getDeskSession)
	get(desk, "/ateliers", getWorkshops)
	get(desk, "/lieux", getVenues)
	get(desk, "/demandes", getInbox)
	get(desk, "/demandes/tableau", getBoard)
	get(desk, "/demandes/:id", getRequestDesk)
	get(desk, "/bilan/groupes", getGroupReport)
	get(desk, "/demandes/:id/attestation", getDeskAttestation)
	get(desk, "/demandes/:id/attestation.pdf", getDeskAttestationFile)
	get(desk, "/demandes/:id/convention", getAgreementDesk)
	get(desk, "/demandes/:id/convention/:agreement", getDeskAgreement)
	get(desk, "/demandes/:id/convention/:agreement/convention.pdf", getDeskAgreementFile)

	get(desk, "/demandes/:id/devis/:quote", getDeskQuote)
	get(desk, "/demandes/:id/devis/:quote/devis.pdf", getDeskQuoteFile)
	get(desk, "/demandes/:id/papiers/:upload", getSigned)
	get(desk, "/demandes/:id/factures/:invoice", getDeskInvoice)
	get(desk, "/demandes/:id/factures/:invoice/facture.pdf", getDeskInvoiceFile)
	get(desk, "/factures", getAccounts)

	programme := desk.Group("", s.only(account.Actor.CanManage))
	get(programme, "/seances/nouvelle", getSessionNew)
	post(programme, "/seances/nouvelle", postSessionNew)
	get(programme, "/seances/:id/modifier", getSessionEdit)
	post(programme, "/seances/:id/modifier", postSessionEdit)
	post(programme, "/seances/:id/publier", postSessionPublish)
	post(programme, "/seances/:id/dupliquer", postSessionDuplicate)
	get(programme, "/seances/:id/annuler", getSessionCancel)
	post(programme, "/seances/:id/annuler", postSessionCancel)
	post(programme, "/seances/:id/animer", postSessionAssign)
	post(programme, "/seances/:id/retirer", postSessionUnassign)
	get(programme, "/seances/:id/inscriptions.csv", getSessionExport)
	get(programme, "/bilan/groupes.csv", getGroupReportFile)
	get(programme, "/ateliers/nouveau", getWorkshopNew)
	post(programme, "/ateliers/nouveau", postWorkshopNew)
	get(programme, "/ateliers/:id", getWorkshopEdit)
	post(programme, "/ateliers/:id", postWorkshopEdit)
	get(programme, "/lieux/nouveau", getVenueNew)
	post(programme, "/lieux/nouveau", postVenueNew)
	get(programme, "/lieux/:id", getVenueEdit)
	post(programme, "/lieux/:id", postVenueEdit)
	post(programme, "/seances/:id/materiel", postSessionKit)
	post(programme, "/seances/:id/materiel/retirer", postSessionKitLeave)
	get(programme, "/materiel", getKits)
	get(programme, "/materiel/nouveau", getKitNew)
	post(programme, "/materiel/nouveau", postKitNew)
	get(programme, "/materiel/:id", getKitEdit)
	post(programme, "/materiel/:id", postKitEdit)
	get(programme, "/disponibilites", getTimetables)
	get(programme, "/disponibilites/:id", getDeskTimetable)
	post(programme, "/disponibilites/:id", postDeskTimetable)
	get(programme, "/demandes/:id/dates", getPlan)
	post(programme, "/demandes/:id/dates", postPlan)
	post(programme, "/demandes/:id/dates/retirer", postSlotWithdraw)
	get(programme, "/demandes/:id/dates/annuler", getReschedule)
	post(programme, "/demandes/:id/dates/annuler", postReschedule)
	post(programme, "/demandes/:id/repondre", postRequestAnswer)
	post(programme, "/demandes/:id/confier", postRequestAssign)
	post(programme, "/demandes/:id/prevoir", postRequestPlan)
	post(programme, "/demandes/:id/note", postRequestNote)
	get(programme, "/demandes/:id/contact", getRequestContact)
	post(programme, "/demandes/:id/contact", postRequestContact)
	get(programme, "/demandes/:id/sans-devis", getRequestNoQuote)
	post(programme, "/demandes/:id/sans-devis", postRequestNoQuote)
	get(programme, "/demandes/:id/sans-convention", getRequestNoAgreement)
	post(programme, "/demandes/:id/sans-convention", postRequestNoAgreement)
	get(programme, "/demandes/:id/decliner", getRequestDecline)
	post(programme, "/demandes/:id/decliner", postRequestDecline)
	get(programme, "/demandes/:id/payeur", getDeskPayer)
	post(programme, "/demandes/:id/payeur", postDeskPayer)
	get(programme, "/demandes/:id/devis", getQuoteForm)
	post(programme, "/demandes/:id/devis", postQuoteForm)
	get(programme, "/demandes/:id/devis/:quote/accepter", getRecord)
	post(programme, "/demandes/:id/devis/:quote/accepter", postRecord)
	get(programme, "/demandes/:id/convention/:agreement/accepter", getRecord)
	post(programme, "/demandes/:id/convention/:agreement/accepter", postRecord)
	post(programme, "/demandes/:id/papiers/:upload/verifier", postVerify)
	get(programme, "/demandes/:id/factures", getInvoiceForm)
	post(programme, "/demandes/:id/factures", postInvoiceForm)
	post(programme, "/demandes/:id/factures/:invoice/avoir", postCredit)
	post(programme, "/demandes/:id/factures/:invoice/paiements", postPayment)
	post(programme, "/demandes/:id/factures/:invoice/paiements/:payment/annuler", postReverse)
	get(programme, "/factures.csv", getBook)
	get(programme, "/mails", getMails)
	post(programme, "/mails/:id/renvoyer", postMailResend)
	get(programme, "/reglages", getSettings)
	post(programme, "/reglages", postSettings)
	get(programme, "/reglages/convention", getAgreementText)
	post(programme, "/reglages/convention", postAgreementText)
	post(programme, "/demandes/:id/convention", postAgreementDesk)

	people := desk.Group("/personnes", s.only(account.Actor.CanAdminister))
	get(people, "", getPeople)
	get(people, "/nouvelle", getPersonNew)
	post(people, "/nouvelle", postPersonNew)
	get(people, "/:id", getPerson)
	post(people, "/:id/role", postPersonRole)
	post(people, "/:id/mot-de-passe", postPersonPassword)
	post(people, "/:id/acces", postPersonAccess)
}

// Route is one method and path that the server answers.
type Route struct{ Method, Path string }

// Routes lists every route, by path and method, for the tests that must leave none out.
func (s *Server) Routes() []Route {
	var all []Route
	for _, r := range s.engine.Routes() {
		all = append(all, Route{r.Method, r.Path})
	}
	slices.SortFunc(all, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return all
}
