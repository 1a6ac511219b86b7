//! Workbooks for tests, in the layout that many shops use.

use std::path::Path;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

pub const HEADERS: [&str; 10] = [
    "nome",
    "email",
    "telefone",
    "endereco_completo",
    "cpf_cnpj",
    "produto",
    "quantidade",
    "valor_unitario",
    "data_hora",
    "forma_pagamento",
];

/// A cell of a test workbook.
#[derive(Debug, Clone)]
pub enum Cell {
    Text(&'static str),
    Number(f64),
    /// A real date and time.
    When(&'static str),
    /// A formula that ends in this error.
    Broken(&'static str),
    Bool(bool),
    Blank,
}

use Cell::{Blank, Number, Text, When};

/// Two of the shop's rows as its owner types them: a CPF without its leading zero, a price as text, a bare "Cartão".
pub fn two_rows() -> Vec<Vec<Cell>> {
    vec![
        vec![
            Text("João Silva"),
            Text("joao@exemplo.com"),
            Text("(11) 99999-0000"),
            Text("Rua das Flores, 12, São Paulo - SP"),
            Number(1_234_567_890.0),
            Text("Notebook"),
            Number(1.0),
            Text("3500.00"),
            When("2024-03-05T10:30:00"),
            Text("Cartão"),
        ],
        vec![
            Text("Maria Souza"),
            Text("maria@exemplo.com"),
            Text("11988887777"),
            Blank,
            Text("529.982.247-25"),
            Text("Mouse"),
            Number(2.0),
            Number(49.9),
            When("2024-03-06T23:30:00"),
            Text("PIX"),
        ],
    ]
}

/// A row of the shop with these few changes.
pub fn row_with(changes: &[(&str, Cell)]) -> Vec<Cell> {
    let mut row = two_rows().swap_remove(1);
    for (header, cell) in changes {
        let column = HEADERS.iter().position(|other| other == header).unwrap();
        row[column] = cell.clone();
    }
    row
}

/// A workbook with one sheet for each block of rows, all under the same headers.
pub fn write(path: &Path, headers: &[&str], sheets: &[(&str, Vec<Vec<Cell>>)]) {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (column, header) in (0..).zip(headers) {
            sheet.write_string(0, column, *header).unwrap();
        }
        for (row, cells) in (1..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                write_cell(sheet, row, column, cell);
            }
        }
    }
    workbook.save(path).unwrap();
}

/// A workbook with the usual headers and one sheet.
pub fn write_rows(path: &Path, rows: Vec<Vec<Cell>>) {
    write(path, &HEADERS, &[("Vendas", rows)]);
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) {
    match cell {
        Text(text) => {
            sheet.write_string(row, column, *text).unwrap();
        }
        Number(number) => {
            sheet.write_number(row, column, *number).unwrap();
        }
        When(text) => {
            let at = ExcelDateTime::parse_from_str(text).unwrap();
            sheet
                .write_datetime_with_format(row, column, &at, &Format::new().set_num_format("dd/mm/yyyy hh:mm"))
                .unwrap();
        }
        Cell::Broken(error) => {
            sheet.write_formula(row, column, rust_xlsxwriter::Formula::new("1/0").set_result(*error)).unwrap();
        }
        Cell::Bool(is_true) => {
            sheet.write_boolean(row, column, *is_true).unwrap();
        }
        Blank => {}
    }
}
