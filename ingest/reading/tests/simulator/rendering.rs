//! A truth and a plan become the cells of a file, and the place of each line in it.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use crate::chance::Chance;
use crate::column::{Level, What};
use crate::plan::{Beside, FileKind, Grain, Months, Place, Plan, Sums};
use crate::truth::{Language, Line, Order, State, Truth, rounded};
use crate::words;
use crate::writing::{self, Cell, Marks, Percents};

/// The cells of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    pub name: String,
    pub rows: Vec<Vec<Cell>>,
    /// First row, last row and column of merged cells.
    pub merged: Vec<(usize, usize, usize)>,
}

/// A row that shows a line or an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    pub sheet: usize,
    pub row: usize,
    pub order: usize,
    /// `None` if the row is a whole order.
    pub line: Option<usize>,
    pub day: NaiveDate,
    pub is_return: bool,
}

/// A file before its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendering {
    pub grids: Vec<Grid>,
    pub placed: Vec<Placed>,
}

/// A row to be written.
#[derive(Clone, Copy)]
struct Row {
    order: usize,
    line: Option<usize>,
    is_first: bool,
    is_return: bool,
    day: NaiveDate,
}

pub fn render(truth: &Truth, plan: &Plan) -> Rendering {
    let mut rendering = Rendering { grids: Vec::new(), placed: Vec::new() };
    let rows = rows(truth, plan);
    let mut parts: BTreeMap<(i32, u32), Vec<Row>> = BTreeMap::new();
    for row in rows {
        let part = if plan.months == Months::Together { (0, 0) } else { (row.day.year(), row.day.month()) };
        parts.entry(part).or_default().push(row);
    }
    for ((year, month), rows) in parts {
        Sheet { truth, plan, sheet: rendering.grids.len(), year, month }.write(&rows, &mut rendering);
    }
    rendering.grids.extend(beside(truth, plan, &rendering.grids[0], &rendering.placed));
    rendering
}

/// A sheet without further sales.
fn beside(truth: &Truth, plan: &Plan, sales: &Grid, placed: &[Placed]) -> Option<Grid> {
    match plan.beside {
        Beside::Nothing => None,
        Beside::Copy => {
            let half = placed[placed.len() / 2].row + 1;
            let rows = sales.rows.iter().take(half).cloned().collect();
            Some(Grid { name: "Filtro".to_owned(), rows, merged: Vec::new() })
        }
        Beside::Summary => {
            let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
            for line in truth.orders.iter().filter(|order| order.is_sold()).flat_map(|order| &order.lines) {
                *sums.entry(&truth.products[line.product].name).or_default() += line.net();
            }
            let title = words::headers(What::Product, plan.language).0[0];
            let total = words::headers(What::Net, plan.language).0[0];
            let header = vec![Cell::Text(title.to_owned()), Cell::Text(total.to_owned())];
            let row =
                |(name, sum): (&str, i64)| vec![Cell::Text(name.to_owned()), Cell::Number(sum as f64 / 100.0, "0.00")];
            let rows = std::iter::once(header).chain(sums.into_iter().map(row)).collect();
            Some(Grid { name: "Resumo".to_owned(), rows, merged: Vec::new() })
        }
    }
}

/// The rows in the order of the file.
fn rows(truth: &Truth, plan: &Plan) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, order) in truth.orders.iter().enumerate() {
        let row = Row { order: index, line: None, is_first: true, is_return: false, day: order.day };
        match plan.grain {
            Grain::Order => rows.push(row),
            Grain::Line => {
                rows.extend((0..order.lines.len()).map(|line| Row { line: Some(line), is_first: line == 0, ..row }));
                rows.extend(order.returned.map(|(line, days)| {
                    let day = order.day + Days::new(days);
                    Row { line: Some(line), is_return: true, day, ..row }
                }));
            }
        }
    }
    if plan.sums == Some(Sums::GroupAbove) {
        rows.sort_by_key(|row| (truth.orders[row.order].store, row.day, row.order));
    } else if plan.newest_first {
        rows.sort_by_key(|row| (std::cmp::Reverse(row.day), std::cmp::Reverse(row.order)));
    } else {
        rows.sort_by_key(|row| (row.day, row.order));
    }
    rows
}

struct Sheet<'a> {
    truth: &'a Truth,
    plan: &'a Plan,
    sheet: usize,
    year: i32,
    month: u32,
}

