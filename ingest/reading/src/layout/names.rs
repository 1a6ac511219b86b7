//! Finds the fields that a header may name.
//!
//! A header is folded, split into words and stripped of filler words. A rule matches if the header has all of its words
//! and no excluded word. It fits better if it explains more words of the header.

use caudal_contract::field::Field;

use crate::words::amounts::SCALED;
use crate::words::headers::{RULES, Rule};
use crate::words::weights::{LOWEST, UNEXPLAINED};
use crate::words::words_of;

/// The fields that a header may name, with a score out of 100; the best rule of each field.
pub(crate) fn fields_named(header: &str) -> Vec<(Field, u32)> {
    let words = words_of(header);
    let mut found: Vec<(Field, u32)> = Vec::new();
    let is_scaled = SCALED.has_any(&words);
    // A percentage is not money.
    let is_part = header.contains('%');
    let cannot_be = |field: Field| match field {
        Field::Total | Field::UnitPrice => is_scaled,
        Field::Fee => is_scaled || is_part,
        _ => false,
    };
    for rule in RULES.iter().filter(|rule| !cannot_be(rule.field)) {
        let Some(score) = rule.score(&words) else { continue };
        match found.iter_mut().find(|(field, _)| *field == rule.field) {
            Some((_, best)) => *best = score.max(*best),
            None => found.push((rule.field, score)),
        }
    }
    found
}

impl Rule {
    fn score(&self, words: &[String]) -> Option<u32> {
        let has = |word: &&str| words.iter().any(|other| other == word);
        if !self.all.iter().all(has) || self.none.iter().any(has) {
            return None;
        }
        let unexplained = u32::try_from(words.len().saturating_sub(self.all.len())).unwrap_or(9);
        if self.alone && unexplained > 0 {
            return None;
        }
        Some(self.weight.saturating_sub(UNEXPLAINED * unexplained)).filter(|score| *score >= LOWEST)
    }
}

#[cfg(test)]
mod tests {
    use caudal_contract::field::Field::*;

    use super::*;

    fn best(header: &str) -> Option<Field> {
        fields_named(header).into_iter().max_by_key(|(_, score)| *score).map(|(field, _)| field)
    }

    #[test]
    fn headers_are_split_into_words() {
        assert_eq!(words_of("Preço_Unitário"), ["preco", "unitario"]);
        assert_eq!(words_of("precoUnitario"), ["preco", "unitario"]);
        assert_eq!(words_of("Data da Venda:"), ["data", "venda"]);
        assert_eq!(words_of(" Discounts "), ["discount"]);
    }

    #[test]
    fn the_headers_of_real_sheets_name_their_field() {
        for (header, field) in [
            ("nome", Customer),
            ("endereco_completo", Address),
            ("cpf_cnpj", Document),
            ("valor_unitario", UnitPrice),
            ("data_hora", Date),
            ("forma_pagamento", PaymentMethod),
            ("ID da Venda", OrderId),
            ("Nota Fiscal", OrderId),
            ("N.º de venda", OrderId),
            ("Nº Pedido", OrderId),
            ("ID Produto", Sku),
            ("Produto e Categoria", Product),
            ("Preço Total", Total),
            ("Método de Pagamento", PaymentMethod),
            ("Quantidade vendida", Quantity),
            ("Valor vendido", Total),
            ("Numero de telefone do cliente", Phone),
            ("Nome do vendedor", Seller),
            ("Units Sold", Quantity),
            (" Sales", Total),
            ("Sale Price", UnitPrice),
            ("COGS", Cost),
            ("Qtde", Quantity),
            ("Preço_Unitário", UnitPrice),
            ("Custo_Unitário", Cost),
            ("Time", Time),
            ("Tarifa de venda", Fee),
            ("Taxa", Fee),
            ("Comissão do marketplace", Fee),
            ("Selling fees", Fee),
            ("Valor sem taxas", Total),
            ("Vendas com taxa", Total),
            ("Amount before fees", Total),
            ("Preço com taxa", UnitPrice),
            ("Taxa IVA", Tax),
        ] {
            assert_eq!(best(header), Some(field), "{header}");
        }
    }

    #[test]
    fn headers_of_other_things_name_nothing() {
        for header in [
            "Quantidade em Estoque",
            "Lucro",
            "Rating",
            "Comissão 5%",
            "Data de nascimento",
            "URL da imagem",
            "-",
            "Manufacturing Price",
            "amount_cents",
            "Faturamento (R$ mil)",
            "Taxa (%)",
            "Taxa de câmbio",
            "Delivery fee",
            "Taxa de juros",
            "Comissão sem taxa",
        ] {
            assert_eq!(best(header), None, "{header}");
        }
    }

    /// The fields that a header names, surest first, as the snapshot writes them.
    fn named(header: &str) -> String {
        let mut fields = fields_named(header);
        fields.sort_by_key(|(field, score)| (std::cmp::Reverse(*score), *field));
        let fields = fields.iter().map(|(field, score)| format!("{} {score}", field.code()));
        fields.collect::<Vec<_>>().join(", ")
    }

    /// Every change of a word shows its reviewer which headers it moves.
    #[test]
    fn headers_name_the_fields_that_the_snapshot_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/headers.tsv");
        let snapshot = std::fs::read_to_string(path).unwrap();
        let mut headers: Vec<String> =
            snapshot.lines().filter_map(|line| line.split('\t').next().map(str::to_owned)).collect();
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/samples")).unwrap() {
            let file = file.unwrap().path();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".md") {
                continue;
            }
            let Ok(contents) = crate::sheet::read(&std::fs::read(&file).unwrap(), &name) else { continue };
            let found = contents.sheets.iter().filter_map(super::super::header::find_header);
            headers.extend(found.flat_map(|(_, headers)| headers).filter(|header| !header.is_empty()));
        }
        headers.sort();
        headers.dedup();
        let now: String = headers.iter().map(|header| format!("{header}\t{}\n", named(header))).collect();
        let (before, after): (Vec<&str>, Vec<&str>) = (snapshot.lines().collect(), now.lines().collect());
        let changed = after.iter().filter(|line| !before.contains(line)).copied().collect::<Vec<_>>().join("\n");
        assert!(before == after, "if these lines are right, write them into {path}:\n{changed}");
    }
}
