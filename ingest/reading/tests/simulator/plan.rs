//! The plan of a sheet: every choice between the truth and its rendering. A plan without one of its columns, rows or
//! oddities is a plan as well, so that a sheet can be made smaller.

use caudal_reading::value::{Basis, Conventions, Mark};
use chrono::DateTime;
use chrono_tz::Tz;

use crate::chance::Chance;
use crate::column::{Column, What, Word};
use crate::known::{self, Known};
use crate::truth::{Discount, Language, State, Traits, Truth};
use crate::writing::{Dates, Marks, Percents};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    Line,
    Order,
}

/// Which rows of an order show the order's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Repeated,
    FirstLine,
    Merged,
}

/// Rows that sum up others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sums {
    DayBelow,
    DayAbove,
    GroupAbove,
    End,
}

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Csv { delimiter: char, encoding: Encoding, quotes_all: bool, has_crlf: bool },
    Xlsx,
}

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf8Mark,
    Windows,
    Utf16,
}

/// How a workbook parts its sheets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Months {
    /// One sheet.
    Together,
    /// A sheet a month whose name says month and year.
    SheetNames,
    /// A sheet a month. Its name says the month, and a title says month and year.
    Titles,
}

/// Another sheet of the workbook, which holds no further sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    /// The sums of the products.
    Summary,
    /// The first half of the same sales.
    Copy,
}

/// The plan of a sheet.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub language: Language,
    pub grain: Grain,
    pub traits: Traits,
    pub orders: usize,
    pub columns: Vec<Column>,
    pub place: Place,
    pub titles: usize,
    pub blank_rows: bool,
    pub empty_columns: usize,
    pub sums: Option<Sums>,
    pub sum_label: usize,
    pub months: Months,
    pub marks: Marks,
    /// Whether numbers of a workbook are texts.
    pub texts_only: bool,
    pub money_format: &'static str,
    pub dates: Dates,
    pub percents: Percents,
    /// Whether kinds of currency are marks in the cells, not a column.
    pub file: FileKind,
    pub file_name: String,
    pub newest_first: bool,
    /// Whether only the first row of a day has the day.
    pub has_days_once: bool,
    pub repeats_header: bool,
    /// Whether quantities carry their unit: `2 un`.
    pub has_unit_texts: bool,
    pub beside: Beside,
    pub known: Option<&'static Known>,
    pub point_settings: bool,
}

impl Plan {
    /// Whether numbers are cells of a workbook, not texts.
    pub fn writes_numbers(&self) -> bool {
        self.file == FileKind::Xlsx && !self.texts_only
    }

    /// Whether a mark in each amount says its currency.
    fn shows_marks(&self) -> bool {
        !self.marks.before.is_empty() && !self.writes_numbers() && self.language == Language::Portuguese
    }

    pub fn has(&self, what: What) -> bool {
        self.columns.iter().any(|column| column.what == what)
    }

    /// Whether there is such a column and a person knows its meaning.
    pub fn tells(&self, what: What) -> bool {
        self.columns.iter().any(|column| column.what == what && column.word != Word::MadeUp)
    }

    pub fn has_any(&self, all: &[What]) -> bool {
        all.iter().any(|what| self.has(*what))
    }

    /// The settings of the installation that reads the sheet: those of the shop's country.
    pub fn conventions(&self) -> Conventions {
        let zone = match self.language {
            Language::Portuguese => Tz::America__Sao_Paulo,
            Language::Spanish => Tz::America__Argentina__Buenos_Aires,
            Language::English => Tz::America__New_York,
        };
        Conventions {
            zone,
            basis: Basis::Column,
            mark: if self.point_settings { Mark::Point } else { Mark::Comma },
            day_first: self.language != Language::English,
            arrived: DateTime::from_timestamp(1_798_800_000, 0).unwrap(),
        }
    }

