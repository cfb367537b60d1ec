package upkeep

import "github.com/lesbricodeurs/ateliersdada/internal/school"

// A number is missing below the greatest of its year.
const sqlGaps = `
WITH given (kind, year, number) AS (
  SELECT 'quote', year, number FROM quotes WHERE number IS NOT NULL
  UNION SELECT kind, year, number FROM invoices
  UNION SELECT 'receipt', year, number FROM receipts
  UNION SELECT series, year, number FROM void_numbers WHERE series IN ('quote', 'invoice', 'credit_note', 'receipt'))
SELECT kind || ':' || year, 'it has ' || count(*) || ' numbers up to ' || max(number)
FROM given GROUP BY kind, year HAVING count(*) <> max(number) OR min(number) <> 1
UNION ALL
SELECT 'request:' || request_id, 'its quote has ' || count(DISTINCT year || '-' || number) || ' numbers' FROM quotes
WHERE number IS NOT NULL GROUP BY request_id HAVING count(DISTINCT year || '-' || number) > 1
UNION ALL
SELECT 'quote:' || year || '-' || number, 'it stands for ' || count(DISTINCT request_id) || ' requests' FROM quotes
WHERE number IS NOT NULL GROUP BY year, number HAVING count(DISTINCT request_id) > 1`

// I15: quotes, invoices, credit notes and receipts have numbers without a gap in each year.
func gaps(v *verification) error { return v.each("I15", sqlGaps) }

const sqlFrozen = `
SELECT 'quote:' || id, content, content_hash FROM quotes WHERE content IS NOT NULL
UNION ALL SELECT 'invoice:' || id, content, content_hash FROM invoices
UNION ALL SELECT 'agreement:' || id, content, content_hash FROM agreements
UNION ALL SELECT 'receipt:' || payment_id, content, content_hash FROM receipts`

// I15: a paper that left says what it said.
func frozenPapers(v *verification) error {
	rows, err := v.tx.Query(sqlFrozen)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var record, content, hash string
		if err := rows.Scan(&record, &content, &hash); err != nil {
			return err
		}
		if school.ContentHash(content) != hash {
			v.addText("I15", record, "its content is not what was issued")
		}
	}
	return rows.Err()
}

const sqlBillTotals = `
SELECT 'quote:' || id, 'its total is not that of its content' FROM quotes WHERE content IS NOT NULL AND content ->> '$.total_cents' IS NOT total_cents
UNION ALL
SELECT 'invoice:' || id, 'its total is not that of its content' FROM invoices WHERE content ->> '$.total_cents' IS NOT total_cents
UNION ALL
SELECT 'invoice:' || i.id, 'credit notes take more than it is' FROM invoices i
WHERE i.kind = 'invoice' AND i.total_cents < (SELECT coalesce(sum(c.total_cents), 0) FROM invoices c WHERE c.credits = i.id)
UNION ALL
SELECT 'invoice:' || c.id, 'it credits what is no invoice of its request' FROM invoices c JOIN invoices i ON i.id = c.credits
WHERE i.kind <> 'invoice' OR i.request_id <> c.request_id`

// I15: totals are those of the papers, and no more is credited than was invoiced.
func billTotals(v *verification) error { return v.each("I15", sqlBillTotals) }

const sqlPaymentsReversed = `
SELECT 'payment:' || r.id, 'it does not take back what it names' FROM payments r JOIN payments p ON p.id = r.reverses
WHERE r.cents <> -p.cents OR r.invoice_id IS NOT p.invoice_id OR r.guardian_id IS NOT p.guardian_id OR p.reverses IS NOT NULL
UNION ALL
SELECT 'invoice:' || i.id, 'less than nothing was paid on it' FROM invoices i
WHERE (SELECT coalesce(sum(cents), 0) FROM payments WHERE invoice_id = i.id) < 0
UNION ALL
SELECT 'payment:' || p.id, 'it is for a credit note' FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE i.kind <> 'invoice'`

