//! Finds sheets of a workbook that repeat the sales of others: views, backups, and sums by day or customer. They would
//! double the money if they were counted.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use caudal_contract::field::Field;
use polars::prelude::{DataFrame, PolarsError};

/// If fewer days have equal sums, it may be chance.
const FEWEST_DAYS: usize = 5;
/// If the days have fewer different sums than this, equal sums may be chance.
const FEWEST_SUMS: usize = 3;
/// If fewer rows are equal apart from columns that one of the sheets lacks, it may be chance.
const FEWEST_ALIKE: usize = 10;

/// The sales of a sheet, as hashes.
#[derive(Debug)]
pub struct SaleFacts {
    /// Hashes of moment, order, customer, product, quantity and amount.
    sales: Vec<u64>,
    /// Hashes of the values that every sheet of sales has: day, product, quantity and amount.
    alike: Vec<u64>,
    /// The cents of each day.
    days: HashMap<i32, i64>,
    /// Whether every sale has an order, or every sale has a customer.
    identified: bool,
    /// Whether the sheet has an order, a customer and a time of day.
    tells: [bool; 3],
}

impl SaleFacts {
    /// Hashes the rows of a cleaned sheet.
    ///
    /// # Errors
    /// Only if a column is missing, which is a bug.
    pub fn of(sheet: &DataFrame) -> Result<Self, PolarsError> {
        const TEXTS: [Field; 3] = [Field::OrderId, Field::Customer, Field::Product];
        let rows = sheet.height();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let (mut sales, mut alike) = (vec![0_u64; rows], vec![0_u64; rows]);
        let mut identified = false;
        let mut tells = [false; 3];
        for (field, told) in TEXTS.into_iter().zip(0..) {
            // A missing column counts as a column of blank cells.
            let Ok(column) = sheet.column(field.code()) else {
                for sale in &mut sales {
                    *sale = hasher.hash_one((*sale, None::<&str>));
                }
                continue;
            };
            let column = column.str()?;
            if field == Field::Product {
                for (sale, value) in alike.iter_mut().zip(column.iter()) {
                    *sale = hasher.hash_one((*sale, value));
                }
            } else {
                identified |= column.null_count() == 0 && !column.is_empty();
                if let Some(tells) = tells.get_mut(told) {
                    *tells = column.null_count() < column.len();
                }
            }
            for (sale, value) in sales.iter_mut().zip(column.iter()) {
                *sale = hasher.hash_one((*sale, value));
            }
        }
        for name in ["sold_at", Field::Quantity.code(), Field::Total.code()] {
            let column = sheet.column(name)?.i64()?;
            for (sale, value) in sales.iter_mut().zip(column.iter()) {
                *sale = hasher.hash_one((*sale, value));
            }
            if name != "sold_at" {
                for (sale, value) in alike.iter_mut().zip(column.iter()) {
                    *sale = hasher.hash_one((*sale, value));
                }
            }
        }
        let mut days = HashMap::new();
        let totals = sheet.column(Field::Total.code())?.i64()?;
        let on = sheet.column("sold_on")?.i32()?;
        for ((sale, day), total) in alike.iter_mut().zip(on.iter()).zip(totals.iter()) {
            *sale = hasher.hash_one((*sale, day));
            *days.entry(day.unwrap_or(0)).or_default() += total.unwrap_or(0);
        }
        let [.., time] = &mut tells;
        *time = sheet.column("has_time")?.bool()?.any();
        Ok(Self { sales, alike, days, identified, tells })
    }
}

/// How often each sale occurs in the sheets added so far.
#[derive(Debug, Default)]
pub struct Seen {
    sales: HashMap<u64, u64>,
    alike: HashMap<u64, u64>,
    count: usize,
    /// The cents of each day: first of all sheets together, then of each sheet.
    days: Vec<HashMap<i32, i64>>,
    tells: Vec<[bool; 3]>,
    /// The sheets' names.
    pub sheets: Vec<String>,
}