    /// The currency of the shop, and the other one in which some pay.
    pub fn currencies(&self) -> (&'static str, &'static str) {
        match self.language {
            Language::Portuguese => ("BRL", "USD"),
            Language::Spanish => ("ARS", "USD"),
            Language::English => ("USD", "EUR"),
        }
    }

    /// Draws a plan. The seed decides everything.
    pub fn draw(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let chance = &mut chance;
        let language = match chance.below(100) {
            0..60 => Language::Portuguese,
            60..80 => Language::Spanish,
            _ => Language::English,
        };
        let known = chance.percent(18).then(|| &known::ALL[chance.below(known::ALL.len())]);
        let mut plan = Self {
            seed,
            language,
            grain: Grain::Line,
            traits: Traits::default(),
            orders: chance.pick(&[6, 12, 20, 30, 30, 45, 80]),
            columns: Vec::new(),
            place: Place::Repeated,
            titles: 0,
            blank_rows: false,
            empty_columns: 0,
            sums: None,
            sum_label: chance.below(100),
            months: Months::Together,
            marks: marks(chance, language),
            texts_only: chance.percent(15),
            money_format: chance.pick(&[
                "General",
                "#,##0.00",
                "0.00",
                "R$ #,##0.00",
                "\"R$\" #,##0.00;(\"R$\" #,##0.00)",
            ]),
            dates: dates(chance, language),
            percents: chance.pick(&[Percents::Sign, Percents::Whole, Percents::Format, Percents::Fraction]),
            file: file(chance, language),
            file_name: String::new(),
            newest_first: chance.percent(15),
            has_days_once: false,
            repeats_header: chance.percent(4),
            has_unit_texts: chance.percent(4),
            beside: Beside::Nothing,
            known,
            point_settings: language == Language::English,
        };
        match known {
            Some(known) => known.fill(&mut plan, chance),
            None => plan.fill(chance),
        }
        plan.file_name = match plan.file {
            FileKind::Csv { .. } => "vendas.csv".to_owned(),
            FileKind::Xlsx => "vendas.xlsx".to_owned(),
        };
        plan
    }

    /// Whether a row is an order and shows none of its products.
    fn is_order_without_lines(&self) -> bool {
        self.grain == Grain::Order && !self.has(What::SecondNet)
    }

    /// Draws the truth that the plan shows.
    pub fn truth(&self) -> Truth {
        Truth::draw(&mut Chance::of(self.seed, &[1]), self.language, self.traits, self.orders)
    }

    /// Draws the columns and oddities of a sheet that is no known export.
    fn fill(&mut self, chance: &mut Chance) {
        let what = match chance.below(100) {
            0..50 => self.flat(chance),
            50..85 => self.lines_of_orders(chance),
            _ => self.whole_orders(chance),
        };
        let mut columns = what;
        self.keep_others(chance, &mut columns);
        columns.sort_by_key(|what| usual_place(*what));
        if chance.percent(30) {
            chance.shuffle(&mut columns);
        }
        for what in columns {
            let mut column = Column::draw(chance, what, self.language);
            // A sheet has no header twice.
            for _ in 0..20 {
                if self.columns.iter().all(|other| other.header.to_lowercase() != column.header.to_lowercase()) {
                    break;
                }
                column = Column::draw(chance, what, self.language);
            }
            self.columns.push(column);
        }
        self.set_traits(chance);
        self.titles = chance.pick(&[0, 0, 0, 1, 2, 3]);
        self.empty_columns = usize::from(chance.percent(6));
        self.blank_rows = chance.percent(8);
        if chance.percent(22) && self.has(What::Date) {
            self.sums = Some(chance.pick(&[Sums::DayBelow, Sums::DayAbove, Sums::End, Sums::End, Sums::GroupAbove]));
        }
        if self.file == FileKind::Xlsx && chance.percent(60) {
            self.dates = match (chance.below(5), self.language) {
                (0, _) => Dates::MomentCells("dd/mm/yyyy hh:mm"),
                (1, _) => Dates::Cells("yyyy-mm-dd"),
                (2, _) => Dates::Cells("d-mmm-yy"),
                (3, Language::Portuguese) if chance.percent(25) => Dates::Swapped,
                (_, Language::English) => Dates::Cells("m/d/yyyy"),
                _ => Dates::Cells("dd/mm/yyyy"),
            };
        }
        if self.file == FileKind::Xlsx && chance.percent(20) && self.has(What::Date) {
            self.months = chance.pick(&[Months::SheetNames, Months::Titles]);
            self.dates = chance.pick(&[Dates::DayNumber, Dates::DayMonth, self.dates]);
        }
        if self.file == FileKind::Xlsx && chance.percent(8) && self.months == Months::Together {
            self.beside = chance.pick(&[Beside::Summary, Beside::Copy]);
        }
        self.has_days_once = chance.percent(6) && self.sums != Some(Sums::GroupAbove);
        if chance.percent(6) {
            // The installation's mark is not the sheet's.
            self.point_settings = !self.point_settings;
        }
        if self.sums == Some(Sums::GroupAbove) && !self.has(What::Product) {
            self.sums = Some(Sums::End);
        }
        if matches!(self.sums, Some(Sums::DayBelow | Sums::DayAbove)) || self.months != Months::Together {
            self.newest_first = false;
        }
    }

