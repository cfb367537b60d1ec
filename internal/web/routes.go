package web

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// routes is every page and action of the product, in one list. Paths are in French. A new route
// needs a row in the access matrix (access_test.go).
func (s *Server) routes(r *gin.Engine) {
	get, post := s.verbs()
	assets := gin.WrapH(s.assets)
	r.GET("/assets/*file", assets)
	r.HEAD("/assets/*file", assets)

	get(r, "/healthz", getHealth)

	// For machines, in one language.
	get(r, "/api/v1/sessions", getAPISessions)
	get(r, "/api/v1/sessions/:id", getAPISession)
	get(r, "/api/v1/openapi.json", getOpenAPI)
	get(r, "/robots.txt", getRobots)
	get(r, "/sitemap.xml", getSiteMap)

	for _, lang := range words.Offered() {
		home := "/"
		if lang != words.French {
			home = ""
		}
		s.in(lang).publicRoutes(r.Group(lang.Path("")), home)
	}

	// The team's door. No other route reads the sign-in cookie.
	door := r.Group("", private, s.findActor)
	get(door, "/connexion", getSignIn)
	post(door, "/connexion", postSignIn)
	post(door, "/deconnexion", postSignOut)
	get(door, ForgottenPath, getForgotten)
	post(door, ForgottenPath, postForgotten)
	get(door, codePath, getCode)
	post(door, codePath, postCode)
	get(door, enrolPath, getEnrol)
	post(door, enrolPath, postEnrol)
	get(door, PasswordPath(":acces"), getPassword)
	post(door, PasswordPath(":acces"), postPassword)

	// The calendar of what somebody leads, for programs that have no cookie.
	get(r.Group("", private), feedRoute, getFeed)

	// Animation: whoever leads a session, on the day. What a role sees there is for attendance to say.
	led := r.Group("/animation", private, s.signedIn)
	get(led, "", getAgenda)
	get(led, "/compte", getSelf)
	get(led, "/compte/mot-de-passe", getSelfPassword)
	post(led, "/compte/mot-de-passe", postSelfPassword)
	post(led, "/compte/agenda", postFeedRenew)
	get(led, "/compte/codes", getSelfCodes)
	post(led, "/compte/codes", postSelfCodes)
	get(led, "/compte/application", getSelfFactor)
	post(led, "/compte/application", postSelfFactor)
	get(led, "/disponibilites", getOwnTimetable)
	post(led, "/disponibilites", postOwnTimetable)
	get(led, "/seances/:id", getRegister)
	post(led, "/seances/:id/pointages", postMark)
	post(led, "/seances/:id/journal", postJournal)
	get(r.Group("", private, s.signedIn), statesRoute, getStates)
	get(led, "/seances/:id/enfants/:inscription", getChild)
	post(led, "/seances/:id/enfants/:inscription/depart", postDepart)
	get(led, "/seances/:id/ajouter", getWalkIn)
	post(led, "/seances/:id/ajouter", postWalkIn)
	post(led, "/seances/:id/absents", postNotArrived)
	post(led, "/seances/:id/presence", postPresence)
	get(led, "/seances/:id/incident", getIncident)
	post(led, "/seances/:id/incident", postIncident)
	get(led, "/seances/:id/cloture", getClose)
	post(led, "/seances/:id/cloture", postClose)
	post(led, "/seances/:id/cloture/pointages", postSettle)
	post(led, "/seances/:id/cloture/rouvrir", postReopen)
	post(led, "/seances/:id/appels", postStandby)
	get(led, "/seances/:id/transmettre", getHandOver)
	post(led, "/seances/:id/transmettre", postHandOver)
	get(led, "/seances/:id/feuille", getSheet)
	get(led, "/seances/:id/feuille.pdf", getSheetFile)
	get(led, "/seances/:id/feuille-vierge", getBlankSheet)
	get(led, "/seances/:id/feuille-vierge.pdf", getBlankSheetFile)
	get(led, "/seances/:id/affiche", getPoster)
	get(led, "/seances/:id/affiche.pdf", getPosterFile)
	get(led, "/feuilles", getSheets)
	get(led, "/feuilles.pdf", getSheetsFile)
	get(led, "/feuille-vierge", getUnplannedSheet)
	get(led, "/feuille-vierge.pdf", getUnplannedSheetFile)
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
	get(led, "/cycles/:id", getSeries)
	post(led, "/cycles/:id", postSeries)
	get(led, "/cycles/:id/attestations.pdf", getSeriesFile)
	get(led, "/cycles/:id/attestations/papier", getSeriesPapers)
	for _, about := range []string{"/seances/:id/attestations/:attestation", "/cycles/:id/attestations/:attestation"} {
		get(led, about+"/annuler", getRevoke)
		post(led, about+"/annuler", postRevoke)
		get(led, about+"/refaire", getReissue)
		post(led, about+"/refaire", postReissue)
	}

	// What makes a tablet go on without a network: the same for everybody, and nothing of anybody.
	get(r, "/hors-ligne", getOffline)
	get(r, "/sw.js", getWorker)
	get(r, "/manifest.webmanifest", getManifest)

	// The desk: all of the team but facilitators reads; staff change the programme, admins the team.
	desk := r.Group("/equipe", private, s.signedIn, s.only(mayUseDesk))
	get(desk, "", getDesk)
	get(desk, "/seances", getDeskSessions)
	get(desk, "/seances/:id", getDeskSession)
	get(desk, "/seances/:id/attente", getWaitingList)
	get(desk, "/inscriptions/:reference", getDeskBooking)
	get(desk, "/ateliers", getWorkshops)
	get(desk, "/lieux", getVenues)
	get(desk, "/vacances", getHolidays)
	get(desk, "/plans/:id", getSchedule)
	get(desk, "/demandes", getInbox)
	get(desk, "/demandes/tableau", getBoard)
	get(desk, "/demandes/:id", getRequestDesk)
	get(desk, "/bilan", getBilan)
	get(desk, "/bilan/groupes", getGroupReport)
	get(desk, "/messages", getMessages)
	get(desk, "/messages/nouveau", getMessageNew)
	post(desk, "/messages/nouveau", postMessageNew)
	post(desk, "/messages/envoyer", postMessageSend)
	get(desk, "/messages/:id", getMessage)
	get(desk, "/messages/modeles", getTexts)
	get(desk, "/messages/modeles/nouveau", textRecord.getNew)
	post(desk, "/messages/modeles/nouveau", textRecord.postNew)
	get(desk, "/messages/modeles/:id", textRecord.getEdit)
	post(desk, "/messages/modeles/:id", textRecord.postEdit)
	post(desk, "/messages/modeles/:id/retirer", postTextDrop)
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
	post(programme, "/vacances", postHolidays)
	post(programme, "/vacances/enregistrer", postHolidaysReplace)
	get(programme, "/seances/planifier", getRegular)
	post(programme, "/seances/planifier", postRegular)
	get(programme, "/seances/planifier/dates", getRegularDates)
	get(programme, "/plans/:id/modifier", getScheduleEdit)
	post(programme, "/plans/:id/modifier", postScheduleEdit)
	get(programme, "/seances/publier", getPublish)
	post(programme, "/seances/publier", postPublish)
	get(programme, "/seances/:id/modifier", getSessionEdit)
	post(programme, "/seances/:id/modifier", postSessionEdit)
	post(programme, "/seances/:id/publier", postSessionPublish)
	post(programme, "/seances/:id/dupliquer", postSessionDuplicate)
	post(programme, "/seances/:id/cycle", postSessionSeries)
	post(programme, "/seances/:id/financement", postSessionFunding)
	get(programme, "/seances/:id/annuler", getSessionCancel)
	post(programme, "/seances/:id/annuler", postSessionCancel)
	post(programme, "/seances/:id/retablir", postSessionRestore)
	post(programme, "/seances/:id/animer", postSessionAssign)
	post(programme, "/seances/:id/retirer", postSessionUnassign)
	get(programme, "/seances/:id/inscriptions.csv", getSessionExport)
	get(programme, "/inscriptions/:reference/effacer", getEraseFamily)
	post(programme, "/inscriptions/:reference/effacer", postEraseFamily)
	post(programme, "/seances/:id/attente", postWaitingList)
	post(programme, "/seances/:id/incidents", postIncidentSeen)
	get(programme, "/seances/:id/inscrire", getPhone)
	post(programme, "/seances/:id/inscrire", postPhone)

	// What the team does for a family that called.
	get(programme, "/inscriptions/:reference/proposer", getBookingOffer)
	post(programme, "/inscriptions/:reference/proposer", postBookingOffer)
	get(programme, "/inscriptions/:reference/donner", getBookingGive)
	post(programme, "/inscriptions/:reference/donner", postBookingGive)
	post(programme, "/inscriptions/:reference/accepter", postBookingAccept)
	get(programme, "/inscriptions/:reference/refuser", getBookingDecline)
	post(programme, "/inscriptions/:reference/refuser", postBookingDecline)
	get(programme, "/inscriptions/:reference/annuler", getBookingLeave)
	post(programme, "/inscriptions/:reference/annuler", postBookingLeave)
	get(programme, "/inscriptions/:reference/souhaits", getBookingWishes)
	post(programme, "/inscriptions/:reference/souhaits", postBookingWishes)
	get(programme, "/inscriptions/:reference/autre-seance", getBookingJoin)
	post(programme, "/inscriptions/:reference/autre-seance", postBookingJoin)
	post(programme, "/inscriptions/:reference/lien", postBookingLink)
	get(programme, "/inscriptions/:reference/changer", getDeskMove)
	post(programme, "/inscriptions/:reference/changer", postDeskMove)
	get(programme, "/inscriptions/a-confirmer", getUnproved)
	post(programme, "/inscriptions/a-confirmer", postUnproved)

	get(programme, "/familles/:id", followMerge(getDeskFamily))
	get(programme, "/familles/:id/contact", followMerge(getFamilyContact))
	post(programme, "/familles/:id/contact", followMerge(postFamilyContact))
	post(programme, "/familles/:id/notes", followMerge(postFamilyNote))
	post(programme, "/familles/:id/quartier", followMerge(postFamilyQPV))
	post(programme, "/familles/:id/notes/communiquer", followMerge(postNoteRelease))
	get(programme, "/familles/:id/notes/:note/retirer", followMerge(getNoteDrop))
	post(programme, "/familles/:id/notes/:note/retirer", followMerge(postNoteDrop))
	get(programme, "/familles/doublons", getSuspects)
	post(programme, "/familles/doublons/ecarter", postDifferent)
	post(programme, "/familles/doublons/reprendre", postAlike)
	get(programme, "/familles/:id/reunir/:fiche", followMerge(getMerge))
	post(programme, "/familles/:id/reunir/:fiche", followMerge(postMerge))
	post(programme, "/familles/:id/separer", followMerge(postUnmerge))

	get(programme, "/bilan.pdf", getBilanPaper)
	get(programme, "/bilan.xlsx", getBilanWorkbook)
	get(programme, "/bilan.csv", getBilanCSV)
	get(programme, "/bilan/presences.xlsx", getPresencesWorkbook)
	get(programme, "/bilan/presences.csv", getPresencesCSV)
	get(programme, "/bilan/groupes.csv", getGroupReportFile)
	get(programme, "/ateliers/nouveau", workshopRecord.getNew)
	post(programme, "/ateliers/nouveau", workshopRecord.postNew)
	get(programme, "/ateliers/:id", workshopRecord.getEdit)
	post(programme, "/ateliers/:id", workshopRecord.postEdit)
	get(programme, "/lieux/nouveau", venueRecord.getNew)
	post(programme, "/lieux/nouveau", venueRecord.postNew)
	get(programme, "/lieux/:id", venueRecord.getEdit)
	post(programme, "/lieux/:id", venueRecord.postEdit)
	post(programme, "/seances/:id/materiel", postSessionKit)
	post(programme, "/seances/:id/materiel/retirer", postSessionKitLeave)
	get(programme, "/familles", getFamilies)
	get(programme, "/materiel", getKits)
	get(programme, "/materiel/nouveau", kitRecord.getNew)
	post(programme, "/materiel/nouveau", kitRecord.postNew)
	get(programme, "/materiel/:id", kitRecord.getEdit)
	post(programme, "/materiel/:id", kitRecord.postEdit)
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
	get(programme, "/paiements", getMoney)
	get(programme, "/paiements/journal", getMoneyJournal)
	get(programme, "/paiements/journal.csv", getMoneyJournalCSV)
	get(programme, "/paiements/journal.xlsx", getMoneyJournalWorkbook)
	get(programme, "/paiements/familles/:id", followMergeTo(moneyOf, getPayerMoney))
	post(programme, "/paiements/familles/:id", followMergeTo(moneyOf, postPayerMoney))
	post(programme, "/paiements/familles/:id/compter", followMergeTo(moneyOf, postCharge))
	post(programme, "/paiements/familles/:id/decompter", followMergeTo(moneyOf, postUncharge))
	get(programme, "/paiements/recus/:recu", getReceipt)
	get(programme, "/paiements/recus/:recu/recu.pdf", getReceiptFile)
	post(programme, "/paiements/recus/:recu/annuler", postTakeBack)
	get(programme, "/inscriptions/:reference/encaisser", getBookingMoney)
	get(programme, "/appels", getCalls)
	post(programme, "/appels", postCall)
	get(programme, "/mails", getMails)
	post(programme, "/mails/:id/renvoyer", postMailResend)
	post(programme, "/mails/reprendre", postMailsResume)
	get(programme, "/inscriptions/:reference/ne-pas-remettre", getBarred)
	post(programme, "/inscriptions/:reference/ne-pas-remettre", postBarred)
	post(programme, "/inscriptions/:reference/ne-pas-remettre/lever", postBarLift)
	get(programme, "/etat", getAlerts)
	get(programme, "/numeros", getNumbers)
	post(programme, "/numeros", postNumbers)
	get(programme, "/reglages", getSettings)
	post(programme, "/reglages", postSettings)
	get(programme, "/reglages/conservation", getRetention)
	get(programme, "/reglages/signature.png", getSignature)
	post(programme, "/reglages/signature", postSignature)
	get(programme, "/reglages/convention", getAgreementText)
	post(programme, "/reglages/convention", postAgreementText)
	post(programme, "/demandes/:id/convention", postAgreementDesk)

	admins := desk.Group("", s.only(account.Actor.CanAdminister))
	get(admins, "/journal", getJournal)
	get(admins, "/journal.csv", getJournalCSV)
	get(admins, "/journal.xlsx", getJournalWorkbook)

	people := admins.Group("/personnes")
	get(people, "", getPeople)
	get(people, "/nouvelle", getPersonNew)
	post(people, "/nouvelle", postPersonNew)
	get(people, "/:id", getPerson)
	get(people, "/:id/corriger", getPersonCorrect)
	post(people, "/:id/corriger", postPersonCorrect)
	post(people, "/:id/honorabilite", postPersonHonorability)
	post(people, "/:id/role", postPersonRole)
	post(people, "/:id/lien", postPersonLink)
	post(people, "/:id/acces", postPersonAccess)
	post(people, "/:id/application", postPersonFactor)
}

