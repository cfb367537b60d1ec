// Package ateliersdada holds the files that the binary carries: pages and mails,
// style and scripts, and the schema of the database. It imports nothing of ours.
package ateliersdada

import "embed"

// Templates holds templates/: pages and mails by area; partials start with "_".
//
//go:embed all:templates
var Templates embed.FS

// Assets holds assets/: css, js, fonts, images, third-party files with their licence.
//
//go:embed all:assets
var Assets embed.FS

// Schema is the complete present schema, the one truth. It ends with PRAGMA user_version.
//
//go:embed schema.sql
var Schema string
