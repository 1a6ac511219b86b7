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
    let spaced = spelt_out_slashes(&spaced);
    let folded = folded(&spaced);
    // They mean the number of a thing, not the thing itself.
    let numbered = NUMBER_SIGNS.iter().find_map(|sign| folded.strip_prefix(sign)?.strip_prefix(' '));
    let rest = numbered.unwrap_or(&folded);
    let numbered_behind = rest.strip_suffix(" no").or_else(|| header.trim_end().ends_with('#').then_some(rest));
    let mut words: Vec<String> = numbered
        .map(|_| "numero")
        .into_iter()
        .chain(numbered_behind.unwrap_or(rest).split(' '))
        .chain(numbered_behind.filter(|rest| !rest.is_empty()).map(|_| "numero"))
        .filter(|word| !word.is_empty() && !FILLERS.has(word))
        .map(singular)
        .filter(|word| !FILLERS.has(word))
        .flat_map(|word| spelt_out(word).split(' '))
        .map(str::to_owned)
        .collect();
    if let Some(place) = words.iter().position(|word| word == "desc")
        && let Some(word) = spelt_out_desc(&words)
    {
        words.insert(place, word.to_owned());
        words.remove(place + 1);
    }
    // The sign alone is the number of the row's own thing.
    if words.is_empty() && (header.trim() == "#" || NUMBER_SIGNS.iter().any(|sign| *sign == folded)) {
        words.push("numero".to_owned());
    }
    words
}

