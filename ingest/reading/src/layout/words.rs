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
    // "Nº" and "N.º" fold to "no" and "n o". They mean the number of a thing, not the thing itself.
    let numbered = ["no ", "n o ", "n "].iter().find_map(|number| folded.strip_prefix(number));
    numbered
        .map(|_| "numero")
        .into_iter()
        .chain(numbered.unwrap_or(&folded).split(' '))
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .map(singular)
        .filter(|word| !FILLERS.contains(word))
        .flat_map(|word| spelt_out(word).split(' '))
        .map(str::to_owned)
        .collect()
}

const FILLERS: &[&str] = &[
    "de", "da", "do", "das", "dos", "del", "la", "el", "em", "the", "of", "in", "r", "brl", "no", "n", "o", "a", "c",
    "s",
];

/// Cuts off a plural `s`, as in "vendas", "units" and "descontos", but not in "gross".
fn singular(word: &str) -> &str {
    const KEPT: &[&str] = &["cogs", "mes", "status", "observacoes", "pais", "dias"];
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') && !KEPT.contains(&word) => stem,
        _ => word,
    }
}

/// Spells out abbreviations of tills and ERPs, and splits English names that are written as one word.
fn spelt_out(word: &str) -> &str {
    match word {
        "qtd" | "qtde" | "qtdade" | "qt" | "qte" | "quant" => "quantidade",
        "cant" => "cantidad",
        "vta" => "venta",
        "pgto" | "pagto" => "pagamento",
        "prod" => "produto",
        "qty" => "quantity",
        "amt" => "amount",
        "vlr" | "vl" | "vr" => "valor",
        "liq" => "liquido",
        "tot" => "total",
        "num" | "nro" | "nr" => "numero",
        "cod" | "cd" => "codigo",
        "dt" => "data",
        // Surrogate keys of a star schema.
        "sk" | "fk" => "id",
        "ordernumber" => "order number",
        "orderlinenumber" => "order line number",
        "orderdate" => "order date",
        "customername" => "customer name",
        "postalcode" => "postal code",
        "productline" => "product line",
        "productcode" => "product code",
        "unitprice" => "unit price",
        "priceeach" => "price each",
        _ => word,
    }
}
