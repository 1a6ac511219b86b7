//! Writes the workbook of effects, which shows the effects of a file before it is stored.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use caudal_contract::rehearsal::Effects;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::batch::{Accepted, Batch};

/// Writes the effects of a batch. Lists are cut at [`caudal_contract::rehearsal::MOST_NAMED`] rows, and the list of
/// rejected rows at 100,000. A list that was cut says so.
///
/// # Errors
/// [`XlsxError`] if a sheet cannot be written, which is a bug.
pub fn workbook(
    name: &str,
    batch: &Batch,
    accepted: &Accepted,
    effects: &Effects,
    language: Language,
    zone: Tz,
) -> Result<Vec<u8>, XlsxError> {
    let pick = |portuguese: &'static str, english: &'static str| language.pick(portuguese, english);
    let mut book = Book { workbook: Workbook::new(), language, zone };
    book.summary(name, batch, accepted, effects)?;
    book.list(
        pick("Clientes novos", "New customers"),
        &[pick("Cliente", "Customer")],
        effects.new_customers.count,
        effects.new_customers.first.iter().map(|name| vec![name.as_str().into()]),
    )?;
    book.list(
        pick("Produtos novos", "New products"),
        &[pick("Produto", "Product")],
        effects.new_products.count,
        effects.new_products.first.iter().map(|name| vec![name.as_str().into()]),
    )?;
    book.list(
        pick("Preços que mudam", "Price changes"),
        &[pick("Produto", "Product"), pick("Antes", "Before"), pick("No arquivo", "In the file")],
        effects.prices.count,
        effects.prices.first.iter().map(|price| {
            vec![price.product.as_str().into(), price.before.to_decimal().into(), price.after.to_decimal().into()]
        }),
    )?;
    book.list(
        pick("Cadastros que mudam", "Changed values"),
        &[pick("Nome", "Name"), pick("Campo", "Field"), pick("Antes", "Before"), pick("No arquivo", "In the file")],
        effects.values.count,
        effects.values.first.iter().map(|value| {
            let text = |value: &Option<String>| value.as_deref().unwrap_or_default().into();
            vec![value.name.as_str().into(), value.field.as_str().into(), text(&value.before), text(&value.after)]
        }),
    )?;
    book.list(
        pick("Vendas que mudam", "Changed sales"),
        &[
            pick("Planilha", "Sheet"),
            pick("Linha", "Row"),
            pick("Pedido", "Order"),
            pick("Produto", "Product"),
            pick("Antes", "Before"),
            pick("No arquivo", "In the file"),
        ],
        effects.updates.count,
        effects.updates.first.iter().map(|update| {
            vec![
                update.sheet.as_str().into(),
                update.row.into(),
                update.order_id.as_deref().unwrap_or_default().into(),
                update.product.as_str().into(),
                update.before.to_decimal().into(),
                update.after.to_decimal().into(),
            ]
        }),
    )?;
    book.list(
        pick("Vendas canceladas", "Voided sales"),
        &[
            pick("Planilha", "Sheet"),
            pick("Linha", "Row"),
            pick("Pedido", "Order"),
            pick("Produto", "Product"),
            pick("Total", "Amount"),
        ],
        effects.voids.count,
        effects.voids.first.iter().map(|sale| {
            vec![
                sale.sheet.as_str().into(),
                sale.row.into(),
                sale.order_id.as_deref().unwrap_or_default().into(),
                sale.product.as_str().into(),
                sale.amount.to_decimal().into(),
            ]
        }),
    )?;
    book.list(
        pick("Linhas repetidas", "Duplicate rows"),
        &[
            pick("Planilha", "Sheet"),
            pick("Linha", "Row"),
            pick("Data", "Date"),
            pick("Produto", "Product"),
            pick("Total", "Amount"),
            pick("Já está em", "Is in"),
            pick("Planilha de lá", "Sheet there"),
            pick("Linha de lá", "Row there"),
        ],
        effects.duplicates.count,
        effects.duplicates.first.iter().map(|row| {
            vec![
                row.sheet.as_str().into(),
                row.row.into(),
                format::date(row.sold_on, language).as_str().into(),
                row.product.as_str().into(),
                row.amount.to_decimal().into(),
                // The rehearsed file itself has no name in the tables.
                row.first_name.as_deref().unwrap_or(name).into(),
                row.first_sheet.as_str().into(),
                row.first_row.into(),
            ]
        }),
    )?;
    book.list(
        pick("Linhas rejeitadas", "Rejected rows"),
        &[pick("Planilha", "Sheet"), pick("Linha", "Row"), pick("Motivo", "Reason")],
        i64::try_from(batch.rejected.len()).unwrap_or(i64::MAX),
        batch.rejected.iter().take(MOST_REJECTED).map(|row| {
            let reasons: Vec<String> = row.reasons.iter().map(|reason| reason.sentence(language)).collect();
            vec![row.sheet.as_str().into(), i64::from(row.row).into(), reasons.join("; ").as_str().into()]
        }),
    )?;
    book.workbook.save_to_buffer()
}

