//! Writes a shop's sales of two years as a file of ten columns. They are generated from a counter, so the file is
//! always the same.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

type Failed = Box<dyn Error>;

/// The format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A workbook with a table of shared texts, as Excel and LibreOffice write it.
    Xlsx,
    /// A workbook with the texts in its cells, as streaming programs write it.
    XlsxInline,
    /// Text as a Brazilian Excel writes it: semicolons, decimal commas, days first.
    Csv,
}

impl Kind {
    /// All formats.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::XlsxInline, Self::Csv];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xlsx => "xlsx (shared texts)",
            Self::XlsxInline => "xlsx (texts in their cells)",
            Self::Csv => "csv",
        })
    }
}

const HEADERS: [&str; 10] = [
    "Data da Venda",
    "Nº do Pedido",
    "Cliente",
    "CPF/CNPJ",
    "Produto",
    "Quantidade",
    "Valor Unitário",
    "Valor Total",
    "Forma de Pagamento",
    "Vendedor",
];
const FIRST_NAMES: [&str; 16] = [
    "Ana",
    "João",
    "Maria",
    "José",
    "Antônio",
    "Francisca",
    "Luíza",
    "Conceição",
    "Pedro",
    "Márcia",
    "Caio",
    "Beatriz",
    "Ícaro",
    "Sofia",
    "Tainá",
    "Zuleica",
];
const LAST_NAMES: [&str; 16] = [
    "Silva",
    "Souza",
    "Araújo",
    "Conceição",
    "Gonçalves",
    "Lima",
    "Pereira",
    "Assunção",
    "Brandão",
    "Costa",
    "Dias",
    "Esteves",
    "Falcão",
    "Guimarães",
    "Vasconcelos",
    "Ximenes",
];
const GOODS: [&str; 12] = [
    "Café torrado",
    "Pão de queijo",
    "Arroz agulhinha",
    "Feijão carioca",
    "Açúcar cristal",
    "Óleo de soja",
    "Leite integral",
    "Biscoito de polvilho",
    "Detergente neutro",
    "Sabão em pó",
    "Água sanitária",
    "Farinha de mandioca",
];
const PAYMENTS: [&str; 7] =
    ["Pix", "Cartão de Crédito", "Cartão de Débito", "Dinheiro", "Boleto", "CRÉDITO", "Transferência bancária"];
const CUSTOMERS: u64 = 20_000;
const PRODUCTS: u64 = 600;
const DAYS: u64 = 730;

struct Row {
    day: NaiveDate,
    order: u32,
    customer: String,
    document: String,
    product: String,
    quantity: u32,
    price_cents: u32,
    payment: &'static str,
    seller: String,
}

/// Some of the shop's sales.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sales {
    /// Number of rows. An order has one to three.
    pub rows: u64,
    /// Number of orders before these. Two files have no order in common if their ranges of orders do not overlap.
    pub orders_before: u64,
    /// The year of the first sale. The sales are spread over this year and the next.
    pub first_year: i32,
}

impl Sales {
    /// The first `rows` sales of 2024 and 2025.
    #[must_use]
    pub fn first(rows: u64) -> Self {
        Self { rows, orders_before: 0, first_year: 2024 }
    }

    /// The sum of their totals in cents.
    #[must_use]
    pub fn cents(&self) -> i64 {
        (0..self.rows).map(|index| i64::from(self.row(index).total())).sum()
    }