impl Seen {
    /// Whether the sheets before it already hold all sales of a sheet.
    #[must_use]
    pub fn hold(&self, told: &SaleFacts) -> bool {
        self.hold_each(told) || self.hold_alike(told) || self.hold_days(told)
    }

    fn hold_each(&self, told: &SaleFacts) -> bool {
        // Fewer equal rows may be chance: a shop may sell the same two things on the same day in both of its branches.
        let fewest = if told.identified || told.sales.len() == self.count { 3 } else { 10 };
        told.sales.len() >= fewest && are_in(&told.sales, &self.sales)
    }

    /// Whether the same rows occur with fewer or more columns, such as a report of orders without their numbers.
    fn hold_alike(&self, told: &SaleFacts) -> bool {
        let other_columns = self.tells.iter().any(|tells| *tells != told.tells);
        other_columns && told.alike.len() >= FEWEST_ALIKE && are_in(&told.alike, &self.alike)
    }

    /// Whether each day has the same money, as in sums by customer, by product or by day.
    fn hold_days(&self, told: &SaleFacts) -> bool {
        let sums: HashSet<i64> = told.days.values().copied().collect();
        let same = |days: &HashMap<i32, i64>| told.days.iter().all(|(day, sum)| days.get(day) == Some(sum));
        told.days.len() >= FEWEST_DAYS && sums.len() >= FEWEST_SUMS && self.days.iter().any(same)
    }

    /// Adds the sales of a sheet that is counted.
    pub fn add(&mut self, name: &str, told: SaleFacts) {
        for (counts, sales) in [(&mut self.sales, &told.sales), (&mut self.alike, &told.alike)] {
            for sale in sales {
                *counts.entry(*sale).or_default() += 1;
            }
        }
        self.count += told.sales.len();
        if self.days.is_empty() {
            self.days.push(HashMap::new());
        }
        if let Some(all) = self.days.first_mut() {
            for (day, sum) in &told.days {
                *all.entry(*day).or_default() += sum;
            }
        }
        self.days.push(told.days);
        self.tells.push(told.tells);
        self.sheets.push(name.to_owned());
    }
}

