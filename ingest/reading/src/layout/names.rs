//! Finds the fields that a header may name.
//!
//! A header is folded, split into words and stripped of filler words. A rule matches if the header has all of its words
//! and no excluded word. It fits better if it explains more words of the header.

use caudal_contract::field::Field;

use super::vocabulary::RULES;
use super::words::words_of;

/// A way to name a field.
pub(super) struct Rule {
    pub(super) field: Field,
    pub(super) all: &'static [&'static str],
    pub(super) none: &'static [&'static str],
    /// The score if the words are the whole header. 100 means certain. A higher weight lets a name win over other
    /// certain names.
    pub(super) weight: u32,
    /// Whether the words must be the whole header.
    pub(super) alone: bool,
}

/// The fields that a header may name, each with the score of its best rule.
pub(crate) fn fields_named(header: &str) -> Vec<(Field, u32)> {
    /// Words for amounts in hundredths, thousands or millions of a currency. Read as they are, such amounts would be
    /// wrong many times over.
    const SCALED: &[&str] = &["cent", "centavo", "mil", "milhare", "thousand", "milhoe", "million", "millone"];
    let words = words_of(header);
    let mut found: Vec<(Field, u32)> = Vec::new();
    let is_scaled = words.iter().any(|word| SCALED.contains(&word.as_str()));
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
        // Each word that the rule does not explain makes it less sure.
        let unexplained = u32::try_from(words.len().saturating_sub(self.all.len())).unwrap_or(9);
        if self.alone && unexplained > 0 {
            return None;
        }
        Some(self.weight.saturating_sub(12 * unexplained)).filter(|score| *score >= 30)
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
        ] {
            assert_eq!(best(header), None, "{header}");
        }
    }
}