impl Sheet<'_> {
    fn write(&self, rows: &[Row], rendering: &mut Rendering) {
        let mut cells: Vec<Vec<Cell>> = self.titles(rows);
        let header = self.indented(self.plan.columns.iter().map(|column| Cell::Text(column.header.clone())).collect());
        cells.push(header.clone());
        let mut merged = Vec::new();
        let group = |row: &Row| match self.plan.sums {
            Some(Sums::GroupAbove) => (self.truth.orders[row.order].store, NaiveDate::MIN),
            _ => (0, row.day),
        };
        for part in rows.chunk_by(|one, other| group(one) == group(other)) {
            if matches!(self.plan.sums, Some(Sums::DayAbove | Sums::GroupAbove)) {
                cells.push(self.sum(part));
            }
            for (index, row) in part.iter().enumerate() {
                if self.plan.repeats_header && rendering.placed.len() % 20 == 19 && row.is_first {
                    cells.push(header.clone());
                }
                let place = cells.len();
                rendering.placed.push(Placed {
                    sheet: self.sheet,
                    row: place,
                    order: row.order,
                    line: row.line,
                    day: row.day,
                    is_return: row.is_return,
                });
                cells.push(
                    self.indented(
                        self.plan
                            .columns
                            .iter()
                            .map(|column| match column.what {
                                What::Date if self.plan.has_days_once && index > 0 => Cell::Blank,
                                what => self.cell(row, what),
                            })
                            .collect(),
                    ),
                );
                let lines = self.truth.orders[row.order].lines.len();
                if self.plan.place == Place::Merged && row.line == Some(0) && lines > 1 && !row.is_return {
                    for (index, column) in self.plan.columns.iter().enumerate() {
                        if column.what.level() == Level::Order {
                            merged.push((place, place + lines - 1, index + self.plan.empty_columns));
                        }
                    }
                }
            }
            if self.plan.sums == Some(Sums::DayBelow) {
                cells.push(self.sum(part));
            }
            if self.plan.blank_rows {
                cells.push(Vec::new());
            }
        }
        if self.plan.sums == Some(Sums::End) {
            cells.push(self.sum(rows));
        }
        rendering.grids.push(Grid { name: self.name(), rows: cells, merged });
    }

    fn indented(&self, cells: Vec<Cell>) -> Vec<Cell> {
        vec![Cell::Blank; self.plan.empty_columns].into_iter().chain(cells).collect()
    }

    fn month_name(&self) -> String {
        let name = words::months(self.plan.language)[self.month as usize - 1];
        let mut letters = name.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    fn name(&self) -> String {
        let short: String = if self.month > 0 { self.month_name().chars().take(3).collect() } else { String::new() };
        match (self.plan.months, self.plan.seed % 4) {
            (Months::Together, _) if self.plan.file != FileKind::Xlsx => String::new(),
            (Months::Together, choice) => {
                ["Vendas", "Plan1", "Sheet1", "Pedidos"][usize::try_from(choice).unwrap()].to_owned()
            }
            (Months::Titles, _) => self.month_name(),
            (Months::SheetNames, 0) => format!("{} {}", self.month_name(), self.year),
            (Months::SheetNames, 1) => format!("{short} {}", self.year),
            (Months::SheetNames, 2) => format!("{:02}-{}", self.month, self.year),
            (Months::SheetNames, _) => format!("{} {}", short.to_uppercase(), self.year),
        }
    }

    fn titles(&self, rows: &[Row]) -> Vec<Vec<Cell>> {
        let text = |text: &str| self.indented(vec![Cell::Text(text.to_owned())]);
        let (report, from) = match self.plan.language {
            Language::Portuguese => ("Relatório de vendas", "Período"),
            Language::Spanish => ("Informe de ventas", "Período"),
            Language::English => ("Sales report", "Period"),
        };
        let mut titles = Vec::new();
        if self.plan.months == Months::Titles {
            let of = if self.plan.language == Language::English { " " } else { " de " };
            titles.push(text(&format!("{report} - {}{of}{}", self.month_name(), self.year)));
        }
        if let Some(known) = self.plan.known {
            titles.extend(
                (0..known.preamble).map(|line| {
                    text(["Vendas", "Emitido em 1 de dezembro", "", "Consulte a central de ajuda", ""][line])
                }),
            );
        }
        let days = rows.iter().map(|row| row.day);
        let period = format!(
            "{from}: {} - {}",
            days.clone().min().unwrap_or_default().format("%d/%m/%Y"),
            days.max().unwrap_or_default().format("%d/%m/%Y")
        );
        let wanted = [text(report), text(&period), Vec::new()];
        titles.extend(wanted.into_iter().take(self.plan.titles));
        titles
    }

    /// A row that sums up others.
    fn sum(&self, rows: &[Row]) -> Vec<Cell> {
        let order = &self.truth.orders[rows[0].order];
        let label = match self.plan.sums {
            Some(Sums::GroupAbove) => words::stores(self.plan.language)[order.store],
            _ => {
                let labels = words::sums(self.plan.language);
                labels[self.plan.sum_label % labels.len()]
            }
        };
        let product = self.plan.columns.iter().position(|column| column.what == What::Product);
        let first_text = self.plan.columns.iter().position(|column| !column.what.is_summed()).unwrap_or(0);
        let place = match self.plan.sums {
            Some(Sums::GroupAbove) => product.unwrap_or(0),
            _ if self.plan.sum_label.is_multiple_of(2) => product.unwrap_or(first_text),
            _ => first_text,
        };
        let cell = |(index, column): (usize, &crate::column::Column)| {
            if index == place {
                return Cell::Text(label.to_owned());
            }
            if !column.what.is_summed() {
                return Cell::Blank;
            }
            let counted = rows.iter().filter(|row| column.what.level() == Level::Line || row.is_first);
            let sum: i64 = counted.filter_map(|row| self.number(row, column.what)).sum();
            self.number_cell(sum, column.what, false, true)
        };
        self.indented(self.plan.columns.iter().enumerate().map(cell).collect())
    }

    fn chance(&self, row: &Row, what: What) -> Chance {
        Chance::of(self.plan.seed, &[self.truth.orders[row.order].number, row.line.unwrap_or(99), what as usize])
    }

    /// The cell of a row in a column.
    fn cell(&self, row: &Row, what: What) -> Cell {
        let is_shown = match self.plan.place {
            Place::Repeated => true,
            Place::FirstLine => row.is_first || self.repeats(what),
            Place::Merged => row.is_first,
        };
        if what.level() == Level::Order && !is_shown {
            return Cell::Blank;
        }
        let order = &self.truth.orders[row.order];
        if let Some(number) = self.number(row, what) {
            let is_zero_blank = number == 0
                && matches!(what, What::Refund | What::LineDiscount | What::OrderDiscount | What::LinePercent);
            if is_zero_blank && self.plan.known.is_none() && self.plan.seed.is_multiple_of(3) {
                return Cell::Blank;
            }
            let cell = self.number_cell(number, what, order.is_foreign, self.is_weighed(row));
            let unit = row.line.map(|line| self.truth.products[order.lines[line].product].unit);
            return match (cell, unit) {
                (Cell::Text(text), Some(unit)) if self.plan.has_unit_texts && what == What::Quantity => {
                    Cell::Text(format!("{text} {unit}"))
                }
                (cell, _) => cell,
            };
        }
        self.text_cell(row, order, what)
    }

    /// The line that a column of a row shows.
    fn line(&self, row: &Row, what: What) -> Option<usize> {
        let lines = self.truth.orders[row.order].lines.len();
        match what {
            What::SecondProduct | What::SecondQuantity | What::SecondNet => Some(1).filter(|line| *line < lines),
            _ if self.plan.has(What::SecondNet) => Some(0),
            _ => row.line,
        }
    }

    /// The money of all lines until this one.
    fn running(&self, row: &Row) -> i64 {
        let before = self.truth.orders.iter().take(row.order).map(Order::subtotal).sum::<i64>();
        let lines = &self.truth.orders[row.order].lines;
        before + lines.iter().take(row.line.map_or(lines.len(), |line| line + 1)).map(Line::net).sum::<i64>()
    }

    fn repeats(&self, what: What) -> bool {
        match self.plan.known {
            Some(known) => known.repeats.contains(&what),
            None => what == What::OrderNumber || what == What::Date && self.plan.seed.is_multiple_of(2),
        }
    }

    fn is_weighed(&self, row: &Row) -> bool {
        let product = row.line.map(|line| &self.truth.products[self.truth.orders[row.order].lines[line].product]);
        product.is_some_and(|product| product.weighed)
            || self.plan.traits.has_weights && self.plan.seed.is_multiple_of(2)
    }

    /// The number of a row in a column, in cents or thousandths, if the column has numbers.
    fn number(&self, row: &Row, what: What) -> Option<i64> {
        let order = &self.truth.orders[row.order];
        let line = self.line(row, what).map(|line| &order.lines[line]);
        let product = line.map(|line| &self.truth.products[line.product]);
        let sign = if row.is_return && !self.plan.has(What::Kind) { -1 } else { 1 };
        let of_line = |value: fn(&Line) -> i64| line.map(value).map(|value| sign * value);
        let share = || row.line.map(|line| sign * order.shares()[line]);
        let paid_back = match order.state {
            State::Refunded => order.total(),
            _ => order.refund,
        };
        let any = |low, high| Some(self.chance(row, what).between(low, high));
        let number = match what {
            What::OrderSubtotal => Some(order.subtotal()),
            What::OrderDiscount => Some(order.discount),
            What::Freight => Some(order.freight),
            What::Fee => Some(order.fee),
            What::OrderTotal => Some(order.total()),
            What::OrderGoods => Some(order.goods()),
            What::Payout if self.plan.has(What::Refund) => Some(order.total() - order.fee - paid_back),
            What::Payout => Some(order.total() - order.fee),
            What::Refund => Some(paid_back),
            What::Items => Some(1000 * i64::try_from(order.lines.len()).unwrap()),
            What::Quantity | What::SecondQuantity => of_line(|line| line.thousandths),
            What::Price => line.map(|line| line.price),
            What::Gross => of_line(Line::gross),
            What::LineDiscount => of_line(|line| line.discount),
            What::LinePercent => line.map(|line| line.percent),
            What::Net | What::SecondNet => of_line(Line::net),
            What::InCash | What::ByCard | What::ByTransfer => {
                let way = match order.payment {
                    2 => What::InCash,
                    1 | 4 => What::ByCard,
                    _ => What::ByTransfer,
                };
                line.filter(|_| way == what).map(|line| sign * line.net())
            }
            What::Tax => line.map(|line| sign * rounded(line.net(), 20)),
            What::WithTax => line.map(|line| sign * (line.net() + rounded(line.net(), 20))),
            What::Profit => line.map(|line| sign * rounded(line.net() * 45, 100)),
            What::Running => Some(self.running(row)),
            What::Share => share(),
            What::DiscountShare => line.and_then(|line| share().map(|share| line.net() - share)),
            What::Zero => Some(0),
            What::RowNumber => Some(1000 * i64::try_from(row.order + 1).unwrap()),
            What::InternalId => any(880_000_000, 899_999_999).map(|id| 1000 * id),
            What::Stock => any(0, 80).map(|stock| 1000 * stock),
            What::Rating => any(1, 5).map(|rating| 1000 * rating),
            What::Points => any(1, 90).map(|points| 1000 * points),
            What::Instalments => any(1, 12).map(|parts| 1000 * parts),
            What::Unnamed => any(1, 4).map(|times| 1000 * times),
            What::Weight => any(1, 40).map(|weight| 50_000 * weight),
            What::Commission => line.map(|line| rounded(line.net() * 5, 100)),
            What::Cost => product.map(|product| rounded(product.price * 55, 100)),
            What::ListPrice => product.map(|product| rounded(product.price * 125, 100)),
            _ => None,
        };
        let is_below = self.plan.known.is_some_and(|known| known.below_zero.contains(&what));
        number.map(|number| if is_below { -number } else { number })
    }

    /// Writes a number of a column.
    fn number_cell(&self, number: i64, what: What, is_foreign: bool, is_weighed: bool) -> Cell {
        let plan = self.plan;
        let is_text = plan.file != FileKind::Xlsx || plan.texts_only;
        if what == What::LinePercent {
            return percent(plan, number, is_text);
        }
        let plain = Marks { thousands: None, before: "", after: "", ..plan.marks };
        match (what.is_money(), is_text) {
            (true, false) => Cell::Number(number as f64 / 100.0, plan.money_format),
            (false, false) => Cell::Number(number as f64 / 1000.0, "General"),
            (true, true) if is_foreign && !plan.marks.before.is_empty() => {
                let before = if plan.currencies().1 == "USD" { "US$ " } else { "€ " };
                Cell::Text(Marks { before, ..plan.marks }.money(number))
            }
            (true, true) => Cell::Text(plan.marks.money(number)),
            (false, true) if matches!(what, What::Quantity | What::SecondQuantity) && is_weighed => {
                Cell::Text(plain.text(number, 3))
            }
            (false, true) if number % 1000 == 0 => Cell::Text(plain.text(number / 1000, 0)),
            (false, true) => Cell::Text(plain.text(number, 3)),
        }
    }

    fn text_cell(&self, row: &Row, order: &Order, what: What) -> Cell {
        let plan = self.plan;
        let moment = moment(row.day, order);
        let customer = order.customer.map(|customer| &self.truth.customers[customer]);
        let product = self.line(row, what).map(|line| &self.truth.products[order.lines[line].product]);
        let text = match what {
            What::Date => return plan.dates.cell(moment, plan.language),
            What::Time => return writing::time(moment),
            What::OrderNumber => self.order_number(order),
            What::Customer => customer.map(|customer| customer.name.clone()).unwrap_or_default(),
            What::Document => customer.map(|customer| customer.document.clone()).unwrap_or_default(),
            What::Email => customer.map(|customer| customer.email.clone()).unwrap_or_default(),
            What::Phone => customer.map(|customer| self.phone(row, &customer.phone)).unwrap_or_default(),
            What::City => customer.map(|customer| customer.city.to_owned()).unwrap_or_default(),
            What::Payment => words::payments(plan.language)[order.payment].to_owned(),
            What::Seller => words::sellers(plan.language)[order.seller].to_owned(),
            What::Store => words::stores(plan.language)[order.store].to_owned(),
            What::Currency => (if order.is_foreign { plan.currencies().1 } else { plan.currencies().0 }).to_owned(),
            What::Status => self.status(order),
            What::Kind => {
                let kinds = words::kinds(plan.language);
                let (sale, back) = kinds[usize::try_from(plan.seed % 12).unwrap() % kinds.len()];
                (if row.is_return { back } else { sale }).to_owned()
            }
            What::Standing => standing(plan.language, order.state).to_owned(),
            What::CancelledAt if order.state == State::Cancelled => {
                return plan.dates.cell(moment + TimeDelta::hours(1), plan.language);
            }
            What::Product | What::SecondProduct => product.map(|product| product.name.clone()).unwrap_or_default(),
            What::Sku => product.map(|product| product.sku.clone()).unwrap_or_default(),
            What::Category => product.map(|product| product.category.to_owned()).unwrap_or_default(),
            What::Unit => product.map(|product| product.unit.to_owned()).unwrap_or_default(),
            What::Notes => {
                let mut chance = self.chance(row, what);
                if chance.percent(30) { chance.pick(words::notes(plan.language)).to_owned() } else { String::new() }
            }
            _ => String::new(),
        };
        if text.is_empty() { Cell::Blank } else { Cell::Text(text) }
    }

    fn order_number(&self, order: &Order) -> String {
        match self.plan.known {
            Some(known) => format!("{}{}", known.order_prefix, order.number),
            None => match self.plan.seed % 5 {
                0 => format!("#{}", order.number),
                1 => format!("PED-{:06}", order.number),
                _ => order.number.to_string(),
            },
        }
    }

    /// A phone, which is written in several ways if another column says who it is.
    fn phone(&self, row: &Row, digits: &str) -> String {
        let (area, number) = digits.split_at(2);
        let way = self.chance(row, What::Phone).below(4);
        match way {
            0 => format!("({area}) {}-{}", &number[..5], &number[5..]),
            1 => digits.to_owned(),
            2 => format!("+55 {area} {}-{}", &number[..5], &number[5..]),
            _ => format!("{area} {number}"),
        }
    }

    fn status(&self, order: &Order) -> String {
        if let Some(known) = self.plan.known {
            return known.state(order.state).to_owned();
        }
        // If a column says when an order was cancelled, the status may still say that it was paid.
        let forgets =
            self.plan.has(What::CancelledAt) && self.plan.seed.is_multiple_of(2) && order.state == State::Cancelled;
        let state = if forgets { State::Paid } else { order.state };
        let all = words::states(state, self.plan.language);
        all[usize::try_from(self.plan.seed / 7).unwrap_or(0) % all.len()].to_owned()
    }
}

