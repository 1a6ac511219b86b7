//! Checks that tables of totals are refused or asked about, and that sales which look like totals are taken.

use caudal_contract::notice::{LayoutProblem, OtherSheet, Refusal};

use crate::layout::find;
use crate::layout::remembered::{self, Unmapped};

/// The outcome for a sheet: taken, asked about as totals per something, or refused as totals.
#[derive(Debug, PartialEq)]
enum Fate {
    Taken,
    Asked(String),
    Refused,
}

fn fate(text: &str) -> Fate {
    let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
    match find(&sheet) {
        Ok(layout) => match layout.doubt {
            None => Fate::Taken,
            Some(LayoutProblem::Totals { per }) => Fate::Asked(per.join("+")),
            Some(other) => panic!("{other:?}"),
        },
        Err(Refusal::LooksLike { like: OtherSheet::Totals, .. }) => Fate::Refused,
        Err(other) => panic!("{other:?}"),
    }
}

fn asked(per: &str) -> Fate {
    Fate::Asked(per.to_owned())
}

/// A table of five products, each once.
fn ranking(header: &str, cells: [&str; 5]) -> String {
    format!("{header}\n{}\n", cells.join("\n"))
}

/// A row for each of these and each of five products.
fn by_product(header: &str, of: &[&str]) -> String {
    let row =
        |of: &&str| (1..6).map(|product| format!("{of};P{product};{product};{product}0,50\n")).collect::<String>();
    format!("{header}\n{}", of.iter().map(row).collect::<String>())
}

#[test]
fn totals_of_each_product_are_asked_about() {
    let cells = ["Café;40;400,00", "Pão;90;90,00", "Chá;20;80,00", "Bolo;3;75,00", "Suco;9;45,00"];
    for header in [
        "Produto;Quantidade vendida;Total vendido",
        "Product;Units sold;Revenue",
        "Producto;Cantidad vendida;Importe",
        "Item;Qtde;Vendas",
    ] {
        let product = header.split(';').next().unwrap();
        assert_eq!(fate(&ranking(header, cells)), asked(product), "{header}");
        let with_total = format!("{}Total;162;690,00\n", ranking(header, cells));
        assert_eq!(fate(&with_total), asked(product), "a total line changes nothing: {header}");
    }
}

#[test]
fn totals_that_say_so_are_refused() {
    let rank = ["1;Café;40;400,00", "2;Pão;90;90,00", "3;Chá;20;80,00", "4;Bolo;3;75,00", "5;Suco;9;45,00"];
    for header in
        ["Posição;Produto;Qtd;Faturamento", "Rank;Product;Units sold;Revenue", "Puesto;Producto;Cantidad;Ventas"]
    {
        assert_eq!(fate(&ranking(header, rank)), Fate::Refused, "{header}");
        assert_eq!(fate(&format!("{}Total;;162;690,00\n", ranking(header, rank))), Fate::Refused, "{header}");
    }
    let part = ["Café;40;400,00;58%", "Pão;90;90,00;13%", "Chá;20;80,00;12%", "Bolo;3;75,00;11%", "Suco;9;45,00;6%"];
    for header in [
        "Produto;Qtde vendida;Faturamento;% do total",
        "Produto;Qtde;Total vendido;Participação",
        "Product;Units sold;Revenue;% of total",
        "Product;Units sold;Revenue;Cumulative",
    ] {
        assert_eq!(fate(&ranking(header, part)), Fate::Refused, "{header}");
    }
    let cells = ["Café;40;400,00", "Pão;90;90,00", "Chá;20;80,00", "Bolo;3;75,00", "Suco;9;45,00"];
    for title in ["Curva ABC", "Top 10 products", "Los más vendidos", "Vendas por produto de 01/03/2026 a 31/03/2026"]
    {
        let text = ranking(&format!("{title};;\nProduto;Quantidade vendida;Total vendido"), cells);
        assert_eq!(fate(&text), Fate::Refused, "{title}");
    }
    assert_eq!(fate("Vendedor;Vendas;Total;Ranking\nAna;9;90,00;1\nBia;5;45,00;2\n"), Fate::Refused);
}

#[test]
fn totals_of_each_seller_store_or_month_and_product_are_asked_about() {
    let header = |of: &str| format!("{of};Produto;Qtd vendida;Total vendido");
    for (of, values) in [
        ("Vendedor", ["Ana", "Bia", "Caio"]),
        ("Loja", ["Centro", "Norte", "Praia"]),
        ("Mês", ["Janeiro", "Fevereiro", "Março"]),
        ("Mês", ["01/01/2026", "01/02/2026", "01/03/2026"]),
        ("Forma de pagamento", ["Pix", "Dinheiro", "Cartão"]),
    ] {
        assert_eq!(fate(&by_product(&header(of), &values)), asked(&format!("Produto+{of}")));
    }
}

