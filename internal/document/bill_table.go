package document

// billColumn is a column of figures; the label takes what they leave.
type billColumn struct {
	key   string
	width float64
	text  func(l *letter, b Bill, line BillLine) string
}

var (
	quantityColumn = billColumn{"document.bill.quantity", 19, func(l *letter, _ Bill, line BillLine) string {
		return l.words.Decimal(line.Quantity)
	}}
	unitColumn = billColumn{"document.bill.unit", 27, func(l *letter, b Bill, line BillLine) string {
		return l.words.Amount(b.sign() * line.Unit)
	}}
	discountColumn = billColumn{"document.bill.discount", 17, func(l *letter, _ Bill, line BillLine) string {
		if line.Discount == 0 {
			return ""
		}
		return l.words.T("document.bill.percent", l.words.Decimal(line.Discount))
	}}
	totalColumn = billColumn{"document.bill.total", 30, func(l *letter, b Bill, line BillLine) string {
		return l.words.Amount(b.sign() * line.Total)
	}}
)

// billColumns leaves the column of discounts out where there is none.
func billColumns(lines []BillLine) []billColumn {
	for _, line := range lines {
		if line.Discount != 0 {
			return []billColumn{quantityColumn, unitColumn, discountColumn, totalColumn}
		}
	}
	return []billColumn{quantityColumn, unitColumn, totalColumn}
}

const (
	billRowPad  = 1.9 // above and below the text of a row
	cellPad     = 2.0
	billHead    = 7.4
	wholePage   = letterBottom - headTop - 24 // what a further page has for rows
	figureLeast = 5.0                         // the smallest size of a figure that is too long for its column
)

// drawBillLines draws the table; its head is repeated on each page, and a row is only broken where it is higher than a
// page.
func (l *letter) drawBillLines(b Bill, columns []billColumn) {
	labelWidth := innerWidth
	for _, c := range columns {
		labelWidth -= c.width
	}
	head := func() { l.drawBillHead(columns, labelWidth) }
	l.room(billHead + 2*lineOf(sizeOfText))
	head()
	l.onNewPage = head
	for _, line := range b.Lines {
		l.font(regular, sizeOfText)
		label := l.wrap(l.clean(line.Label), labelWidth-2*cellPad)
		if len(label) == 0 {
			label = []string{""}
		}
		if height := float64(len(label))*lineOf(sizeOfText) + 2*billRowPad; height < wholePage {
			l.room(height)
		} else {
			l.room(2*lineOf(sizeOfText) + 2*billRowPad)
		}
		l.ink(inkColour)
		l.drawFigures(columns, sideMargin+labelWidth, b, line)
		l.y += billRowPad
		for _, text := range label {
			l.room(lineOf(sizeOfText))
			l.ink(inkColour)
			l.font(regular, sizeOfText)
			l.text(sideMargin+cellPad, l.y+3.3, text)
			l.y += lineOf(sizeOfText)
		}
		l.y += billRowPad
		l.stroke(grey)
		l.pdf.SetLineWidth(hairline)
		l.pdf.Line(sideMargin, l.y, sideMargin+innerWidth, l.y)
	}
}

func (l *letter) drawBillHead(columns []billColumn, labelWidth float64) {
	l.fill(cream)
	l.pdf.Rect(sideMargin, l.y, innerWidth, billHead, "F")
	l.ink(inkColour)
	l.font(bold, 8.8)
	y := l.y + 4.9
	l.text(sideMargin+cellPad, y, l.t("document.bill.label"))
	x := sideMargin + labelWidth
	for _, c := range columns {
		x += c.width
		l.textRight(x-cellPad, y, l.t(c.key))
	}
	l.y += billHead
}

// drawFigures draws the figures of a row on its first line, right in their columns.
func (l *letter) drawFigures(columns []billColumn, x float64, b Bill, line BillLine) {
	for i, c := range columns {
		x += c.width
		s := regular
		if i == len(columns)-1 {
			s = bold
		}
		f := l.fit(l.clean(c.text(l, b, line)), s, c.width-2*cellPad, lineOf(sizeOfText), sizeOfText, figureLeast)
		l.textRight(x-cellPad, l.y+billRowPad+3.3, f.lines[0].text)
	}
}
