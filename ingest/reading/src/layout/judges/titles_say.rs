//! Finds titles that say that a table holds something other than sales.

use caudal_contract::field::Field;
use caudal_contract::notice::{OtherSheet, Refusal};
use caudal_contract::text::folded;

use super::sold::{Signs, found};
use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::Layout;
use crate::sheet::Sheet;
use crate::words::Starts;
use crate::words::sheets::{
    TITLE_OF_LEDGER, TITLE_OF_PURCHASES, TITLE_OF_QUOTES, TITLE_OF_RETURNS, TITLE_OF_SALES, TITLE_OF_STOCK,
};

/// Refuses a table that its titles call something else.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    named_otherwise(evidence.sheet, layout).map(Finding::Refuse).into_iter().collect()
}

/// The refusal if the sheet's name and the titles above its header name another kind of sheet. They do not count if
/// they speak of sales too, or if they speak of purchases and the columns show that these are purchases by customers.
fn named_otherwise(sheet: &Sheet, layout: &Layout) -> Option<Refusal> {
    const TITLES: usize = 4;
    const LONGEST: usize = 60;
    const KINDS: &[(OtherSheet, Starts)] = &[
        (OtherSheet::Returns, TITLE_OF_RETURNS),
        (OtherSheet::Quotes, TITLE_OF_QUOTES),
        (OtherSheet::Purchases, TITLE_OF_PURCHASES),
        (OtherSheet::Ledger, TITLE_OF_LEDGER),
        (OtherSheet::Stock, TITLE_OF_STOCK),
    ];
    let header_row = layout.header_row?;
    let titles =
        (0..header_row.min(TITLES)).filter_map(|row| sheet.columns.iter().find_map(|column| column.shown(row)));
    let texts: Vec<String> = titles
        .filter(|title| title.chars().count() <= LONGEST)
        .chain([sheet.name.clone()])
        .map(|text| folded(&text))
        .collect();
    let says = |starts: Starts| texts.iter().flat_map(|text| text.split(' ')).any(|word| starts.begin(word));
    let (like, _) = KINDS.iter().find(|(_, starts)| says(*starts))?;
    let bought = *like == OtherSheet::Purchases && (layout.column(Field::Customer).is_some() || Signs::of(layout).sale);
    (!bought && !says(TITLE_OF_SALES)).then(|| Refusal::LooksLike { like: *like, found: found(layout) })
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::{OtherSheet, Refusal};

    use crate::layout::{Layout, find};

    fn layout(text: &str) -> Result<Layout, Refusal> {
        find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0))
    }

    #[test]
    fn a_title_may_say_that_a_table_is_none_of_sales() {
        let like = |title: &str| {
            let text = format!("{title}\nData;Produto;Quantidade;Total\n01/03/2026;Café;2;10,00\n");
            layout(&text).err().map(|refusal| match refusal {
                Refusal::LooksLike { like, .. } => like,
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(like("Controle de compras;;;"), Some(OtherSheet::Purchases));
        assert_eq!(like("Devoluções de março;;;"), Some(OtherSheet::Returns));
        assert_eq!(like("Vendas e devoluções;;;"), None);
        assert_eq!(like("Padaria do Zé;;;"), None);
    }
}
