//! Splits headers into words.

use caudal_contract::text::folded;

/// The words of a header: `"Preço_Unitário"` and `"precoUnitario"` both give `["preco", "unitario"]`.
pub(crate) fn words_of(header: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(header.len() + 4);
    let mut previous = ' ';
    for c in header.chars() {
        // Boxed letters such as 🄰 are upper case without a lower case. They do not begin a word.
        if c.is_uppercase() && !c.to_lowercase().eq([c]) && previous.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        previous = c;
    }
    let folded = folded(&spaced);
    // They mean the number of a thing, not the thing itself.
    let numbered = NUMBER_SIGNS.iter().find_map(|sign| folded.strip_prefix(sign)?.strip_prefix(' '));
    numbered
        .map(|_| "numero")
        .into_iter()
        .chain(numbered.unwrap_or(&folded).split(' '))
        .filter(|word| !word.is_empty() && !FILLERS.has(word))
        .map(singular)
        .filter(|word| !FILLERS.has(word))
        .flat_map(|word| spelt_out(word).split(' '))
        .map(str::to_owned)
        .collect()
}

/// Cuts off a plural `s`, as in "vendas", "units" and "descontos", but not in "gross".
fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') && !NOT_PLURAL.has(word) => stem,
        _ => word,
    }
}

fn spelt_out(word: &str) -> &str {
    let known = ABBREVIATIONS.binary_search_by_key(&word, |(short, _)| short).ok();
    known.and_then(|index| ABBREVIATIONS.get(index)).map_or(word, |(_, long)| long)
}

lists! {
    /// Words that say nothing about a column. No other list of words of headers can have them.
    FILLERS: TextWords = [
        "a", "brl", "c", "da", "das", "de", "del", "do", "dos", "el", "em", "in", "la", "n", "no", "o", "of", "r",
        "s", "the",
    ];
    /// Words that end with `s` and stay as they are, because the word without it would be another one or none.
    NOT_PLURAL: HeaderWords = ["cogs", "dias", "mes", "observacoes", "pais", "status"];
    /// Beginnings of headers that mean a number: "N.º" and "Nº" fold to "n o" and "no".
    NUMBER_SIGNS: PartsLast = ["no", "n o", "n"];
}

/// Abbreviations of tills and ERPs, and English names that are written as one word, each spelt out. Surrogate keys of a
/// star schema, `sk` and `fk`, are ids. The table is sorted, because it is searched by halves.
pub(super) const ABBREVIATIONS: &[(&str, &str)] = &[
    ("amt", "amount"),
    ("cant", "cantidad"),
    ("cd", "codigo"),
    ("cod", "codigo"),
    ("customername", "customer name"),
    ("dt", "data"),
    ("fk", "id"),
    ("liq", "liquido"),
    ("nr", "numero"),
    ("nro", "numero"),
    ("num", "numero"),
    ("orderdate", "order date"),
    ("orderlinenumber", "order line number"),
    ("ordernumber", "order number"),
    ("pagto", "pagamento"),
    ("pgto", "pagamento"),
    ("postalcode", "postal code"),
    ("priceeach", "price each"),
    ("prod", "produto"),
    ("productcode", "product code"),
    ("productline", "product line"),
    ("qt", "quantidade"),
    ("qtd", "quantidade"),
    ("qtdade", "quantidade"),
    ("qtde", "quantidade"),
    ("qte", "quantidade"),
    ("qty", "quantity"),
    ("quant", "quantidade"),
    ("sk", "id"),
    ("tot", "total"),
    ("unitprice", "unit price"),
    ("vl", "valor"),
    ("vlr", "valor"),
    ("vr", "valor"),
    ("vta", "venta"),
];