// publicRoutes are the pages of families and schools, in one language: whatever is added here is there in all of them.
// home is what the path of the home page adds to that of the group.
func (s *Server) publicRoutes(r *gin.RouterGroup, home string) {
	get, post := s.verbs()

	// Catalogue: the same for everybody, kept as ready bytes.
	get(r, home, welcome(getHome))
	get(r, "/seances", welcome(getSessions))
	get(r, "/seances/:id", welcome(getSession))
	get(r, "/seances/:id/agenda.ics", getSessionCalendar)
	get(r, "/agenda.ics", getCalendar)
	get(r, "/plan-du-site", welcome(getMap))

	// Asking for a group workshop: four screens, then the status page.
	get(r, "/ecoles", welcome(getGroups))
	get(r, "/ecoles/demande", getAskOrganisation)
	post(r, "/ecoles/demande", postAskOrganisation)
	get(r, "/ecoles/demande/atelier", getAskWorkshop)
	post(r, "/ecoles/demande/atelier", postAskWorkshop)
	get(r, "/ecoles/demande/contact", getAskContact)
	post(r, "/ecoles/demande/contact", postAskContact)
	get(r, "/ecoles/demande/verification", getAskCheck)
	post(r, "/ecoles/demande/verification", postAskCheck)
	get(r, "/ecoles/demande/merci", getAskThanks)

	get(r, "/confidentialite", welcome(getPrivacy))
	get(r, "/accessibilite", welcome(getAccessibility))

	// Booking: four screens and the page of the booking they lead to.
	booking := r.Group("/inscription/:id", s.findFamily)
	get(booking, "", getBookingChildren)
	post(booking, "", postBookingChildren)
	get(booking, "/sante", getBookingCare)
	post(booking, "/sante", postBookingCare)
	get(booking, "/coordonnees", getBookingContact)
	post(booking, "/coordonnees", postBookingContact)
	get(booking, "/verification", getBookingCheck)
	post(booking, "/verification", postBookingCheck)
	get(booking, "/age", getBookingAge)
	post(booking, "/recommencer", postBookingRestart)
	get(booking, "/plus-tard", getBookingLater)
	post(booking, "/plus-tard", postBookingLater)
	own := r.Group("/inscription/:id/famille", private, s.family)
	get(own, "", getBookingOwn)
	post(own, "", postBookingOwn)
	myself := r.Group("/inscription/:id/moi", private, s.young)
	get(myself, "", getMyself)
	post(myself, "", postMyself)
	get(r, "/inscription-recue", getBookingReceived)
	resumed := r.Group("/reprendre/:brouillon/:signature", private)
	get(resumed, "", getBookingResume)
	post(resumed, "", postBookingResume)

	booked := r.Group("/inscriptions/:reference/:signature", private, s.ownedBooking)
	get(booked, "", getBooking)
	get(booked, "/agenda.ics", getBookingCalendar)
	get(booked, "/tarif", getBookingTariff)
	post(booked, "/tarif", postBookingTariff)
	get(booked, "/annuler", getBookingCancel)
	post(booked, "/annuler", postBookingCancel)
	post(booked, "/accepter", postOfferAccept)
	post(booked, "/refuser", postOfferDecline)
	post(booked, "/revenir", postBookingBack)
	get(booked, "/attente", getFamilyWishes)
	post(booked, "/attente", postFamilyWishes)
	get(booked, "/deuxieme-choix", getBookingSecond)
	post(booked, "/deuxieme-choix", postBookingSecond)
	get(booked, "/autre-seance", getBookingMove)
	post(booked, "/autre-seance", postBookingMove)
	post(booked, "/confirmer-adresse", postBookingProve)
	post(booked, "/copies", postStopCopies)
	get(booked, "/toujours-partants", getBookingComing)
	post(booked, "/toujours-partants", postBookingComing)
	get(booked, "/completer", getComplete)
	post(booked, "/completer", postComplete)
	get(booked, "/chiffres", getBookingFigures)
	post(booked, "/chiffres", postBookingFigures)

	// Everything kept of a guardian goes, by a link mailed to them.
	erasing := r.Group("/effacement", private)
	get(erasing, "/fait", getErasureDone)
	get(erasing, "/:token/:signature", getErasure)
	post(erasing, "/:token/:signature", postErasure)

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

	s.familyRoutes(r)

	// What the children of a family have done, by a mailed link.
	maker := r.Group("/passeport/:reference/:signature", private)
	get(maker, "", getPassport)
	get(maker, "/:code", getPassportPaper)

	// What the QR code of a certificate leads to.
	get(r, "/attestations", welcome(getCertificateForm))
	get(r, "/attestations/:code", welcome(getCertificate))
}