    /// A row a sale, with any money columns.
    fn flat(&mut self, chance: &mut Chance) -> Vec<What> {
        use What::{Gross, LineDiscount, LinePercent, Net, Price, Product, Quantity, Sku};
        let mut columns = match chance.below(14) {
            0 | 1 => vec![Quantity, Price],
            2 | 3 => vec![Quantity, Price, Net],
            4 => vec![Net],
            5 => vec![Quantity, Net],
            6 => vec![Price],
            7 => vec![Quantity, Price, Gross, LineDiscount, Net],
            8 => vec![Quantity, Price, LinePercent, Net],
            9 => vec![Quantity, Price, LineDiscount],
            10 => vec![Quantity, Price, LinePercent],
            11 => vec![Gross, LineDiscount, Net],
            _ => {
                let mut all = vec![Quantity, Price, Gross, LineDiscount, LinePercent, Net];
                all.retain(|_| chance.percent(50));
                if !all.contains(&Price) && !all.contains(&Net) && !all.contains(&Gross) {
                    all.push(Net);
                }
                all
            }
        };
        columns.push(if chance.percent(94) { Product } else { Sku });
        columns
    }

    /// A row a line, with values of the order.
    fn lines_of_orders(&mut self, chance: &mut Chance) -> Vec<What> {
        use What::{
            Fee, Freight, OrderDiscount, OrderGoods, OrderNumber, OrderSubtotal, OrderTotal, Payout, Refund, Share,
        };
        let mut columns = self.flat(chance);
        columns.push(OrderNumber);
        for (what, percent) in [
            (OrderSubtotal, 25),
            (OrderDiscount, 30),
            (Freight, 35),
            (OrderTotal, 45),
            (OrderGoods, 10),
            (Fee, 20),
            (Payout, 12),
            (Refund, 15),
            (Share, 8),
            (What::Items, 8),
        ] {
            if chance.percent(percent) {
                columns.push(what);
            }
        }
        self.traits.has_many_lines = true;
        self.place = chance.pick(&[Place::Repeated, Place::Repeated, Place::FirstLine, Place::Merged]);
        columns
    }

