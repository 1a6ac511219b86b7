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
    /// Whether every sale has an order, or every sale has a time of day. Then equal rows are one sale.
    told_apart: bool,
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
        let (mut identified, mut told_apart) = (false, false);
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
                let is_full = column.null_count() == 0 && !column.is_empty();
                identified |= is_full;
                told_apart |= is_full && field == Field::OrderId;
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
        let has_time = sheet.column("has_time")?.bool()?;
        *time = has_time.any();
        told_apart |= has_time.all();
        Ok(Self { sales, alike, days, identified, told_apart, tells })
    }
}

/// The sheets that are counted so far, and how often each sale occurs in them.
#[derive(Debug, Default)]
pub struct Seen {
    sales: HashMap<u64, u64>,
    alike: HashMap<u64, u64>,
    /// The cents of each day of all sheets together.
    days: HashMap<i32, i64>,
    sheets: Vec<(String, SaleFacts)>,
}

impl Seen {
    /// Whether the counted sheets already hold all sales of a sheet.
    #[must_use]
    pub fn hold(&self, told: &SaleFacts) -> bool {
        self.hold_each(told) || self.hold_alike(told) || self.hold_days(told)
    }

    fn hold_each(&self, told: &SaleFacts) -> bool {
        let counted = self.sheets.iter().map(|(_, counted)| counted.sales.len()).sum::<usize>();
        // Fewer equal rows may be chance: a shop may sell the same two things on the same day in both of its branches.
        // It gives them neither the same number nor the same minute.
        let fewest = match told.told_apart {
            true => 1,
            false if told.identified || told.sales.len() == counted => 3,
            false => 10,
        };
        told.sales.len() >= fewest && are_in(&told.sales, &self.sales)
    }

    /// Whether the same rows occur with fewer or more columns, such as a report of orders without their numbers.
    fn hold_alike(&self, told: &SaleFacts) -> bool {
        let other_columns = self.sheets.iter().any(|(_, counted)| counted.tells != told.tells);
        other_columns && told.alike.len() >= FEWEST_ALIKE && are_in(&told.alike, &self.alike)
    }

    /// Whether each day has the same money, as in sums by customer, by product or by day.
    fn hold_days(&self, told: &SaleFacts) -> bool {
        let sums: HashSet<i64> = told.days.values().copied().collect();
        let same = |days: &HashMap<i32, i64>| told.days.iter().all(|(day, sum)| days.get(day) == Some(sum));
        let of_sheets = self.sheets.iter().map(|(_, counted)| &counted.days);
        told.days.len() >= FEWEST_DAYS && sums.len() >= FEWEST_SUMS && of_sheets.chain([&self.days]).any(same)
    }

    /// Adds the sales of a sheet that is counted. Returns the names of the sheets before it whose sales it holds and
    /// which are no longer counted, as in a workbook of today, this month and this year.
    pub fn add(&mut self, name: &str, told: SaleFacts) -> Vec<String> {
        let may_hold = |(_, before): &(String, SaleFacts)| before.days.keys().all(|day| told.days.contains_key(day));
        if !self.sheets.iter().any(may_hold) {
            self.count(name.to_owned(), told);
            return Vec::new();
        }
        let mut alone = Self::default();
        alone.count(name.to_owned(), told);
        let (held, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.sheets).into_iter().partition(|(_, before)| alone.hold(before));
        *self = Self::default();
        for (name, counted) in others.into_iter().chain(alone.sheets) {
            self.count(name, counted);
        }
        held.into_iter().map(|(name, _)| name).collect()
    }

    fn count(&mut self, name: String, told: SaleFacts) {
        for (counts, sales) in [(&mut self.sales, &told.sales), (&mut self.alike, &told.alike)] {
            for sale in sales {
                *counts.entry(*sale).or_default() += 1;
            }
        }
        for (day, sum) in &told.days {
            *self.days.entry(*day).or_default() += sum;
        }
        self.sheets.push((name, told));
    }

    /// The names of the counted sheets.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.sheets.iter().map(|(name, _)| name.as_str()).collect()
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
    use proptest::prelude::*;

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

    /// A thing by which sales of one day are told apart.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Apart {
        Order,
        Customer,
        Time,
    }

    /// Days of March with three sales each, and the rows of their sheet.
    fn days(days: std::ops::RangeInclusive<u32>, apart: Apart) -> String {
        let header = match apart {
            Apart::Order => "Pedido;Data;Produto;Quantidade;Total\n",
            Apart::Customer => "Cliente;Data;Produto;Quantidade;Total\n",
            Apart::Time => "Data;Hora;Produto;Quantidade;Total\n",
        };
        let sale = |day: u32, sale: u32| {
            let date = format!("{day:02}/03/2026");
            let first = match apart {
                Apart::Order => format!("{};{date}", day * 10 + sale),
                Apart::Customer => format!("Ana {sale};{date}"),
                Apart::Time => format!("{date};1{sale}:0{sale}"),
            };
            format!("{first};Café {sale};{sale};{},00\n", day * sale)
        };
        header.to_owned() + &days.flat_map(|day| (1..=3).map(move |number| sale(day, number))).collect::<String>()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sheets_that_contain_one_another_are_counted_once_in_any_order(
            apart in proptest::sample::select(vec![Apart::Order, Apart::Customer, Apart::Time]),
            order in Just(vec![0, 1, 2]).prop_shuffle(),
            today in 1_u32..20,
            week in 0_u32..3,
        ) {
            let sheets = [
                ("Hoje", days(today..=today, apart)),
                ("Semana", days(today..=today + week, apart)),
                ("Mês", days(1..=22, apart)),
            ];
            let sheets: Vec<(&str, String)> = order.iter().map(|place| sheets[*place].clone()).collect();
            let batch = workbook(&sheets);
            prop_assert_eq!((batch.rows_read, batch.sheets.len()), (66, 1), "{:?}", order);
            let copies = batch.remarks.iter().filter(|remark| matches!(remark, Remark::SheetIsCopy { .. })).count();
            prop_assert_eq!(copies, 2);
        }
    }

    #[test]
    fn one_sale_of_today_is_counted_once_by_its_number_or_time() {
        let today = |apart| days(7..=7, apart).lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
        for apart in [Apart::Order, Apart::Time] {
            assert_eq!(workbook(&[("Hoje", today(apart)), ("Mês", days(1..=20, apart))]).rows_read, 60, "{apart:?}");
        }
        let stores = [("Loja 1", today(Apart::Customer)), ("Loja 2", days(1..=20, Apart::Customer))];
        assert_eq!(workbook(&stores).rows_read, 61);
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