/// Most rejected rows in the list.
const MOST_REJECTED: usize = 100_000;

/// The value of a cell in a list.
enum Value {
    Text(String),
    Number(f64),
    Money(f64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Decimal::from(number).to_f64().unwrap_or_default())
    }
}

impl From<Decimal> for Value {
    fn from(amount: Decimal) -> Self {
        Self::Money(amount.to_f64().unwrap_or_default())
    }
}

struct Book {
    workbook: Workbook,
    language: Language,
    /// The time zone of times in remarks.
    zone: Tz,
}

impl Book {
    fn summary(&mut self, name: &str, batch: &Batch, accepted: &Accepted, effects: &Effects) -> Result<(), XlsxError> {
        let language = self.language;
        let pick = |portuguese: &'static str, english: &'static str| language.pick(portuguese, english);
        let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
        let rejected: Cents = batch.rejected.iter().map(|row| row.amount).sum();
        let counts = effects.counts;
        let read = count(usize::try_from(batch.rows_read).unwrap_or(usize::MAX));
        let ignored = count(usize::try_from(batch.rows_ignored).unwrap_or(usize::MAX));
        let buckets = [
            (pick("Lidas", "Read"), read, accepted.amount + rejected + batch.amount_ignored),
            (pick("Novas", "Stored"), counts.stored, counts.amount_stored),
            (pick("Atualizadas", "Updated"), counts.updated, counts.amount_updated),
            (pick("Repetidas", "Duplicate"), counts.duplicate, counts.amount_duplicate),
            (pick("Rejeitadas", "Rejected"), count(batch.rejected.len()), rejected),
            (pick("Ignoradas", "Ignored"), ignored, batch.amount_ignored),
        ];
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(pick("Resumo", "Summary"))?;
        sheet.set_column_width(0, 34)?;
        sheet.set_column_width(2, 16)?;
        let (bold, money) = (Format::new().set_bold(), money_format());
        sheet.write_string_with_format(
            0,
            0,
            pick("Ensaio: nada foi gravado", "Rehearsal: nothing was stored"),
            &bold,
        )?;
        sheet.write_string(1, 0, name)?;
        for (column, header) in (1..).zip([pick("Linhas", "Rows"), pick("Valor", "Money")]) {
            sheet.write_string_with_format(3, column, header, &bold)?;
        }
        let mut row = 4;
        for (title, rows, amount) in buckets {
            sheet.write_string(row, 0, title)?;
            write(sheet, row, 1, &rows.into(), &money)?;
            write(sheet, row, 2, &amount.to_decimal().into(), &money)?;
            row += 1;
        }
        if effects.voids.count > 0 {
            sheet.write_string(row, 0, pick("Vendas canceladas por este arquivo", "Sales voided by this file"))?;
            write(sheet, row, 1, &effects.voids.count.into(), &money)?;
            write(sheet, row, 2, &(-effects.amount_voided).to_decimal().into(), &money)?;
            row += 1;
        }
        row += 1;
        for (title, rows) in [
            (pick("Clientes novos", "New customers"), effects.new_customers.count),
            (pick("Produtos novos", "New products"), effects.new_products.count),
            (pick("Preços que mudam", "Price changes"), effects.prices.count),
            (pick("Cadastros que mudam", "Changed values"), effects.values.count),
        ] {
            sheet.write_string(row, 0, title)?;
            write(sheet, row, 1, &rows.into(), &money)?;
            row += 1;
        }
        row += 1;
        for remark in &batch.remarks {
            sheet.write_string(row, 0, remark.sentence(language, self.zone))?;
            row += 1;
        }
        Ok(())
    }

    /// Adds a sheet of rows, if there are any.
    fn list(
        &mut self,
        title: &str,
        headers: &[&str],
        count: i64,
        rows: impl Iterator<Item = Vec<Value>>,
    ) -> Result<(), XlsxError> {
        if count == 0 {
            return Ok(());
        }
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(title)?;
        let (bold, money) = (Format::new().set_bold(), money_format());
        for (column, header) in (0..).zip(headers) {
            sheet.write_string_with_format(0, column, *header, &bold)?;
            sheet.set_column_width(column, 22)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        let mut written = 0;
        for (row, values) in (1..).zip(rows) {
            for (column, value) in (0..).zip(&values) {
                write(sheet, row, column, value, &money)?;
            }
            written = row;
        }
        if i64::from(written) < count {
            let left = format::count(count - i64::from(written), self.language);
            sheet.write_string(written + 1, 0, format!("… {} {left}", self.language.pick("e mais", "and more:")))?;
        }
        Ok(())
    }
}

fn money_format() -> Format {
    Format::new().set_num_format("#,##0.00##")
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, value: &Value, money: &Format) -> Result<(), XlsxError> {
    match value {
        Value::Text(text) => sheet.write_string(row, column, text),
        Value::Number(number) => sheet.write_number(row, column, *number),
        Value::Money(number) => sheet.write_number_with_format(row, column, *number, money),
    }
    .map(drop)
}