    /// A row an order.
    fn whole_orders(&mut self, chance: &mut Chance) -> Vec<What> {
        use What::{Fee, Freight, OrderDiscount, OrderGoods, OrderNumber, OrderSubtotal, OrderTotal, Payout, Refund};
        self.grain = Grain::Order;
        self.traits.has_many_lines = true;
        let mut columns = vec![OrderNumber, What::Date, What::Customer];
        if chance.percent(12) {
            use What::{Net, Product, Quantity, SecondNet, SecondProduct, SecondQuantity};
            self.traits.has_two_lines = true;
            columns.extend([Product, Quantity, Net, SecondProduct, SecondQuantity, SecondNet]);
            return columns;
        }
        columns.extend_from_slice(match chance.below(6) {
            0 => &[OrderTotal][..],
            1 => &[OrderGoods],
            2 => &[OrderSubtotal, OrderDiscount, OrderTotal],
            3 => &[OrderSubtotal, OrderDiscount, Freight, OrderTotal],
            4 => &[OrderGoods, Freight, OrderTotal],
            _ => &[OrderGoods, Fee, Payout],
        });
        for (what, percent) in [(Refund, 12), (What::Items, 20)] {
            if chance.percent(percent) {
                columns.push(what);
            }
        }
        columns
    }

    /// Adds columns that are not the money of a sale.
    fn keep_others(&mut self, chance: &mut Chance, columns: &mut Vec<What>) {
        use What::{
            CancelledAt, Category, City, Commission, Cost, Currency, Customer, Date, Document, Email, Instalments,
            InternalId, ListPrice, Notes, OrderNumber, Payment, Phone, Points, Rating, RowNumber, Seller, Sku, Status,
            Stock, Store, Time, Unit, Unnamed, Weight,
        };
        let is_line = self.grain == Grain::Line;
        for (what, percent, of_lines) in [
            (Date, 96, false),
            (Time, 8, false),
            (OrderNumber, 45, false),
            (Customer, 60, false),
            (Document, 22, false),
            (Email, 20, false),
            (Phone, 20, false),
            (City, 15, false),
            (Payment, 40, false),
            (Status, 32, false),
            (CancelledAt, 5, false),
            (Seller, 25, false),
            (Store, 18, false),
            (Currency, 8, false),
            (Sku, 30, true),
            (Category, 25, true),
            (Unit, 15, true),
            (RowNumber, 10, false),
            (InternalId, 10, false),
            (Stock, 6, true),
            (Rating, 5, true),
            (Commission, 7, true),
            (Cost, 8, true),
            (ListPrice, 7, true),
            (Weight, 5, true),
            (Instalments, 7, false),
            (Points, 4, true),
            (Notes, 10, false),
            (Unnamed, 2, true),
            (What::Kind, 3, true),
            (What::Profit, 4, true),
            (What::Running, 4, true),
        ] {
            if chance.percent(percent) && !columns.contains(&what) && (is_line || !of_lines) {
                columns.push(what);
            }
        }
        if columns.contains(&What::Net) && is_line {
            match chance.below(30) {
                0 | 1 => columns.extend([What::InCash, What::ByCard, What::ByTransfer]),
                2 | 3 => columns.extend([What::Tax, What::WithTax]),
                _ => {}
            }
        }
        if !columns.contains(&Customer) {
            columns.retain(|what| !matches!(what, Document | Email | Phone | City));
        }
    }

