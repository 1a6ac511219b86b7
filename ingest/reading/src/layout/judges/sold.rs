//! Decides whether a table holds sales: something sold, its money, and a sign that it *was* sold.
//!
//! Catalogues, stock lists and orders to suppliers have products with prices too, and ledgers have days with amounts.
//! So a table needs words or columns that only a sale has; see
//! [decision 10](../../../docs/decisions/0010-what-makes-a-sheet-of-sales.md).

use caudal_contract::field::Field;
use caudal_contract::notice::{OtherSheet, Refusal, Remark};
use caudal_contract::text::folded;

use crate::layout::evidence::{Agreement, Evidence, FEWEST};
use crate::layout::finding::Finding;
use crate::layout::result::{Layout, Sold};
use crate::layout::titles;
use crate::value::date;
use crate::value::status::took_place;
use crate::words::amounts::PRICE;
use crate::words::calendar::{QUARTERS, month};
use crate::words::sheets::{
    ADVERTISING, DUE, LEDGER, ORDER, PRODUCT, QUOTE, QUOTE_TAKEN, SALE, STOCK, SUPPLIER, TARGETS,
};
use crate::words::{HeaderWords, words_of};

/// Finds the source of the name of the thing sold, and refuses a table that holds no sales.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    match sold(layout, titles::name_the_product(evidence.sheet, layout), states_say_sold(evidence, layout)) {
        Ok(sold) => vec![Finding::Sold { sold, proof: remark(layout, sold) }],
        Err(refusal) => vec![Finding::Refuse(refusal)],
    }
}

/// Whether the states of at least half of the rows say that a sale took place. Bills are paid too, so a supplier or a
/// due day beside them contradicts it.
fn states_say_sold(evidence: &Evidence<'_>, layout: &Layout) -> bool {
    let column = layout.column(Field::Status).and_then(|column| evidence.sheet.columns.get(column));
    let words: Vec<String> = layout.headers.iter().flat_map(|header| words_of(header)).collect();
    let owed = [SUPPLIER, LEDGER, DUE].iter().any(|list| list.has_any(&words));
    let placed =
        |row: &usize| Some(column?.text(*row).filter(|text| !text.trim().is_empty())).flatten().map(took_place);
    let states: Agreement = evidence.rows.iter().filter_map(placed).collect();
    !owed && states.agreeing >= FEWEST && states.is_half()
}

/// The source of the name of the thing sold. `in_titles` says that titles above repeated headers name it, `by_states`
/// that the states of the rows say that they were sold.
///
/// # Errors
/// [`Refusal`] if the table holds no sales.
pub(super) fn sold(layout: &Layout, in_titles: bool, by_states: bool) -> Result<Sold, Refusal> {
    let has = |wanted: &[Field]| layout.columns.iter().any(|(field, _)| wanted.contains(field));
    let signs = Signs::of(layout);
    // A known export holds sales, even if no header says so.
    let is_known = layout.known.is_some();
    let dated = has(&[Field::Date]) || !layout.title_days.is_empty();
    let sold = if has(&[Field::Product, Field::Sku]) {
        Some(Sold::Product)
    } else if in_titles {
        Some(Sold::Titles)
    } else if has(&[Field::Category]) && dated && (has(&[Field::Quantity]) || signs.sale) {
        Some(Sold::Category)
    } else if has(&[Field::OrderId])
        && dated
        && has(&[Field::Total])
        && (signs.sale || signs.order || by_states || is_known)
    {
        Some(Sold::Order)
    } else {
        None
    };
    let missing = missing_fields(sold.is_some(), dated, has);
    // An order may go to a supplier, so it is a sign only together with a day. A stock list has days too, but neither a
    // quantity sold nor a total.
    let listed = signs.supplier || signs.stock && !has(&[Field::Quantity, Field::Total]);
    let measured = has(&[Field::Quantity, Field::UnitPrice, Field::Customer, Field::OrderId]);
    let told = is_known
        || signs.sale
        || by_states && sold == Some(Sold::Order)
        || signs.paid && (measured || signs.product)
        || dated && !listed && (has(&[Field::Quantity]) || signs.product || signs.order);
    if signs.quote && !is_known {
        return Err(Refusal::LooksLike { like: OtherSheet::Quotes, found: found(layout) });
    }
    if !dated && has_columns_of_time(&layout.headers) {
        return Err(Refusal::LooksLike { like: OtherSheet::Pivot, found: found(layout) });
    }
    match sold {
        Some(sold) if missing.is_empty() && told => Ok(sold),
        _ => Err(refusal(layout, missing)),
    }
}

