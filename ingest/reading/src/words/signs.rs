//! Signs beside numbers: currencies and measures.

lists! {
    /// Signs and codes around money that are cut off: those of the Americas and Europe, and the most common others. The
    /// order decides which signs beside one another are read, so it is part of the list.
    CURRENCIES: PartsLast = [
        "R$", "US$", "U$", "MX$", "CA$", "AU$", "A$", "C$", "$U", "$", "€", "£", "¥", "₹", "₲", "₡", "₱", "₺", "S/.",
        "S/", "Gs.", "Bs.", "Bs", "Rs.", "Rs", "BRL", "USD", "EUR", "GBP", "MXN", "ARS", "COP", "CLP", "PEN", "UYU",
        "PYG", "BOB", "CAD", "AUD", "INR", "reais",
    ];
    /// Dollars of the United States. A bare `$` may be anybody's.
    DOLLAR: Signs = ["U$", "US$", "USD"];
    /// Euros.
    EURO: Signs = ["EUR", "€"];
    /// Measures that are cut off a quantity, because they do not change the number. A dozen would change it.
    MEASURES: Signs = [
        "kg", "litros", "lt", "pc", "pcs", "peça", "peças", "pieces", "pç", "pçs", "ud", "uds", "un", "und", "unid",
        "unidade", "unidades", "unids", "unit", "units", "x",
    ];
    /// Currencies that a column seldom mixes with others, so one kind is enough for all of them.
    OTHER_CURRENCY: Signs = ["ARS", "CLP", "COP", "PEN", "S/", "¥", "₲", "₹"];
    /// Names of our currency that count only in a column of currencies, besides [`OWN_CURRENCY`]. Beside a number,
    /// "986" would be another number.
    OWN_CODES: Signs = ["986", "REAL"];
    /// Names of our currency, in which all amounts are shown, beside numbers.
    OWN_CURRENCY: Signs = ["BRL", "R$", "reais"];
    /// Mexican pesos.
    PESO: Signs = ["MX$", "MXN"];
    /// Pounds.
    POUND: Signs = ["GBP", "£"];
    /// Reais, in a column that may mix them with other currencies. Unlike [`OWN_CURRENCY`] it leaves out "reais",
    /// because a word is not looked for in the middle of a text.
    REAL: Signs = ["BRL", "R$"];
}