    /// Lets happen in the shop only events that the columns can show.
    fn set_traits(&mut self, chance: &mut Chance) {
        let has = |what| self.has(what);
        let mut traits = self.traits;
        traits.has_quantities = has(What::Quantity) || self.grain == Grain::Order || has(What::Net) || has(What::Gross);
        if has(What::Price) && !has(What::Quantity) {
            traits.has_quantities = false;
        }
        traits.has_weights = traits.has_quantities && chance.percent(20);
        let shows_line_discounts = self.has_any(&[What::Net, What::LineDiscount, What::LinePercent, What::Share]);
        if (shows_line_discounts || self.grain == Grain::Order) && chance.percent(70) {
            traits.line_discounts = Some(match has(What::LinePercent) {
                true => Discount::Percent,
                false => chance.pick(&[Discount::Money, Discount::Percent]),
            });
        }
        traits.has_order_discounts =
            self.has_any(&[What::OrderDiscount, What::Share]) || self.is_order_without_lines() && chance.percent(50);
        let shows_no_total = !self.has_any(&[What::OrderTotal, What::Payout]);
        traits.has_freight = has(What::Freight) || shows_no_total && chance.percent(20);
        traits.has_fees = self.has_any(&[What::Fee, What::Payout]);
        traits.has_partial_refunds = has(What::Refund) && chance.percent(70);
        traits.has_cancelled = self.has_any(&[What::Status, What::CancelledAt]) && chance.percent(65);
        traits.has_full_refunds = has(What::Status) && chance.percent(35);
        traits.has_unpaid = has(What::Status) && chance.percent(40);
        traits.has_foreign = has(What::Currency) && chance.percent(40) || self.shows_marks() && chance.percent(15);
        let has_sign = self.has_any(&[What::Quantity, What::Net]) && self.grain == Grain::Line;
        let is_alone = !self.columns.iter().any(|column| column.what.is_money_of_order());
        let percent = if has(What::Kind) { 100 } else { 6 };
        traits.has_returned_lines = has_sign && is_alone && self.place == Place::Repeated && chance.percent(percent);
        self.traits = traits;
    }

    /// Whether the sheet is a known export with all of its columns.
    fn is_known(&self) -> bool {
        self.known.is_some_and(|known| known.is_whole(&self.columns))
    }

