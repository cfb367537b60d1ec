// Package prose reads the texts that the team writes itself, an agreement or a letter: a small part of Markdown
// (headings, paragraphs, lists, bold and italic) with named fields such as {{organisation}}. It knows neither pages
// nor papers: it gives blocks, which both draw.
package prose
