package main

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
)

// money has families pay: a carnet for the one that the demo names, and a part of the others, so that some owe nothing and some all of it. The
// bank gave one cheque back.
func (f *furnisher) money() error {
	f.clock.Set(f.now.AddDate(0, 0, -1))
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	day := f.now.AddDate(0, 0, -1).Format("02/01/2006")
	collect := func(guardian int64, cents int, mode payment.Mode, reference, what string) (int64, error) {
		return f.house.payments.Collect(f.ctx, staff, f.key(), guardian, payment.Collected{For: what,
			New: payment.New{Cents: cents, Mode: mode, Reference: reference, ReceivedOn: day}})
	}
	_, carnet, err := f.house.payments.CarnetOnSale(f.ctx)
	if err != nil {
		return err
	}
	debts, err := f.house.payments.Debts(f.ctx, staff, "")
	if err != nil {
		return err
	}
	named, err := f.house.payments.Debts(f.ctx, staff, f.people.Families[0].Email)
	if err != nil {
		return err
	}
	first := named.Families[0].GuardianID
	if _, err := collect(first, carnet, payment.HelloAsso, "HA-2027-118", payment.ForCarnet); err != nil {
		return err
	}
	var cheque int64
	for i, d := range debts.Families {
		if d.GuardianID == first {
			continue
		}
		switch {
		case i%5 == 0:
			_, err = collect(d.GuardianID, d.OwedCents, payment.Cash, "", payment.ForAll)
		case i%5 == 1:
			_, err = collect(d.GuardianID, carnet, payment.Cheque, "n° 0004217", payment.ForCarnet)
		case i%5 == 2:
			_, err = collect(d.GuardianID, d.OwedCents, payment.Transfer, "VIR ATELIERS", payment.ForAll)
		case cheque == 0:
			cheque, err = collect(d.GuardianID, d.OwedCents, payment.Cheque, "n° 0000042", payment.ForAll)
		}
		if err != nil {
			return err
		}
	}
	return f.house.payments.TakeBack(f.ctx, staff, f.key(), cheque, "unpaid")
}