/// Whether each of these occurs at least as often among the counted ones.
fn are_in(sales: &[u64], counted: &HashMap<u64, u64>) -> bool {
    let mut counts: HashMap<u64, u64> = HashMap::new();
    for sale in sales {
        *counts.entry(*sale).or_default() += 1;
    }
    counts.iter().all(|(sale, count)| counted.get(sale).is_some_and(|before| before >= count))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::America::Sao_Paulo;

    use caudal_contract::notice::{LayoutProblem, Remark};

    use crate::batch::{Batch, BatchError};
    use crate::sheet::Contents;
    use crate::value::{Basis, Conventions, Mark};

    /// A workbook with these sheets, each given as text.
    fn workbook(sheets: &[(&str, String)]) -> Batch {
        taken(sheets).unwrap()
    }

    fn taken(sheets: &[(&str, String)]) -> Result<Batch, BatchError> {
        let read = |(name, text): &(&str, String)| {
            let mut sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
            sheet.name = (*name).to_owned();
            sheet
        };
        let contents = Contents { sheets: sheets.iter().map(read).collect(), remarks: Vec::new() };
        let conventions = Conventions {
            zone: Sao_Paulo,
            basis: Basis::Column,
            mark: Mark::Comma,
            day_first: true,
            arrived: DateTime::UNIX_EPOCH,
        };
        Batch::of_file(&contents, &Conventions { arrived: "2026-06-01T00:00:00Z".parse().unwrap(), ..conventions }, &[])
    }

    fn month(month: u32) -> String {
        (1..=6).map(|day| format!("{day:02}/{month:02}/2026;Ana;Café;{day},00\n")).collect()
    }

    #[test]
    fn a_sheet_that_puts_the_months_together_is_not_counted_again() {
        let header = "Data;Cliente;Produto;Total\n";
        let sheet = |rows: &str| format!("{header}{rows}");
        let (january, february) = (month(1), month(2));
        let all = format!("{january}{february}");
        let batch = workbook(&[("Jan", sheet(&january)), ("Fev", sheet(&february)), ("Geral", sheet(&all))]);
        assert_eq!((batch.sheets.len(), batch.rows_read), (2, 12));
        assert!(
            batch.remarks.iter().any(|remark| matches!(remark, Remark::SheetIsCopy { sheet, .. } if sheet == "Geral"))
        );
        let view = workbook(&[("Geral", sheet(&all)), ("Filtro", sheet(&february))]);
        assert_eq!(view.rows_read, 12);
        let more = format!("{february}07/02/2026;Ana;Café;7,00\n");
        assert_eq!(workbook(&[("Jan", sheet(&january)), ("Fev", sheet(&more))]).rows_read, 13);
    }

    /// Six days of two products, with and without an order's number.
    fn sold(with_order: bool) -> String {
        let header = if with_order { "Pedido;Data;Produto;Quantidade;Total" } else { "Produto;Data;Quantidade;Total" };
        let row = |day: u32, product: &str, quantity: u32| {
            let total = quantity * day;
            match with_order {
                true => format!("{day}{quantity};{day:02}/03/2026;{product};{quantity};{total},00\n"),
                false => format!("{product};{day:02}/03/2026;{quantity};{total},00\n"),
            }
        };
        let days = (1..=6).map(|day| row(day, "Café", 2) + &row(day, "Chá", 3)).collect::<String>();
        format!("{header}\n{days}")
    }

    #[test]
    fn a_sheet_that_repeats_sales_with_other_columns_is_not_counted_again() {
        let orders = sold(true);
        assert_eq!(workbook(&[("Vendas", orders.clone()), ("Relatório", sold(false))]).rows_read, 12);
        let by_day = (1..=6).map(|day| format!("{day:02}/03/2026;Diversos;{},00\n", 5 * day)).collect::<String>();
        let by_day = format!("Data;Produto;Total\n{by_day}");
        assert_eq!(workbook(&[("Vendas", orders.clone()), ("Por dia", by_day.clone())]).rows_read, 12);
        let other = by_day.replace("30,00", "31,00");
        assert_eq!(workbook(&[("Vendas", orders.clone()), ("Loja 2", other)]).rows_read, 18);
        let view: String = sold(false).lines().take(11).map(|line| format!("{line}\n")).collect();
        assert_eq!(workbook(&[("Vendas", orders), ("Filtro", view)]).rows_read, 12, "all but the last two");
    }

    #[test]
    fn a_sheet_without_a_header_that_goes_on_with_the_others_is_not_left_aside() {
        let (january, february) = (month(1), month(2));
        let header = "Data;Cliente;Produto;Total\n";
        let sheets = [("Jan", format!("{header}{january}")), ("Fev", february)];
        assert!(matches!(taken(&sheets), Err(BatchError::NeedsLayout(LayoutProblem::NoHeader))));
        let notes = [("Jan", format!("{header}{january}")), ("Notas", "a fazer\nligar para Ana\n".to_owned())];
        assert_eq!(workbook(&notes).rows_read, 6);
    }

    #[test]
    fn a_sheet_of_which_no_row_can_be_read_is_asked_about() {
        let header = "Data;Produto;Qtd;Preço;Total\n";
        let rows = |blank: &str| format!("{header}{}", format!("01/03/2026;Café;{blank}2;5,00;10,00\n").repeat(4));
        let result = taken(&[("Jan", rows("")), ("Fev", rows(";"))]);
        assert!(matches!(result, Err(BatchError::NeedsLayout(LayoutProblem::ManyRejected { rows: 4, .. }))));
    }
}
