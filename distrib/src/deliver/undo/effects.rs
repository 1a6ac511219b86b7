//! The effects of an undo, as numbers and in plain words.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::money::Cents;
use serde::{Deserialize, Serialize};

/// The effects that an undo has or would have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoEffects {
    /// Sales that no longer exist.
    pub sales_removed: i64,
    /// Sales that have the values from before the import again.
    pub sales_restored: i64,
    /// Sales that stay because another import brought the same row. They belong to that import now.
    pub sales_moved: i64,
    /// Rows of the import that were duplicates.
    pub duplicates_forgotten: i64,
    /// Rejected rows of the import.
    pub rejected_forgotten: i64,
    /// The change of the sum of all sales.
    pub amount_change: Cents,
    /// Customers that only this import named.
    pub customers_removed: i64,
    /// Products that only this import named.
    pub products_removed: i64,
    /// Values of customers and products that are again as before.
    pub values_restored: i64,
    /// Values that stay because a later import changed or confirmed them. Only the first of them are listed.
    pub values_kept: Vec<KeptValue>,
    /// The number of values that stay.
    pub values_kept_count: i64,
    /// Customers and products of the import that stay because other sales name them too.
    pub still_named: i64,
}

/// A value that an undo leaves unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptValue {
    /// `customers` or `products`.
    pub kind: String,
    /// The name of the customer or product.
    pub name: String,
    /// The field.
    pub field: String,
    /// The value that stays.
    pub value: Option<String>,
}

impl UndoEffects {
    /// One sentence for each effect. The list is never empty.
    #[must_use]
    pub fn sentences(&self, language: Language) -> Vec<String> {
        let money = format::money(self.amount_change, language);
        let mut sentences: Vec<String> = [
            (self.sales_removed, "Vendas removidas", "Sales removed"),
            (self.sales_restored, "Vendas que voltam à versão anterior", "Sales that go back to their earlier version"),
            (
                self.sales_moved,
                "Vendas que ficam, porque outra importação também as trouxe",
                "Sales that stay, because another import brought them too",
            ),
            (self.duplicates_forgotten, "Linhas repetidas esquecidas", "Duplicate rows forgotten"),
            (self.rejected_forgotten, "Linhas rejeitadas esquecidas", "Rejected rows forgotten"),
            (self.customers_removed, "Clientes removidos", "Customers removed"),
            (self.products_removed, "Produtos removidos", "Products removed"),
            (
                self.values_restored,
                "Valores anteriores de clientes e produtos restaurados",
                "Earlier values of customers and products restored",
            ),
            (
                self.values_kept_count,
                "Valores que ficam, porque uma importação posterior os mudou ou confirmou",
                "Values that stay, because a later import changed or confirmed them",
            ),
            (
                self.still_named,
                "Clientes e produtos que ficam, porque outras vendas também os citam",
                "Customers and products that stay, because other sales name them too",
            ),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, portuguese, english)| {
            format!("{}: {}", language.pick(portuguese, english), format::count(count, language))
        })
        .collect();
        sentences.push(format!(
            "{}: {money}",
            language.pick("O total das vendas muda em", "The sum of all sales changes by")
        ));
        sentences
    }

    /// The kept values, one line for each.
    #[must_use]
    pub fn kept(&self, language: Language) -> Vec<String> {
        let field = |field: &str| match field {
            "name" => language.pick("nome", "name"),
            "email" => "e-mail",
            "phone" => language.pick("telefone", "phone"),
            _ => language.pick("categoria", "category"),
        };
        self.values_kept
            .iter()
            .map(|kept| format!("{}, {}: {}", kept.name, field(&kept.field), kept.value.as_deref().unwrap_or("–")))
            .collect()
    }
}