fn missing_fields(sold: bool, dated: bool, has: impl Fn(&[Field]) -> bool) -> Vec<Field> {
    let mut missing = Vec::new();
    if !sold {
        missing.push(Field::Product);
    }
    if !has(&[Field::Total, Field::UnitPrice]) {
        missing.push(Field::Total);
    }
    if !dated && !has(&[Field::Quantity]) {
        missing.push(Field::Date);
    }
    missing
}

pub(in crate::layout) fn remark(layout: &Layout, sold: Sold) -> Option<Remark> {
    let column = |field| layout.header(field).unwrap_or_default().to_owned();
    match sold {
        Sold::Product => None,
        Sold::Category => Some(Remark::ProductFromCategory { column: column(Field::Category) }),
        Sold::Order => Some(Remark::ProductFromOrder { column: column(Field::OrderId) }),
        Sold::Titles => Some(Remark::ProductFromTitles),
    }
}

/// The signs in the headers, beside the fields that they name.
#[derive(Debug, Default)]
pub(super) struct Signs {
    /// Somebody sold or bought: "venda", "cliente", "payment".
    pub(super) sale: bool,
    /// Something was paid. This holds for purchases and expenses too.
    paid: bool,
    /// Something was offered, and no header says that the offer was accepted.
    quote: bool,
    /// There is an order.
    order: bool,
    /// A header says that its column is about products.
    product: bool,
    /// There is a supplier.
    supplier: bool,
    /// Something is in stock.
    stock: bool,
}

impl Signs {
    pub(super) fn of(layout: &Layout) -> Self {
        let mut signs = Self::default();
        let mut taken = false;
        for (column, header) in layout.headers.iter().enumerate() {
            let field = layout.columns.iter().find(|(_, taken)| *taken == column).map(|(field, _)| *field);
            let words = words_of(header);
            let says = |list: HeaderWords| list.has_any(&words);
            // A catalogue has a "Preço de venda" too, so a price is not a sign of a sale.
            let price = matches!(field, Some(Field::UnitPrice | Field::Cost)) || says(PRICE);
            signs.sale |= says(SALE) && !price || matches!(field, Some(Field::Seller | Field::Document));
            signs.paid |= field == Some(Field::PaymentMethod);
            signs.quote |= says(QUOTE);
            taken |= says(QUOTE_TAKEN);
            signs.order |= says(ORDER);
            signs.supplier |= says(SUPPLIER);
            signs.stock |= says(STOCK);
            signs.product |= says(PRODUCT) && !price;
        }
        signs.quote &= !taken;
        signs
    }
}

pub(super) fn found(layout: &Layout) -> Vec<String> {
    layout.headers.iter().filter(|header| !header.is_empty()).cloned().collect()
}

/// Whether the headers of at least three columns are months, quarters or days. Then the columns hold sums of the sales
/// in each of these.
fn has_columns_of_time(headers: &[String]) -> bool {
    const FEWEST: usize = 3;
    let spans: std::collections::HashSet<String> = headers
        .iter()
        .filter_map(|header| {
            if date::looks_like_date(header) {
                return Some(header.clone());
            }
            let name = folded(header);
            name.split(' ')
                .find_map(month)
                .map(|month| month.to_string())
                .or_else(|| name.split(' ').find(|word| QUARTERS.has(word)).map(str::to_owned))
        })
        .collect();
    spans.len() >= FEWEST
}

fn refusal(layout: &Layout, missing: Vec<Field>) -> Refusal {
    let found = found(layout);
    match looks_like(&found) {
        Some(like) => Refusal::LooksLike { like, found },
        None if missing.is_empty() => Refusal::NothingSold { found },
        None => Refusal::NotSales { missing, found },
    }
}

