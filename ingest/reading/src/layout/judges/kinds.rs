//! Finds sheets that mix sales with other rows. A column of kinds says for each row whether it is a sale, a purchase or
//! a return.

use caudal_contract::field::Field;
use caudal_contract::notice::LayoutProblem;
use caudal_contract::text::folded;

use crate::layout::evidence::Evidence;
use crate::layout::finding::Finding;
use crate::layout::result::{Layout, Returns};
use crate::sheet::{Column, Kind, Sheet};
use crate::words::sheets::{
    CFOP, CFOP_RETURN, KIND_OF_ROW, KIND_OF_ROW_BESIDE, KIND_OF_ROW_LETTERS, LETTER_OF_OTHERS, ROW_OF_OTHERS,
    ROW_OF_RETURN, ROW_OF_RETURN_WORDS, ROW_OF_SALE,
};
use crate::words::words_of;

/// Most different values in a column of kinds.
const MOST_KINDS: usize = 60;

/// Takes the rows back that a column calls returns or credits, and doubts a table if the column says that other rows are
/// no sales.
pub(in crate::layout) fn ask(evidence: &Evidence<'_>, layout: &Layout) -> Vec<Finding> {
    by_codes(evidence, layout).or_else(|| by_words(evidence.sheet, layout)).into_iter().collect()
}

/// A kind of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Sale,
    /// It takes a sale back.
    Return,
    /// It is no sale, or may be none.
    Other,
    Unknown,
}

/// The column that tells sales from other rows, if there are both. Its other kinds are listed in the order in which
/// they occur.
fn by_words(sheet: &Sheet, layout: &Layout) -> Option<Finding> {
    let is_kinds =
        |(_, header): &(usize, &String)| names_kinds(header) || KIND_OF_ROW_LETTERS.has_in_any_case(header.trim());
    layout.headers.iter().enumerate().filter(is_kinds).find_map(|(column, header)| {
        let are_letters = KIND_OF_ROW_LETTERS.has_in_any_case(header.trim());
        let kinds = kinds_in(sheet, layout, column)?;
        let are_letters = are_letters || kinds.iter().all(|kind| kind.chars().count() == 1);
        let of = |kind: &str| if are_letters { kind_of_letter(kind) } else { kind_of_words(kind) };
        let has = |wanted: RowKind| kinds.iter().any(|kind| of(kind) == wanted);
        let returns = || kinds.iter().filter(|kind| of(kind) == RowKind::Return);
        if !has(RowKind::Sale) {
            // Beside a return, kinds with unknown names are sales or not, and so are returns alone.
            let others: Vec<String> = returns().map(|kind| (*kind).to_owned()).collect();
            let problem = LayoutProblem::MixedKinds { column: header.clone(), others };
            return (has(RowKind::Return) && !are_letters).then_some(Finding::Doubt(problem));
        }
        if has(RowKind::Other) {
            let others = kinds.iter().filter(|kind| matches!(of(kind), RowKind::Other | RowKind::Return));
            let others = others.map(|kind| (*kind).to_owned()).collect();
            return Some(Finding::Doubt(LayoutProblem::MixedKinds { column: header.clone(), others }));
        }
        let returns: Vec<String> = returns().map(|kind| folded(kind)).collect();
        let found = Returns { kinds: Some((column, returns)), ..layout.returns.clone() };
        has(RowKind::Return).then_some(Finding::Returns(found))
    })
}

/// The different kinds in a column, except those of rows below zero, because such a row takes a sale back in the sums
/// already. `None` if there are too many.
fn kinds_in<'a>(sheet: &'a Sheet, layout: &Layout, column: usize) -> Option<Vec<&'a str>> {
    let first = layout.first_row()?;
    let cells = sheet.columns.get(column)?;
    let measures: Vec<&Column> = [Field::Total, Field::Quantity, Field::UnitPrice]
        .into_iter()
        .filter_map(|field| sheet.columns.get(layout.column(field)?))
        .collect();
    let mut kinds: Vec<&str> = Vec::new();
    for row in (first..sheet.rows).filter(|row| cells.kind(*row) == Kind::Text) {
        let Some(text) = cells.text(row).map(str::trim).filter(|text| !text.is_empty()) else { continue };
        if !kinds.contains(&text) && !measures.iter().any(|cells| is_below_zero(cells, row)) {
            kinds.push(text);
        }
        if kinds.len() > MOST_KINDS {
            return None;
        }
    }
    Some(kinds)
}

