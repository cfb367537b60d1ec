package document

import (
	"fmt"
	"io"
	"testing"
)

// The goals of design.md: a sheet of 30 children in 15 ms, 100 certificates in 150 ms.

func BenchmarkSheetOf30(b *testing.B) {
	press := testPress(b)
	sheet := exampleSheet(30)
	for b.Loop() {
		if err := press.Register(b.Context(), io.Discard, sheet); err != nil {
			b.Fatal(err)
		}
	}
}

// A full Saturday: twelve sessions of twelve children.
func BenchmarkDayOf12Sheets(b *testing.B) {
	press, day := testPress(b), exampleDay()
	day.Registers = nil
	for range 12 {
		day.Registers = append(day.Registers, exampleSheet(12))
	}
	for b.Loop() {
		if err := press.Registers(b.Context(), io.Discard, day); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPoster(b *testing.B) {
	press := testPress(b)
	for b.Loop() {
		if err := press.Poster(b.Context(), io.Discard, examplePoster()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCertificate(b *testing.B) { benchmarkCertificates(b, 1) }

func BenchmarkCertificates100(b *testing.B) { benchmarkCertificates(b, 100) }

func benchmarkCertificates(b *testing.B, n int) {
	press := testPress(b)
	batch := make([]Certificate, n)
	signature := exampleSignature(b)
	for i := range batch {
		batch[i] = exampleCertificate()
		batch[i].Minutes, batch[i].Signatory = 120, Signatory{"Łukasz Nowak", "Coordination", signature}
		batch[i].VerifyURL = fmt.Sprintf("https://ateliers.lesbricodeurs.fr/attestations/7K3M-9QXW-%02d", i)
	}
	for b.Loop() {
		if err := press.Certificates(b.Context(), io.Discard, "fr", batch[0].End, batch); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