    /// The reason that a careful person could not know the right sum, if there is one.
    pub fn doubt(&self, truth: &Truth) -> Option<&'static str> {
        let orders = || truth.orders.iter();
        let of_order = self.columns.iter().any(|column| column.what.is_money_of_order());
        if of_order && self.traits.has_many_lines && !self.has(What::OrderNumber) {
            return Some("money of orders without their numbers");
        }
        let could_be_quantity = self.has_any(&[What::Weight, What::Items, What::Stock, What::Points, What::Unnamed]);
        if could_be_quantity && self.grain == Grain::Line && !self.has_any(&[What::Quantity, What::Net, What::Share]) {
            return Some("another number that could be the quantity");
        }
        if self.has(What::Kind) && self.grain == Grain::Line && orders().any(|order| order.returned.is_some()) {
            return Some("returns with amounts above zero");
        }
        if orders().any(|order| order.is_foreign) && !self.has(What::Currency) && !self.shows_marks() {
            return Some("another currency that nothing shows");
        }
        if self.dates == Dates::Swapped {
            return Some("days and months that were swapped");
        }
        let proves_line = self.tells(What::Net) && self.has(What::Quantity) && self.has(What::Price);
        let made_up = |what| self.has(what) && !self.tells(what);
        if [What::Quantity, What::Price, What::LineDiscount].into_iter().any(made_up) && !proves_line
            || made_up(What::Gross)
        {
            return Some("a made-up header that arithmetic does not explain");
        }
        if self.has(What::Unnamed) && !self.tells(What::Net) && self.grain == Grain::Line {
            return Some("an unnamed multiplier");
        }
        if self.months == Months::Together && !self.dates.is_complete() {
            return Some("days without a year");
        }
        if orders().any(|order| !order.is_sold()) && !self.has_any(&[What::Status, What::CancelledAt]) {
            return Some("cancelled orders that nothing shows");
        }
        if orders().any(|order| order.state == State::Refunded) && !self.has(What::Status) {
            return Some("refunds that nothing shows");
        }
        if orders().any(|order| order.refund > 0) && !self.has(What::Refund) {
            return Some("refunds that nothing shows");
        }
        match self.grain {
            Grain::Order => self.doubt_of_orders(truth),
            Grain::Line => self.doubt_of_lines(truth),
        }
    }

    fn doubt_of_orders(&self, truth: &Truth) -> Option<&'static str> {
        let orders = || truth.orders.iter();
        let is_known = self.has(What::Net) && self.has(What::SecondNet)
            || self.has(What::OrderGoods)
            || self.has(What::OrderSubtotal)
                && (self.has(What::OrderDiscount) || orders().all(|order| order.discount == 0))
            || self.has(What::OrderTotal) && (self.has(What::Freight) || orders().all(|order| order.freight == 0));
        (!is_known).then_some("the goods' money is in no column")
    }

    fn doubt_of_lines(&self, truth: &Truth) -> Option<&'static str> {
        let lines = || truth.orders.iter().flat_map(|order| &order.lines);
        let gross = self.has(What::Gross)
            || self.has(What::Price) && (self.has(What::Quantity) || lines().all(|line| line.thousandths == 1000));
        let shows_discount = self.has_any(&[What::LineDiscount, What::LinePercent]);
        let is_net = self.has(What::Net) || gross && (shows_discount || lines().all(|line| line.discount == 0));
        if !is_net && !self.has(What::Share) {
            return Some("the lines' money is in no column");
        }
        if !self.is_known() && shows_discount && !self.has(What::Net) && self.has(What::Gross) && !self.has(What::Price)
        {
            return Some("a gross amount that nothing proves");
        }
        let is_bare = matches!(self.percents, Percents::Whole | Percents::Fraction);
        if self.has(What::LinePercent)
            && is_bare
            && !self.has_any(&[What::Net, What::LineDiscount])
            && lines().all(|line| line.percent < 2)
        {
            return Some("a discount that could be money or percent");
        }
        if self.has(What::OrderTotal) && !self.has(What::Freight) && truth.orders.iter().any(|order| order.freight > 0)
        {
            return Some("a total that the lines do not explain");
        }
        if truth.orders.iter().all(|order| order.discount == 0) {
            return None;
        }
        let checks = self.is_known() || self.has_any(&[What::OrderTotal, What::OrderSubtotal, What::OrderGoods]);
        match (self.has(What::Share), self.has(What::OrderDiscount)) {
            (true, true) | (false, true) if !checks => Some("an order's discount that nothing proves"),
            (false, false) => Some("an order's discount that nothing shows"),
            (true, false) if self.has(What::Net) => Some("two totals of a line"),
            _ => None,
        }
    }

    /// Words for the choices of the plan. Reports count how often each is in a sheet that was read wrong.
    pub fn features(&self) -> Vec<String> {
        let mut all = vec![
            format!("language {:?}", self.language),
            format!("row: {:?}", self.grain),
            format!("titles {}", self.titles.min(1)),
            format!("dates {:?}", self.dates),
        ];
        match self.file {
            FileKind::Csv { delimiter, encoding, .. } => {
                all.push(format!("csv {delimiter:?}"));
                all.push(format!("encoding {encoding:?}"));
            }
            FileKind::Xlsx => all.push(format!("xlsx, numbers as texts: {}", self.texts_only)),
        }
        all.extend(self.known.map(|known| format!("export {}", known.name)));
        if self.traits.has_many_lines && self.grain == Grain::Line {
            all.push(format!("order's values {:?}", self.place));
        }
        all.extend(self.sums.map(|sums| format!("sums {sums:?}")));
        if self.months != Months::Together {
            all.push(format!("months {:?}", self.months));
        }
        if self.has(What::LinePercent) {
            all.push(format!("percent {:?}", self.percents));
        }
        let traits = &self.traits;
        for (is_so, name) in [
            (self.empty_columns > 0, "empty first column"),
            (self.blank_rows, "blank rows"),
            (self.has_unit_texts && self.has(What::Quantity) && !self.writes_numbers(), "quantities with units"),
            (self.has_days_once, "days on their first row"),
            (self.repeats_header, "repeated headers"),
            (self.point_settings != (self.marks.decimal == '.'), "another mark than configured"),
            (self.beside == Beside::Summary, "a summary beside"),
            (self.beside == Beside::Copy, "a copy beside"),
            (self.newest_first, "newest first"),
            (traits.has_many_lines, "orders of several lines"),
            (traits.has_weights, "weights"),
            (traits.has_cancelled, "cancelled orders"),
            (traits.has_full_refunds, "full refunds"),
            (traits.has_partial_refunds, "partial refunds"),
            (traits.has_unpaid, "unpaid orders"),
            (traits.has_foreign, "two currencies"),
            (traits.has_returned_lines, "returned lines"),
            (traits.has_order_discounts, "discounts of orders"),
            (traits.line_discounts == Some(Discount::Money), "discounts in money"),
            (traits.line_discounts == Some(Discount::Percent), "discounts in percent"),
            (self.marks.thousands.is_some(), "thousands marks"),
            (!self.marks.before.is_empty() || !self.marks.after.is_empty(), "currency marks"),
            (self.marks.is_trimmed, "trimmed decimals"),
        ] {
            if is_so {
                all.push(name.to_owned());
            }
        }
        for column in &self.columns {
            all.push(format!("column {:?}", column.what));
            if column.word != Word::Common && self.known.is_none() {
                all.push(format!("{:?} header of {:?}", column.word, column.what));
            }
        }
        all
    }
}

