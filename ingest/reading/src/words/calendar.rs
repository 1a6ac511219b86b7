//! Words for time: months, periods, clocks, and days on which nothing was sold.

use super::TextWords;

lists! {
    /// The afternoon, after a clock of twelve hours.
    AFTERNOON: Signs = ["p. m.", "p.m.", "pm"];
    APRIL: TextWords = ["abr", "abril", "apr", "april"];
    AUGUST: TextWords = ["ago", "agosto", "aug", "august"];
    /// Between a day and its clock: "05/03/2026 às 14:30".
    BEFORE_CLOCK: Signs = ["a la", "a las", "as", "at", "à", "às"];
    /// Between the parts of a date: "5 de março de 2026".
    BETWEEN_PARTS: TextWords = ["de", "del", "of"];
    /// Days of a cancellation. They are no day of the sale either, but they are left out of
    /// [`super::headers::NOT_SALE_DAY`], because the rules of the date do not exclude them.
    CANCELLATION_DAY: HeaderWords = [
        "anulacion", "anulada", "anulado", "cancelacion", "cancelada", "cancelado", "cancelamento", "canceled",
        "cancellation", "cancelled", "devolucao", "devolucion", "estorno", "reembolso", "refund", "refunded",
        "returned",
    ];
    DECEMBER: TextWords = ["dec", "december", "dez", "dezembro", "dic", "diciembre"];
    /// First and last days of periods.
    ENDS_OF_PERIODS: HeaderWords = [
        "end", "fim", "final", "from", "inicial", "inicio", "last", "start", "ultima", "ultimo",
    ];
    FEBRUARY: TextWords = ["feb", "febrero", "february", "fev", "fevereiro"];
    JANUARY: TextWords = ["ene", "enero", "jan", "janeiro", "january"];
    JULY: TextWords = ["jul", "julho", "julio", "july"];
    JUNE: TextWords = ["jun", "june", "junho", "junio"];
    /// Lines about the time at which the report was made. They do not name its period. [`OTHER_DAYS`] asks for single
    /// days in titles and knows more of them, because a wrong day does more harm than a wrong month.
    MADE: HeaderWords = [
        "emissao", "emitido", "exported", "generated", "gerado", "hora", "impressao", "impresso", "printed",
    ];
    MARCH: TextWords = ["mar", "march", "marco", "marzo"];
    MAY: TextWords = ["mai", "maio", "may", "mayo"];
    /// The morning, after a clock of twelve hours.
    MORNING: Signs = ["a. m.", "a.m.", "am"];
    NOVEMBER: TextWords = ["nov", "november", "novembro", "noviembre"];
    OCTOBER: TextWords = ["oct", "october", "octubre", "out", "outubro"];
    /// Titles with a day on which nothing was sold, such as the day on which the report was made.
    OTHER_DAYS: Starts = [
        "atualiz", "emi", "extra", "generat", "gerad", "impress", "issued", "print", "updat", "validade",
    ];
    /// Periods of days.
    PERIODS: HeaderWords = [
        "anio", "ano", "mes", "month", "period", "periodo", "quarter", "semana", "trimestre", "week", "year",
    ];
    /// Quarters as headers of columns.
    QUARTERS: TextWords = ["q1", "q2", "q3", "q4"];
    SEPTEMBER: TextWords = ["sep", "sept", "september", "septiembre", "set", "setembro", "setiembre"];
    /// The time zone without an offset, after a clock.
    UTC: Signs = ["GMT", "UTC", "Z"];
}

/// The names of the months from January to December, in full and abbreviated. Each name begins with an abbreviation of
/// three letters that is in the list too, because dates are read by the first three letters.
pub(super) const MONTHS: [TextWords; 12] =
    [JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY, AUGUST, SEPTEMBER, OCTOBER, NOVEMBER, DECEMBER];

/// The number, from 1, of the month with this folded name.
pub(crate) fn month(name: &str) -> Option<u32> {
    MONTHS.iter().position(|names| names.has(name)).and_then(|index| u32::try_from(index + 1).ok())
}

/// The number, from 1, of the month with the first three letters of this word, as in "sett." and "març".
pub(crate) fn month_by_first_letters(word: &str) -> Option<u32> {
    word.get(..3).and_then(month)
}
