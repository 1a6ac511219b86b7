//! Signs beside numbers: currencies and measures.

lists! {
    /// Signs and codes around money that are cut off: those of the Americas and Europe, and the most common others. The
    /// order decides which signs beside one another are read, so it is part of the list.
    CURRENCIES: PartsLast = [
        "R$", "US$", "AU$", "U$", "MX$", "CA$", "NZ$", "HK$", "RD$", "A$", "C$", "S$", "$U", "$", "€", "£", "¥", "₹",
        "₲", "₡", "₱", "₺", "₽", "₴", "₪", "₩", "฿", "₫", "₦", "S/.", "S/", "Gs.", "Bs.", "Bs", "Rs.", "Rs", "BRL",
        "USD", "EUR", "GBP", "MXN", "ARS", "COP", "CLP", "PEN", "UYU", "PYG", "BOB", "CAD", "AUD", "INR", "CHF",
        "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "RUB", "UAH", "TRY", "ILS", "JPY", "CNY", "KRW", "THB",
        "ZAR", "NZD", "HKD", "SGD", "CRC", "GTQ", "DOP", "VES", "reais", "real", "euros", "euro", "SFr.", "Fr.", "kr.",
        "kr", "zł", "Kč",
    ];
    /// Dollars of the United States. A bare `$` may be anybody's.
    DOLLAR: Signs = ["U$", "US$", "USD"];
    /// Euros.
    EURO: Signs = ["EUR", "euro", "euros", "€"];
    /// Measures that are cut off a quantity, because they do not change the number. A dozen would change it, and so would
    /// a part of another measure, such as grams beside kilograms. A box or a packet is sold at the price of one.
    MEASURES: Signs = [
        "box", "boxes", "caixa", "caixas", "caja", "cajas", "cx", "cxs", "fardo", "fardos", "fd", "kg", "kgs", "kilo",
        "kilos", "kit", "kits", "litro", "litros", "lt", "lts", "pack", "packs", "pacote", "pacotes", "paquete",
        "paquetes", "par", "pares", "pc", "pcs", "pct", "pcts", "peça", "peças", "pieces", "pieza", "piezas", "pza",
        "pzas", "pç", "pçs", "quilo", "quilos", "rolo", "rolos", "saco", "sacos", "ud", "uds", "un", "und", "unid",
        "unidad", "unidade", "unidades", "unids", "unit", "units", "x",
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