/// Spells out "c/" and "s/", which mean "com" and "sem". Without the slash they are letters that say nothing, and the
/// value without the discount would be called like the discount.
fn spelt_out_slashes(header: &str) -> String {
    let mut out = String::with_capacity(header.len() + 4);
    let mut before = ' ';
    let mut rest = header.chars().peekable();
    while let Some(c) = rest.next() {
        let is_alone = !before.is_alphanumeric() && rest.peek() == Some(&'/');
        match c {
            'c' | 'C' if is_alone => out.push_str("com "),
            's' | 'S' if is_alone => out.push_str("sem "),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// The word for which "desc" stands beside the other words of a header: "Desc. prod." is a description, "Vlr. desc." is a
/// discount. Nothing if no word decides.
fn spelt_out_desc(words: &[String]) -> Option<&'static str> {
    match (DESCRIBED.has_any(words), REDUCED.has_any(words)) {
        (true, false) => Some("descricao"),
        (false, true) => Some("desconto"),
        _ => None,
    }
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
    /// Things that a description is of.
    DESCRIBED: HeaderWords = ["articulo", "item", "mercadoria", "producto", "produto", "servicio", "servico"];
    /// Words that say nothing about a column. No other list of words of headers can have them.
    FILLERS: TextWords = [
        "a", "brl", "c", "da", "das", "de", "del", "do", "dos", "el", "em", "in", "la", "n", "no", "o", "of", "r",
        "s", "the",
    ];
    /// Words that end with `s` and stay as they are, because the word without it would be another one or none.
    NOT_PLURAL: HeaderWords = ["cogs", "dias", "mes", "observacoes", "pais", "status"];
    /// Beginnings of headers that mean a number: "N.º" and "Nº" fold to "n o" and "no".
    NUMBER_SIGNS: PartsLast = ["no", "n o", "n"];
    /// Words beside a discount: the amounts that it is taken from, and its units.
    REDUCED: HeaderWords = ["com", "percentual", "preco", "sem", "total", "valor"];
}

/// Abbreviations of tills and ERPs, and English names that are written as one word, each spelt out. Surrogate keys of a
/// star schema, `sk` and `fk`, are ids. The table is sorted, because it is searched by halves.
pub(super) const ABBREVIATIONS: &[(&str, &str)] = &[
    ("abat", "abatimento"),
    ("amt", "amount"),
    ("art", "articulo"),
    ("bonif", "bonificacion"),
    ("cant", "cantidad"),
    ("cantid", "cantidad"),
    ("cd", "codigo"),
    ("cdad", "cantidad"),
    ("cod", "codigo"),
    ("comi", "comissao"),
    ("con", "com"),
    ("ctd", "cantidad"),
    ("customername", "customer name"),
    ("datapedido", "data pedido"),
    ("datavenda", "data venda"),
    ("dcto", "descuento"),
    ("descr", "descricao"),
    ("dsc", "desconto"),
    ("dsct", "descuento"),
    ("dscto", "descuento"),
    ("dt", "data"),
    ("dto", "descuento"),
    ("dtvenda", "data venda"),
    ("fch", "fecha"),
    ("fec", "fecha"),
    ("fechaventa", "fecha venta"),
    ("fk", "id"),
    ("formapagamento", "forma pagamento"),
    ("hrs", "hora"),
    ("hs", "hora"),
    ("importetotal", "importe total"),
    ("kgs", "kg"),
    ("linetotal", "line total"),
    ("liq", "liquido"),
    ("lt", "litro"),
    ("merc", "mercadoria"),
    ("neta", "liquida"),
    ("neto", "liquido"),
    ("nomecliente", "nome cliente"),
    ("nomeproduto", "nome produto"),
    ("nr", "numero"),
    ("nro", "numero"),
    ("num", "numero"),
    ("orderdate", "order date"),
    ("orderid", "order id"),
    ("orderlinenumber", "order line number"),
    ("ordernumber", "order number"),
    ("pag", "pagamento"),
    ("pagto", "pagamento"),
    ("parc", "parcela"),
    ("paymentmethod", "payment method"),
    ("pc", "peca"),
    ("pca", "peca"),
    ("pcs", "piece"),
    ("ped", "pedido"),
    ("perc", "percentual"),
    ("pgo", "pago"),
    ("pgto", "pagamento"),
    ("postalcode", "postal code"),
    ("preciounitario", "precio unitario"),
    ("precototal", "preco total"),
    ("precounit", "preco unit"),
    ("precounitario", "preco unitario"),
    ("priceeach", "price each"),
    ("prod", "produto"),
    ("productcode", "product code"),
    ("productline", "product line"),
    ("productname", "product name"),
    ("pt", "ponto"),
    ("pts", "ponto"),
    ("pu", "p u"),
    ("pz", "pieza"),
    ("pza", "pieza"),
    ("qde", "quantidade"),
    ("qnt", "quantidade"),
    ("qntd", "quantidade"),
    ("qntde", "quantidade"),
    ("qt", "quantidade"),
    ("qtd", "quantidade"),
    ("qtdade", "quantidade"),
    ("qtdd", "quantidade"),
    ("qtde", "quantidade"),
    ("qte", "quantidade"),
    ("qty", "quantity"),
    ("quant", "quantidade"),
    ("quantid", "quantidade"),
    ("saledate", "sale date"),
    ("sin", "sem"),
    ("sit", "situacao"),
    ("sk", "id"),
    ("subtot", "subtotal"),
    ("tot", "total"),
    ("totalamount", "total amount"),
    ("totalprice", "total price"),
    ("tx", "taxa"),
    ("ud", "un"),
    ("uds", "un"),
    ("und", "un"),
    ("unid", "un"),
    ("unitprice", "unit price"),
    ("val", "valor"),
    ("valortotal", "valor total"),
    ("valorunitario", "valor unitario"),
    ("vend", "vendedor"),
    ("vl", "valor"),
    ("vlr", "valor"),
    ("vlrtotal", "valor total"),
    ("vlrunit", "valor unit"),
    ("vltotal", "valor total"),
    ("vlunit", "valor unit"),
    ("vol", "volume"),
    ("vr", "valor"),
    ("vta", "venta"),
    ("vunit", "valor unit"),
    ("without", "sem"),
];