fn standing(language: Language, state: State) -> &'static str {
    match (language, state) {
        (Language::Spanish, State::Cancelled) => "Cancelada",
        (Language::Spanish, _) => "Abierta",
        (_, State::Cancelled) => "Cancelado",
        _ => "Aberto",
    }
}

fn percent(plan: &Plan, number: i64, is_text: bool) -> Cell {
    let fraction = || plan.marks.text(number, 2);
    match plan.percents {
        Percents::Sign if is_text => Cell::Text(format!("{number}%")),
        Percents::Whole if is_text => Cell::Text(number.to_string()),
        Percents::Format if is_text => Cell::Text(format!("{number} %")),
        Percents::Fraction if is_text => {
            Cell::Text(Marks { has_brackets: false, ..plan.marks }.text(number, 2).clone())
        }
        Percents::Sign => Cell::Text(format!("{number}%")),
        Percents::Whole => Cell::Number(number as f64, "General"),
        Percents::Format => Cell::Number(number as f64 / 100.0, "0%"),
        Percents::Fraction if plan.texts_only => Cell::Text(fraction()),
        Percents::Fraction => Cell::Number(number as f64 / 100.0, "General"),
    }
}

fn moment(day: NaiveDate, order: &Order) -> NaiveDateTime {
    day.and_hms_opt(0, 0, 0).unwrap() + TimeDelta::seconds(i64::from(order.second))
}
