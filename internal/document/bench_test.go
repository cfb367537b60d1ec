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
		if err := press.Sheet(b.Context(), io.Discard, sheet); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCertificate(b *testing.B) { benchmarkCertificates(b, 1) }

func BenchmarkCertificates100(b *testing.B) { benchmarkCertificates(b, 100) }

func benchmarkCertificates(b *testing.B, n int) {
	press := testPress(b)
	batch := make([]Certificate, n)
	for i := range batch {
		batch[i] = exampleCertificate()
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