#[test]
fn how_many_orders_there_were_or_when_the_last_one_was_makes_no_sales_of_totals() {
    let counts = ["Café;4;40;400,00", "Pão;9;90;90,00", "Chá;2;20;80,00", "Bolo;3;3;75,00", "Suco;9;9;45,00"];
    assert_eq!(fate(&ranking("Produto;Pedidos;Qtd vendida;Total", counts)), asked("Produto"));
    let days = [1, 2, 3, 4, 5].map(|day| format!("P{day};0{day}/03/2026;4{day};90,00"));
    for day in ["Data inicial", "Última venda"] {
        let header = format!("Produto;{day};Qtd vendida;Total vendido");
        assert_eq!(fate(&ranking(&header, days.each_ref().map(String::as_str))), asked("Produto"), "{day}");
    }
}

#[test]
fn sales_without_a_day_are_no_totals() {
    for text in [
        // The same product occurs again.
        "Produto;Qtd;Valor da venda\nCafé;1;5,00\nPão;2;2,00\nCafé;3;15,00\n",
        // The columns name buyers, sellers or payments.
        "Cliente;Produto;Qtd;Total\nAna;Café;1;5,00\nBia;Pão;2;2,00\nEva;Chá;3;9,00\n",
        "ID Venda;Cod cliente;Produto;Qtd;Valor\n17;4;Café;1;5,00\n18;9;Pão;2;2,00\n19;4;Chá;3;9,00\n",
        "Produto;Qtd;Valor;Vendedor\nCafé;2;10,00;Ana\nPão;1;1,00;Bia\n",
        "Produto;Qtd;Total;Forma de pagamento\nCafé;2;10,00;Pix\nPão;1;1,00;Dinheiro\n",
        // All rows are single pieces.
        "Produto;Quantidade;Valor da venda\nVaso azul;1;80,00\nVaso verde;1;75,00\n",
        // The title or a column gives the day.
        "Vendas do dia 12/03/2026;;\nProduto;Quantidade vendida;Total vendido\nCafé;4;40,00\nPão;9;9,00\n",
        "Data;Produto;Quantidade vendida;Total;% do total\n01/03/2026;Café;4;40,00;82%\n01/03/2026;Pão;9;9,00;18%\n",
    ] {
        assert_eq!(fate(text), Fate::Taken, "{text}");
    }
    let sellers = "Vendedor;Produto;Qtd;Total\nAna;P1;1;5,00\nBia;P1;2;9,00\nAna;P2;1;4,00\nAna;P1;2;9,00\n\
        Bia;P2;1;4,00\nAna;P3;4;8,00\nBia;P3;1;2,00\nBia;P1;1;5,00\n";
    assert_eq!(fate(sellers), Fate::Taken, "sellers sell the same product again");
}

#[test]
fn a_ranking_of_customers_is_asked_about() {
    let text = "Posição;Cliente;Produto;Qtd;Total\n1;Ana;Café;9;90,00\n2;Bia;Pão;2;20,00\n3;Eva;Café;1;10,00\n";
    assert_eq!(fate(text), asked("Produto+Cliente"));
    let again = text.replace("Eva", "Ana");
    assert_eq!(fate(&again), Fate::Taken, "the same customer and product come again");
}

#[test]
fn the_shelf_of_a_product_is_no_rank() {
    let text = "Posição;Produto;Qtd;Total vendido\nA-12;Café;9;90,00\nB-01;Pão;2;20,00\n";
    assert_eq!(fate(text), asked("Produto"));
}

#[test]
fn a_person_may_say_that_they_are_sales() {
    use caudal_contract::decision::{DecidedColumn, Decision, FileDate, Remembered};
    let text = "Produto;Quantidade vendida;Total vendido\nCafé;4;40,00\nPão;9;9,00\n";
    let sheet = crate::sheet::read(text.as_bytes(), "x.csv").unwrap().sheets.remove(0);
    assert!(matches!(remembered::find(&sheet, &[]), Err(Unmapped::Contradicted { dated: false, .. })));
    let layout = find(&sheet).unwrap();
    let field = |column: usize| layout.columns.iter().find(|(_, taken)| *taken == column).map(|(field, _)| *field);
    let columns = layout.headers.iter().enumerate().map(|(column, header)| DecidedColumn {
        header: header.clone(),
        field: field(column),
        holds: None,
    });
    let decision = Decision {
        sheet: None,
        has_header: true,
        decimal_mark: None,
        date_order: None,
        date: Some(FileDate::Arrival),
        columns: columns.collect(),
    };
    let at = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    let fingerprint = crate::layout::table::fingerprint(&decision);
    let known = [Remembered { fingerprint, decision, by: "ana".to_owned(), at }];
    assert!(remembered::find(&sheet, &known).is_ok());
}