// familyRoutes are the space of a family and its door.
func (s *Server) familyRoutes(r *gin.RouterGroup) {
	get, post := s.verbs()

	// A link by mail opens it. Nobody learns at the door which address is known.
	ask := r.Group("", private, s.findFamily)
	get(ask, "/compte/connexion", getFamilyDoor)
	post(ask, "/compte/connexion", postFamilyDoor)
	get(ask, "/compte/entrer/:link", getEnter)
	post(ask, "/compte/entrer/:link", postEnter)
	post(ask, "/compte/entrer/:link/nouveau", postLinkAgain)
	post(ask, "/compte/deconnexion", postFamilySignOut)
	get(ask, "/compte/adresse/:change", getEmailConfirm)
	post(ask, "/compte/adresse/:change", postEmailConfirm)
	get(ask, "/compte/invitation/:invite", getInvitation)
	post(ask, "/compte/invitation/:invite", postInvitation)

	get(r.Group("", private, s.young), "/compte/moi", getYoung)

	own := r.Group("/compte", private, s.family)
	get(own, "", getSpace)
	get(own, "/reconnaitre", getStrangers)
	post(own, "/reconnaitre", postOwnAll)
	post(own, "/reconnaitre/:claim", postOwn)
	get(own, "/reconnaitre/:claim/refuser", getDisown)
	post(own, "/reconnaitre/:claim/refuser", postDisown)
	post(own, "/deconnexion-partout", postSignOutEverywhere)
	get(own, "/donnees", getOwnData)
	post(own, "/donnees", postOwnData)
	get(own, "/donnees/copie", getDossier)
	get(own, "/donnees/effacer", getAskErasure)
	post(own, "/donnees/effacer", postAskErasure)
	for path, page := range map[string]func(*Server, *gin.Context) error{
		"/coordonnees": editContact, "/urgence": editEmergency, "/langue": editLanguage, "/nouvelles": editNewsletter, "/adresse": editEmail,
		"/enfants/:child/identite": editIdentity, "/enfants/:child/sante": editHealth, "/enfants/:child/depart": editDeparture,
		"/enfants/:child/photos": editImage, "/enfants/:child/photos/retirer": editImageOff, "/enfants/:child/quitter": editLeave, "/enfants/:child/espace": editYoung,
		"/responsables/inviter": editInvite,
	} {
		get(own, path, page)
		post(own, path, page)
	}
	get(own, "/enfants/:child", getFamilyChild)
	get(own, "/responsables", getGuardians)
	post(own, "/responsables/:invitation/retirer", postInvitationWithdraw)
	get(own, "/paiements", getOwnMoney)
	get(own, "/paiements/:recu", getOwnReceipt)
	get(own, "/paiements/:recu/recu.pdf", getOwnReceiptFile)
	get(own, "/passeport", getPassport)
	get(own, "/passeport/:code", getPassportPaper)
}

// verbs add a route whose handler speaks the language of this server.
func (s *Server) verbs() (get, post func(gin.IRoutes, string, func(*Server, *gin.Context) error)) {
	get = func(g gin.IRoutes, path string, h func(*Server, *gin.Context) error) {
		g.GET(path, s.handle(h))
		g.HEAD(path, s.handle(h))
	}
	post = func(g gin.IRoutes, path string, h func(*Server, *gin.Context) error) {
		g.POST(path, s.handle(h))
	}
	return get, post
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
