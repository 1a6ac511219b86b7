//! A filter in words, as the head of a report shows it.

use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_platform::database::DbConnection;
use diesel::QueryResult;

use super::columns::capitalised;
use crate::view::imports;
use crate::view::sales::{SalesFilter, Standing, customer_name, product_name};

/// The names for the ids of a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// The name of the product.
    pub product: Option<String>,
    /// The name of the customer.
    pub customer: Option<String>,
    /// The file name of the import.
    pub import: Option<String>,
    /// The file name of the cancelling import.
    pub cancelled_by: Option<String>,
}

impl Names {
    /// Looks the names up.
    ///
    /// # Errors
    /// A query failed.
    pub fn of(filter: &SalesFilter, db: &mut DbConnection) -> QueryResult<Self> {
        Ok(Self {
            product: filter.product_id.map_or(Ok(None), |id| product_name(db, id))?,
            customer: filter.customer_id.map_or(Ok(None), |id| customer_name(db, id))?,
            import: filter.import_id.map_or(Ok(None), |id| imports::name(db, id))?,
            cancelled_by: filter.cancelled_by.map_or(Ok(None), |id| imports::name(db, id))?,
        })
    }
}

/// Each filter that is set, as (name, value). If a name is missing, the id is shown instead.
#[must_use]
pub fn words(filter: &SalesFilter, names: &Names, language: Language) -> Vec<(String, String)> {
    let day = |day| format::date(day, language);
    let period = match (filter.from, filter.to) {
        (Some(from), Some(to)) if from == to => Some(day(from)),
        (Some(from), Some(to)) => Some(format!("{} {} {}", day(from), language.pick("a", "to"), day(to))),
        (Some(from), None) => Some(format!("{} {}", language.pick("desde", "since"), day(from))),
        (None, Some(to)) => Some(format!("{} {}", language.pick("até", "until"), day(to))),
        (None, None) => None,
    };
    let standing = match filter.standing {
        Standing::Counted => None,
        Standing::Void => Some(language.pick("canceladas", "void").to_owned()),
        Standing::All => Some(language.pick("com as canceladas", "with void ones").to_owned()),
    };
    let named = |id: Option<i64>, name: &Option<String>| id.map(|id| name.clone().unwrap_or_else(|| format!("#{id}")));
    let filters = [
        (language.pick("Período", "Period"), period),
        (language.pick("Busca", "Search"), filter.search.clone()),
        (language.pick("Pagamento", "Payment"), filter.payment.map(|method| method.label(language).to_owned())),
        (language.pick("Produto", "Product"), named(filter.product_id, &names.product)),
        (language.pick("Cliente", "Customer"), named(filter.customer_id, &names.customer)),
        (language.pick("Importação", "Import"), named(filter.import_id, &names.import)),
        (language.pick("Vendas", "Sales"), standing),
        (language.pick("Cancelada por", "Cancelled by"), named(filter.cancelled_by, &names.cancelled_by)),
    ];
    let dimensions = filter.dimensions.iter().map(|(field, value)| (capitalised(field.label(language)), value.clone()));
    let filters = filters.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
    filters.chain(dimensions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use caudal_contract::field::Field;
    use caudal_contract::payment::PaymentMethod;
    use chrono::NaiveDate;

    fn in_words(filter: &SalesFilter, language: Language) -> String {
        let names = Names { product: Some("Café".into()), ..Names::default() };
        let words = words(filter, &names, language);
        words.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn every_filter_is_said_in_words() {
        let filter = SalesFilter {
            search: Some("joão".into()),
            from: NaiveDate::from_ymd_opt(2026, 11, 1),
            to: NaiveDate::from_ymd_opt(2026, 11, 22),
            payment: Some(PaymentMethod::Cash),
            product_id: Some(3),
            customer_id: Some(4),
            import_id: None,
            dimensions: vec![(Field::Store, "Centro".into())],
            ..SalesFilter::default()
        };
        assert_eq!(
            in_words(&filter, Language::Portuguese),
            "Período: 01/11/2026 a 22/11/2026; Busca: joão; Pagamento: Dinheiro; Produto: Café; Cliente: #4; Loja: Centro"
        );
        assert!(in_words(&filter, Language::English).starts_with("Period: 2026-11-01 to 2026-11-22; Search: joão"));
    }

    #[test]
    fn half_a_period_is_said_as_such() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 1);
        let of = |from, to| in_words(&SalesFilter { from, to, ..SalesFilter::default() }, Language::Portuguese);
        assert_eq!(of(day, None), "Período: desde 01/11/2026");
        assert_eq!(of(None, day), "Período: até 01/11/2026");
        assert_eq!(of(day, day), "Período: 01/11/2026");
        assert_eq!(of(None, None), "");
    }
}
