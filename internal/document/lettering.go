package document

// dotLetters are capital letters of five by seven holes, a row per line from the top,
// for the word that is punched across the certificate.
var dotLetters = map[rune][7]string{
	'A': {" ### ", "#   #", "#   #", "#####", "#   #", "#   #", "#   #"},
	'B': {"#### ", "#   #", "#   #", "#### ", "#   #", "#   #", "#### "},
	'O': {" ### ", "#   #", "#   #", "#   #", "#   #", "#   #", " ### "},
	'R': {"#### ", "#   #", "#   #", "#### ", "# #  ", "#  # ", "#   #"},
	'V': {"#   #", "#   #", "#   #", "#   #", "#   #", " # # ", "  #  "},
}