/// The other kind of sheet that a refused sheet may be, by words that are rare in the headers of sales.
fn looks_like(headers: &[String]) -> Option<OtherSheet> {
    const KINDS: &[(OtherSheet, HeaderWords)] = &[
        (OtherSheet::Advertising, ADVERTISING),
        (OtherSheet::Targets, TARGETS),
        (OtherSheet::Purchases, SUPPLIER),
        (OtherSheet::Stock, STOCK),
        (OtherSheet::Ledger, LEDGER),
    ];
    let words: Vec<String> = headers.iter().flat_map(|header| words_of(header)).collect();
    KINDS.iter().find(|(_, list)| list.has_any(&words)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::{OtherSheet, Refusal};

    use crate::layout::{Layout, Sold, find};

    fn layout(text: &str) -> Result<Layout, Refusal> {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0))
    }

    #[test]
    fn a_category_or_a_whole_order_may_be_what_was_sold() {
        let sold = |text: &str| layout(text).map(|layout| layout.sold);
        assert_eq!(sold("data_venda;categoria;quantidade;valor\n01/03/2026;Bebidas;2;10,00\n"), Ok(Sold::Category));
        assert_eq!(sold("Pedido;Data;Cliente;Valor Total\n17;01/03/2026;Ana;10,00\n"), Ok(Sold::Order));
        assert_eq!(sold("Pedido;Data;Produto;Valor Total\n17;01/03/2026;Bola;10,00\n"), Ok(Sold::Product));
    }

    #[test]
    fn ledgers_and_stock_lists_are_no_sales_and_are_named() {
        let like = |text: &str| match layout(text) {
            Err(Refusal::LooksLike { like, .. }) => Some(like),
            _ => None,
        };
        assert_eq!(
            like("Data;Categoria;Descrição;Valor;Efetuado\n01/03/2026;Casa;Aluguel;10,00;1\n"),
            Some(OtherSheet::Ledger)
        );
        assert_eq!(like("Produto;Quantidade;Preço;Validade\nLeite;2;10,00;01/03/2026\n"), Some(OtherSheet::Stock));
        assert_eq!(
            like("Data da compra;Produto;Fornecedor;Quantidade;Total\n01/03/2026;Papel;ACME;2;10,00\n"),
            Some(OtherSheet::Purchases)
        );
        assert_eq!(
            like("Produto;Quantidade em estoque;Preço de venda;Data\nCafé;10;5,00;01/03/2026\n"),
            Some(OtherSheet::Stock)
        );
        assert_eq!(like("Data;Vendedor;Meta\n01/03/2026;Ana;1000\n"), Some(OtherSheet::Targets));
    }

    #[test]
    fn products_with_prices_and_no_sign_of_a_sale_are_refused() {
        let refusal = layout("Produto;Quantidade;Preço\nCafé;2;10,00\n").unwrap_err();
        assert!(matches!(refusal, Refusal::NothingSold { .. }), "{refusal:?}");
        assert!(layout("Produto;Quantidade;Preço;Vendedor\nCafé;2;10,00;Ana\n").is_ok());
        let refusal = layout("Data;Tipo;Setor;Valor\n01/03/2026;Entradas;Geral;10,00\n").unwrap_err();
        assert!(matches!(refusal, Refusal::NothingSold { .. }), "{refusal:?}");
    }

    #[test]
    fn expenses_quotes_and_summaries_by_month_are_no_sales() {
        let like = |text: &str| match layout(text) {
            Err(Refusal::LooksLike { like, .. }) => Some(like),
            _ => None,
        };
        let expenses = layout("Data;Descrição;Valor;Forma de pagamento\n01/03/2026;Aluguel;10,00;Pix\n").unwrap_err();
        assert!(matches!(expenses, Refusal::NothingSold { .. }), "{expenses:?}");
        assert!(layout("Data;Serviço;Valor;Forma de pagamento\n01/03/2026;Corte;10,00;Pix\n").is_ok());
        assert_eq!(
            like("Orçamento;Data;Cliente;Produto;Quantidade;Total\n1;01/03/2026;Ana;Café;2;10,00\n"),
            Some(OtherSheet::Quotes)
        );
        assert_eq!(
            like("Produto;Vendedor;Total Jan;Total Fev;Total Mar;Quantidade\nCafé;Ana;10,00;20,00;30,00;6\n"),
            Some(OtherSheet::Pivot)
        );
    }

    #[test]
    fn a_quantity_that_cannot_be_read_is_not_taken_for_one() {
        let text = "Data;Produto;Quantidade;Preço\n01/03/2026;Café;muitos;10,00\n02/03/2026;Chá;poucos;5,00\n";
        let refusal = layout(text).unwrap_err();
        assert!(matches!(refusal, Refusal::UnreadableColumn { .. }), "{refusal:?}");
        assert!(layout("Data;Produto;Quantidade;Preço\n01/03/2026;Café;2 un;10,00\n").is_ok());
    }
}