    /// The file of the sales in this folder. It is written if it does not exist.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn file(&self, kind: Kind, folder: &Path) -> Result<PathBuf, Failed> {
        let Self { rows, orders_before, first_year } = self;
        let which = if *self == Self::first(*rows) { String::new() } else { format!("-{first_year}-{orders_before}") };
        let path = folder.join(match kind {
            Kind::Xlsx => format!("reading-{rows}{which}.xlsx"),
            Kind::XlsxInline => format!("reading-{rows}{which}-inline.xlsx"),
            Kind::Csv => format!("reading-{rows}{which}.csv"),
        });
        if !path.exists() {
            // The file has another name until it is complete, because an existing file is not written again.
            let unfinished = path.with_extension("unfinished");
            match kind {
                Kind::Xlsx | Kind::XlsxInline => self.write_xlsx(&unfinished, kind)?,
                Kind::Csv => self.write_csv(&unfinished)?,
            }
            std::fs::rename(&unfinished, &path)?;
        }
        Ok(path)
    }

    fn row(&self, index: u64) -> Row {
        // A customer buys one to three things at a time.
        let since_first = index * 5 / 9;
        let order = self.orders_before + since_first;
        let chance = scrambled(self.orders_before * 2 + index);
        let customer = scrambled(order) % CUSTOMERS;
        let product = (chance >> 8) % PRODUCTS;
        Row {
            day: NaiveDate::from_yo_opt(self.first_year, 1).unwrap_or_default()
                + Days::new(since_first * 9 / 5 * DAYS / self.rows),
            order: small(100_001 + order),
            customer: format!(
                "{} {} {}",
                pick(&FIRST_NAMES, customer),
                pick(&LAST_NAMES, customer / 16),
                pick(&LAST_NAMES, customer / 256),
            ),
            document: cpf(customer),
            product: format!("{} {} g", pick(&GOODS, product), 50 * (1 + product / 12)),
            quantity: small(1 + (chance >> 20) % 12),
            price_cents: small(199 + scrambled(product) % 9_900),
            payment: pick(&PAYMENTS, chance >> 40),
            seller: format!("{} {}", pick(&FIRST_NAMES, order % 25), pick(&LAST_NAMES, order % 25 / 2)),
        }
    }

    fn write_xlsx(&self, path: &Path, kind: Kind) -> Result<(), Failed> {
        let mut workbook = Workbook::new();
        let sheet = if kind == Kind::Xlsx {
            workbook.add_worksheet_with_low_memory()?
        } else {
            workbook.add_worksheet_with_constant_memory()?
        };
        let (day, money) = (Format::new().set_num_format("dd/mm/yyyy"), Format::new().set_num_format("#,##0.00"));
        for (column, header) in (0..).zip(HEADERS) {
            sheet.write_string(0, column, header)?;
        }
        for index in 0..self.rows {
            let (at, row) = (small(index + 1), self.row(index));
            let cents = |cents: u32| f64::from(cents) / 100.0;
            sheet.write_datetime_with_format(at, 0, ExcelDateTime::parse_from_str(&row.day.to_string())?, &day)?;
            sheet.write_number(at, 1, row.order)?;
            sheet.write_string(at, 2, &row.customer)?;
            sheet.write_string(at, 3, &row.document)?;
            sheet.write_string(at, 4, &row.product)?;
            sheet.write_number(at, 5, row.quantity)?;
            sheet.write_number_with_format(at, 6, cents(row.price_cents), &money)?;
            sheet.write_number_with_format(at, 7, cents(row.total()), &money)?;
            sheet.write_string(at, 8, row.payment)?;
            sheet.write_string(at, 9, &row.seller)?;
        }
        workbook.save(path)?;
        Ok(())
    }

    fn write_csv(&self, path: &Path) -> Result<(), Failed> {
        let mut out = BufWriter::new(File::create(path)?);
        writeln!(out, "{}", HEADERS.join(";"))?;
        for index in 0..self.rows {
            let row = self.row(index);
            let (price, total) = (brazilian(row.price_cents), brazilian(row.total()));
            write!(out, "{};{};{};", row.day.format("%d/%m/%Y"), row.order, row.customer)?;
            write!(out, "{};{};{};", row.document, row.product, row.quantity)?;
            writeln!(out, "{price};{total};{};{}", row.payment, row.seller)?;
        }
        out.flush()?;
        Ok(())
    }
}

impl Row {
    fn total(&self) -> u32 {
        self.quantity * self.price_cents
    }
}

/// Steele, Lea and Flood's SplitMix64: a pseudo-random number for each number.
fn scrambled(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn pick<'a>(list: &[&'a str], number: u64) -> &'a str {
    usize::try_from(number).ok().and_then(|number| list.get(number % list.len())).copied().unwrap_or_default()
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A CPF with its check digits and its punctuation.
fn cpf(customer: u64) -> String {
    let number = 100_000_000 + scrambled(customer) % 899_999_999;
    let mut digits: Vec<u64> = number.to_string().bytes().map(|digit| u64::from(digit - b'0')).collect();
    for _ in 0..2 {
        let first = digits.len() as u64 + 1;
        let sum: u64 = digits.iter().zip((2..=first).rev()).map(|(digit, weight)| digit * weight).sum();
        digits.push(if sum % 11 < 2 { 0 } else { 11 - sum % 11 });
    }
    let text: String = digits.iter().map(u64::to_string).collect();
    format!("{}.{}.{}-{}", &text[..3], &text[3..6], &text[6..9], &text[9..])
}

/// `1.234,56`.
fn brazilian(cents: u32) -> String {
    let whole = (cents / 100).to_string();
    let (thousands, rest) = whole.split_at(whole.len().saturating_sub(3));
    let point = if thousands.is_empty() { "" } else { "." };
    format!("{thousands}{point}{rest},{:02}", cents % 100)
}