/// The order in which people put columns.
fn usual_place(what: What) -> usize {
    use What::{
        Customer, Date, Freight, Gross, LineDiscount, LinePercent, Net, OrderNumber, OrderTotal, Price, Product,
        Quantity, RowNumber, Sku, Status,
    };
    let order = [
        RowNumber,
        Date,
        OrderNumber,
        Customer,
        Sku,
        Product,
        Quantity,
        Price,
        Gross,
        LinePercent,
        LineDiscount,
        Net,
        Freight,
        OrderTotal,
        Status,
    ];
    order.iter().position(|other| *other == what).map_or(11, |place| 2 * place)
}

fn marks(chance: &mut Chance, language: Language) -> Marks {
    let is_comma = language != Language::English;
    let decimal = if is_comma { ',' } else { '.' };
    let thousands = match chance.below(10) {
        0..4 => None,
        9 => Some(chance.pick(&['\u{a0}', '\''])),
        _ => Some(if is_comma { '.' } else { ',' }),
    };
    let (before, after) = match (chance.below(6), language) {
        (0, Language::Portuguese) => ("R$ ", ""),
        (0, Language::Spanish) => ("$ ", ""),
        (0, Language::English) => ("$", ""),
        (1, Language::Portuguese) => ("R$", ""),
        _ => ("", ""),
    };
    let has_brackets = chance.percent(10);
    Marks { decimal, thousands, before, after, is_trimmed: chance.percent(15), has_brackets }
}

fn dates(chance: &mut Chance, language: Language) -> Dates {
    match (chance.below(14), language) {
        (0..6, Language::English) => Dates::MonthFirst,
        (0..4, _) => Dates::DayFirst('/'),
        (4, _) => Dates::DayFirst('-'),
        (5, _) => Dates::DayFirst('.'),
        (6, Language::Portuguese | Language::Spanish) => Dates::ShortYear('/'),
        (7, Language::Portuguese | Language::Spanish) => Dates::DayFirstTime,
        (8, _) => Dates::IsoTime,
        (9, _) => Dates::Long,
        (10, _) => Dates::Abbreviated,
        _ => Dates::YearFirst,
    }
}

fn file(chance: &mut Chance, language: Language) -> FileKind {
    if chance.percent(50) {
        return FileKind::Xlsx;
    }
    let delimiter = match language {
        Language::English => chance.pick(&[',', ',', ',', '\t']),
        _ => chance.pick(&[';', ';', ';', ',', '\t']),
    };
    let encoding =
        chance.pick(&[Encoding::Utf8, Encoding::Utf8, Encoding::Utf8Mark, Encoding::Windows, Encoding::Utf16]);
    FileKind::Csv { delimiter, encoding, quotes_all: chance.percent(20), has_crlf: chance.percent(40) }
}