/// The codes of operations of Brazilian invoices: goods that came back among goods that were sold.
fn by_codes(evidence: &Evidence<'_>, layout: &Layout) -> Option<Finding> {
    let (column, header, _) = evidence.columns().find(|(_, header, _)| CFOP.has_any(&words_of(header)))?;
    let cells = evidence.sheet.columns.get(column)?;
    let mut codes: Vec<String> = Vec::new();
    for code in (layout.first_row()?..evidence.sheet.rows).filter_map(|row| cells.shown(row)) {
        if !codes.contains(&code) && codes.len() < MOST_KINDS {
            codes.push(code);
        }
    }
    let of = |wanted: RowKind| codes.iter().filter(move |code| kind_of_cfop(code) == wanted);
    let others: Vec<String> = of(RowKind::Other).cloned().collect();
    if of(RowKind::Sale).next().is_none() {
        let returns: Vec<String> = of(RowKind::Return).cloned().collect();
        let problem = LayoutProblem::MixedKinds { column: header.clone(), others: returns.clone() };
        return (!returns.is_empty()).then_some(Finding::Doubt(problem));
    }
    if !others.is_empty() {
        return Some(Finding::Doubt(LayoutProblem::MixedKinds { column: header.clone(), others }));
    }
    let returns: Vec<String> = of(RowKind::Return).map(|code| folded(code)).collect();
    let found = Returns { kinds: Some((column, returns.clone())), ..layout.returns.clone() };
    (!returns.is_empty()).then_some(Finding::Returns(found))
}

/// A code of operation begins with 5, 6 or 7 if goods go out, and with 1, 2 or 3 if they come in. What comes in is a
/// return of a sale or a purchase. What goes out below 5.150 and 5.400 to 5.405 is a sale.
fn kind_of_cfop(code: &str) -> RowKind {
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let Some((direction, operation)) = digits.split_at_checked(1).filter(|_| digits.len() == 4) else {
        return RowKind::Unknown;
    };
    match (direction, operation.parse::<u32>()) {
        ("1" | "2" | "3", _) if CFOP_RETURN.has(operation) => RowKind::Return,
        ("5" | "6" | "7", Ok(101..=149 | 251..=258 | 301..=307 | 351..=360 | 401..=405 | 922 | 933)) => RowKind::Sale,
        _ => RowKind::Other,
    }
}

fn is_below_zero(cells: &Column, row: usize) -> bool {
    match cells.kind(row) {
        Kind::Number => cells.number(row) < 0.0,
        Kind::Text => {
            let text = cells.text(row).unwrap_or_default().trim();
            text.starts_with(['-', '(', '−']) || text.ends_with('-') || text.contains("$-") || text.contains("$ -")
        }
        _ => false,
    }
}

/// Whether a header says of which kind each row is.
pub(super) fn names_kinds(header: &str) -> bool {
    KIND_OF_ROW.has_all_beside(KIND_OF_ROW_BESIDE, &words_of(header))
}

fn kind_of_words(kind: &str) -> RowKind {
    let kind = folded(kind);
    if ROW_OF_RETURN.begin(&kind) || ROW_OF_RETURN_WORDS.has(&kind) {
        RowKind::Return
    } else if ROW_OF_SALE.begin(&kind) {
        RowKind::Sale
    } else if ROW_OF_OTHERS.begin(&kind) {
        RowKind::Other
    } else {
        RowKind::Unknown
    }
}

/// A letter is never certain, so a person is asked about every one that may be no sale.
fn kind_of_letter(kind: &str) -> RowKind {
    if LETTER_OF_OTHERS.has(&folded(kind)) { RowKind::Other } else { RowKind::Sale }
}