// I15: a payment is taken back whole and once, and is for an invoice.
func paymentsReversed(v *verification) error { return v.each("I15", sqlPaymentsReversed) }

// A payment for several bookings may be left with one of two records that were one for a while.
// A receipt that had its time says nothing any more.
const sqlFamilyPayments = `
SELECT 'payment:' || p.id, 'it has no receipt' FROM payments p
WHERE p.guardian_id IS NOT NULL AND p.reverses IS NULL AND p.id NOT IN (SELECT payment_id FROM receipts)
UNION ALL
SELECT 'receipt:' || t.payment_id, 'it is for no payment of a family' FROM receipts t JOIN payments p ON p.id = t.payment_id WHERE p.guardian_id IS NULL OR p.reverses IS NOT NULL
UNION ALL
SELECT 'receipt:' || t.payment_id, 'it is not over what was paid' FROM receipts t JOIN payments p ON p.id = t.payment_id
WHERE t.total_cents <> p.cents OR t.content <> '{}' AND (t.content ->> '$.total_cents' IS NOT p.cents OR t.content ->> '$.number' IS NOT printf('R%d-%04d', t.year, t.number)
   OR (SELECT sum(l.value ->> '$.cents') FROM json_each(t.content, '$.lines') l) IS NOT p.cents)
UNION ALL
SELECT 'payment:' || p.id, 'it pays more than it is' FROM payments p WHERE p.cents < (SELECT sum(t.cents) FROM payment_parts t WHERE t.payment_id = p.id)
UNION ALL
SELECT DISTINCT 'payment:' || p.id, 'it pays for the booking of somebody else' FROM payments p JOIN payment_parts t ON t.payment_id = p.id JOIN booking_groups bg ON bg.id = t.group_id
WHERE p.reverses IS NOT NULL OR p.guardian_id IS NOT bg.guardian_id AND (SELECT count(*) FROM payment_parts x WHERE x.payment_id = p.id) = 1
UNION ALL
SELECT 'carnet:' || k.payment_id, 'it was bought with a payment that is for something else' FROM carnets k JOIN payments p ON p.id = k.payment_id
WHERE p.guardian_id IS NULL OR p.reverses IS NOT NULL OR EXISTS (SELECT 1 FROM payment_parts t WHERE t.payment_id = p.id)
UNION ALL
SELECT 'booking:' || b.id, 'it is counted as given up late and nobody gave it up' FROM late_charges k JOIN bookings b ON b.id = k.booking_id
WHERE b.status <> 'cancelled' AND b.updated_at <= k.charged_at`

// I15: every payment of a family has its receipt, over what was paid, and is for what is theirs.
func familyPayments(v *verification) error { return v.each("I15", sqlFamilyPayments) }

const sqlAgreedPapers = `
SELECT 'quote:' || q.id, 'nobody confirmed that it is accepted' FROM quotes q
WHERE q.state = 'accepted' AND NOT EXISTS (SELECT 1 FROM acceptances a WHERE a.quote_id = q.id AND a.confirmed_at IS NOT NULL AND a.content_hash = q.content_hash)
UNION ALL
SELECT 'agreement:' || g.id, 'nobody confirmed that it is signed' FROM agreements g
WHERE g.state = 'signed' AND NOT EXISTS (SELECT 1 FROM acceptances a WHERE a.agreement_id = g.id AND a.confirmed_at IS NOT NULL AND a.content_hash = g.content_hash)
UNION ALL
SELECT 'upload:' || id, 'its bytes are not those that came' FROM uploads WHERE length(content) <> size
UNION ALL
SELECT 'request:' || request_id, 'two versions of its quote are in force' FROM quotes WHERE state IN ('issued', 'accepted') GROUP BY request_id HAVING count(*) > 1`

// I15: what counts as agreed was confirmed, for that very text.
func agreedPapers(v *verification) error { return v.each("I15", sqlAgreedPapers) }