#[cfg(test)]
mod tests {
    use caudal_contract::notice::LayoutProblem;

    use crate::layout::find;

    #[test]
    fn purchases_among_sales_are_asked_about() {
        let doubt = |header: &str, kind: &str| {
            let text = format!(
                "Data;{header};Produto;Quantidade;Total\n01/03/2026;Venda;Café;2;10,00\n02/03/2026;{kind};Chá;1;5,00\n"
            );
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().doubt
        };
        assert_eq!(
            doubt("Tipo", "Compra"),
            Some(LayoutProblem::MixedKinds { column: "Tipo".to_owned(), others: vec!["Compra".to_owned()] })
        );
        assert_eq!(doubt("Tipo", "Venda a prazo"), None);
        let returned =
            "Data;Tipo;Produto;Quantidade;Total\n01/03/2026;Venda;Café;2;10,00\n02/03/2026;Devolução;Café;-1;-5,00\n";
        let sheet = crate::sheet::read(returned.as_bytes(), "x.csv").unwrap().sheets.remove(0);
        assert_eq!(find(&sheet).unwrap().doubt, None, "what is below zero balances its sale");
        assert_eq!(doubt("Tipo de cliente", "Compra"), None);
    }

    #[test]
    fn returns_among_kinds_that_no_list_knows_are_asked_about_and_so_are_returns_alone() {
        for (header, sale, other) in [
            ("Evento", "Pagamento", "Estorno"),
            ("Tipo", "Ticket", "Devolución"),
            ("Tipo de documento", "Boleta", "Nota de crédito"),
            ("Tipo", "Devolução", "Devolução"),
            ("CFOP", "1202", "1202"),
        ] {
            assert_eq!(returns(header, sale, other), (None, true), "{header} {sale} {other}");
        }
    }

    #[test]
    fn a_blank_kind_and_many_kinds_hide_no_purchase() {
        let doubt = |kinds: &[String]| {
            let rows = kinds.iter().map(|kind| format!("01/03/2026;{kind};Café;2;10,00\n")).collect::<String>();
            let text = format!("Data;Tipo;Produto;Quantidade;Total\n{rows}");
            find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap().doubt.is_some()
        };
        assert!(doubt(&["Venda".to_owned(), "Compra".to_owned(), "\u{a0}".to_owned()]));
        let many = (0..20).map(|number| format!("Venda {number}"));
        assert!(doubt(&many.chain(["Compra".to_owned()]).collect::<Vec<_>>()));
    }

    fn returns(header: &str, sale: &str, other: &str) -> (Option<Vec<String>>, bool) {
        let text = format!(
            "Data;{header};Produto;Quantidade;Total\n01/03/2026;{sale};Café;2;10,00\n02/03/2026;{other};Café;1;5,00\n"
        );
        let layout = find(&crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0)).unwrap();
        (layout.returns.kinds.map(|(_, kinds)| kinds), layout.doubt.is_some())
    }

    #[test]
    fn documents_of_credit_take_their_sales_back() {
        for (header, sale, other, folded) in [
            ("Tipo de documento", "Fatura", "Nota de crédito", "nota de credito"),
            ("Tipo", "Venda", "Devolução", "devolucao"),
            ("Comprobante tipo", "Factura", "NC", "nc"),
            ("Document type", "Invoice", "Credit note", "credit note"),
            ("Evento", "Venda", "Estorno", "estorno"),
            ("CFOP", "5102", "1202", "1202"),
            ("CFOP", "5.102", "1.202", "1 202"),
        ] {
            assert_eq!(returns(header, sale, other), (Some(vec![folded.to_owned()]), false), "{header} {other}");
        }
        for (header, sale, other) in
            [("V/D", "V", "D"), ("Tipo", "V", "D"), ("CFOP", "5102", "5910"), ("CFOP", "5102", "1102")]
        {
            assert_eq!(returns(header, sale, other), (None, true), "{header} {other}");
        }
        assert_eq!(returns("CFOP", "5102", "6108"), (None, false));
    }
}
