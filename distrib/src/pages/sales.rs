//! The sales list.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use caudal_contract::calendar::to_local;
use caudal_contract::document::punctuated;
use caudal_contract::field::Field;
use caudal_contract::format;
use caudal_contract::language::Language;
use caudal_contract::message::SoldTime;
use caudal_contract::money::TenThousandths;
use caudal_contract::payment::PaymentMethod;
use caudal_platform::database::DbConnection;
use chrono_tz::Tz;

use super::frame::{Frame, NextStep, Section, page};
use super::link::{fits, query_string, row_address};
use super::pager::{PAGE_ROWS, Pager};
use super::sales_query::{ParsedQuery, SalesQuery};
use super::visitor::SignedIn;
use super::{PageError, Pages};
use crate::view::imports;
use crate::view::sales::{self, Choice, SaleLine, SalesFilter, SalesTotals, SortColumn, Standing};

/// If there are more products than this, people find them by search and not in a list.
const MOST_CHOICES: i64 = 200;

#[derive(Template)]
#[template(path = "sales.html")]
struct SalesPage {
    f: Frame,
    query: SalesQuery,
    problem: Option<String>,
    payments: Vec<(&'static str, &'static str)>,
    products: Vec<ProductOption>,
    /// The codes and names of the standings.
    standings: Vec<(&'static str, &'static str)>,
    /// Active filters that have no field in the form.
    chips: Vec<Chip>,
    columns: Vec<Heading>,
    lines: Vec<Line>,
    sales: String,
    quantity: String,
    amount: String,
    is_filtered: bool,
    pager: Pager,
    reports: String,
    next_step: NextStep,
}

struct ProductOption {
    id: i64,
    name: String,
    is_chosen: bool,
}

/// A filter that was set by a link, and the URL of the list without it.
struct Chip {
    label: &'static str,
    value: String,
    without: String,
}

/// The heading of a column.
struct Heading {
    title: &'static str,
    link: Option<String>,
    /// The value of `aria-sort`, if the list is sorted by this column.
    sorted: Option<&'static str>,
    is_number: bool,
}

/// A row of the table, as texts.
struct Line {
    date: String,
    time: String,
    order_id: Option<String>,
    customer: Option<(i64, String)>,
    document: Option<String>,
    product_id: i64,
    product: String,
    sku: Option<String>,
    /// Category, seller, store and channel: the name, and the URL of the list of its sales unless the name is too long for a URL.
    dimensions: Vec<(Option<String>, String)>,
    quantity: String,
    unit_price: Option<String>,
    amount: String,
    is_return: bool,
    is_void: bool,
    payment: Option<&'static str>,
    import_id: i64,
    /// The URL of the page that shows the row as received.
    row_address: String,
    import: String,
    sheet: String,
    row: String,
}

/// The data for a query.
struct Answer {
    lines: Vec<SaleLine>,
    totals: SalesTotals,
    number: i64,
    products: Vec<Choice>,
    product: Option<String>,
    customer: Option<String>,
    import: Option<String>,
    cancelled_by: Option<String>,
}

/// `GET /sales`: the filtered list.
///
/// # Errors
/// [`PageError::Internal`].
pub async fn show(
    pages: web::Data<Pages>,
    reader: SignedIn,
    query: web::Query<SalesQuery>,
) -> Result<HttpResponse, PageError> {
    let list = query.into_inner().shortened().parsed();
    let (filter, number) = (list.filter.clone(), list.query.page_number());
    let answer = pages.ask(move |db| answer(db, &filter, number)).await?;
    page(StatusCode::OK, &sales_page(&pages, &reader, list, answer))
}

/// The data for a page of the list. If the list is shorter, its last page.
fn answer(db: &mut DbConnection, filter: &SalesFilter, number: i64) -> diesel::QueryResult<Answer> {
    let totals = sales::totals(db, filter)?;
    let last_page = ((totals.sales - 1) / PAGE_ROWS + 1).max(1);
    let number = number.min(last_page);
    Ok(Answer {
        lines: sales::page(db, filter, (number - 1) * PAGE_ROWS, PAGE_ROWS)?,
        totals,
        number,
        products: sales::product_choices(db, MOST_CHOICES + 1)?,
        product: filter.product_id.map_or(Ok(None), |id| sales::product_name(db, id))?,
        customer: filter.customer_id.map_or(Ok(None), |id| sales::customer_name(db, id))?,
        import: filter.import_id.map_or(Ok(None), |id| imports::name(db, id))?,
        cancelled_by: filter.cancelled_by.map_or(Ok(None), |id| imports::name(db, id))?,
    })
}

fn sales_page(pages: &Pages, reader: &SignedIn, list: ParsedQuery, answer: Answer) -> SalesPage {
    let language = reader.language;
    let query = &list.query;
    let f = Frame::signed_in(reader, Section::Sales, format!("/sales{}", query.with_page(answer.number)));
    let shown = i64::try_from(answer.lines.len()).unwrap_or(i64::MAX);
    let fits_a_list = i64::try_from(answer.products.len()).is_ok_and(|products| products <= MOST_CHOICES);
    SalesPage {
        problem: list.problem.map(|problem| format!("{} {}", f.t.bad_days(problem), f.t.period_not_applied)),
        payments: PaymentMethod::ALL.iter().map(|method| (method.code(), method.label(language))).collect(),
        standings: Standing::ALL.iter().map(|standing| (standing.code(), f.t.standing(*standing))).collect(),
        chips: chips(&f, &list, &answer, fits_a_list),
        columns: headings(&f, &list),
        lines: answer.lines.into_iter().map(|line| table_line(line, language, pages.config.time_zone, &f)).collect(),
        products: if fits_a_list { product_options(answer.products, list.filter.product_id) } else { Vec::new() },
        sales: format::count(answer.totals.sales, language),
        quantity: format::quantity(answer.totals.quantity, language),
        amount: format::money(answer.totals.amount, language),
        is_filtered: !SalesQuery { sort: String::new(), order: String::new(), ..query.clone() }
            .to_query_string()
            .is_empty(),
        pager: Pager::new(answer.number, shown, answer.totals.sales, language, |number| {
            format!("/sales{}", query.with_page(number))
        }),
        reports: query.to_query_string(),
        next_step: NextStep::new(pages),
        query: list.query,
        f,
    }
}

fn product_options(products: Vec<Choice>, chosen: Option<i64>) -> Vec<ProductOption> {
    let option =
        |product: Choice| ProductOption { is_chosen: chosen == Some(product.id), id: product.id, name: product.name };
    products.into_iter().map(option).collect()
}

fn chips(f: &Frame, list: &ParsedQuery, answer: &Answer, product_is_in_form: bool) -> Vec<Chip> {
    let ParsedQuery { query, filter, .. } = list;
    let chip = |label, name: &Option<String>, without: SalesQuery| {
        let value = name.clone().unwrap_or_else(|| f.t.unknown.to_owned());
        Chip { label, value, without: format!("/sales{}", without.to_query_string()) }
    };
    let mut chips = Vec::new();
    if filter.product_id.is_some() && !product_is_in_form {
        chips.push(chip(f.t.product, &answer.product, SalesQuery { product: String::new(), ..query.clone() }));
    }
    if filter.customer_id.is_some() {
        chips.push(chip(f.t.customer, &answer.customer, SalesQuery { customer: String::new(), ..query.clone() }));
    }
    if filter.import_id.is_some() {
        chips.push(chip(f.t.import, &answer.import, SalesQuery { import: String::new(), ..query.clone() }));
    }
    if filter.cancelled_by.is_some() {
        let without = SalesQuery { cancelled_by: String::new(), ..query.clone() };
        chips.push(chip(f.t.cancelled_by, &answer.cancelled_by, without));
    }
    for (field, value) in &filter.dimensions {
        chips.push(chip(field.label(f.language), &Some(value.clone()), query.without(*field)));
    }
    chips
}

fn headings(f: &Frame, list: &ParsedQuery) -> Vec<Heading> {
    let heading = |title, sort: Option<SortColumn>, is_number| Heading {
        title,
        link: sort.map(|column| format!("/sales{}", list.sorted_by(column))),
        sorted: (sort == Some(list.filter.sort)).then_some(if list.filter.ascending {
            "ascending"
        } else {
            "descending"
        }),
        is_number,
    };
    vec![
        heading(f.t.date, Some(SortColumn::Date), false),
        heading(f.t.customer, Some(SortColumn::Customer), false),
        heading(f.t.product, Some(SortColumn::Product), false),
        heading(f.t.quantity, Some(SortColumn::Quantity), true),
        heading(f.t.unit_price, None, true),
        heading(f.t.amount, Some(SortColumn::Amount), true),
        heading(f.t.payment, None, false),
        heading(f.t.origin, None, false),
    ]
}

fn table_line(line: SaleLine, language: Language, zone: Tz, f: &Frame) -> Line {
    let local = to_local(line.sale.sold_at(), zone);
    let text = |field: Field| line.text(field).map(str::to_owned);
    Line {
        date: format::date(line.sale.sold_on, language),
        time: match line.sale.time() {
            SoldTime::Exact => local.format("%H:%M").to_string(),
            SoldTime::Assumed => f.t.time_assumed.to_owned(),
            SoldTime::DayOnly => String::new(),
        },
        order_id: text(Field::OrderId),
        customer: line.sale.customer_id.map(|id| {
            let name = text(Field::Customer).or_else(|| text(Field::Document));
            (id, name.unwrap_or_else(|| f.t.unnamed.to_owned()))
        }),
        document: line.customer_document.as_deref().map(punctuated),
        product_id: line.sale.product_id,
        product: line.product_name.clone(),
        sku: text(Field::Sku),
        dimensions: sales::dimensions()
            .filter_map(|field| {
                let value = text(field)?;
                let address = fits(&value).then(|| format!("/sales{}", query_string(&[(field.code(), &value)])));
                Some((address, value))
            })
            .collect(),
        quantity: format::quantity(line.quantity(), language),
        unit_price: line.sale.unit_price.map(|price| format::unit_price(TenThousandths(price), language)),
        is_void: line.cancelled_by.is_some(),
        is_return: line.amount().0 < 0 || line.quantity().0 < 0,
        amount: format::money(line.amount(), language),
        payment: line.payment().map(|method| method.label(language)),
        import_id: line.sale.import_id,
        row_address: row_address(line.sale.import_id, &line.sale.sheet, line.sale.row),
        import: line.import_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| f.t.api_batch.to_owned()),
        row: line.sale.row.to_string(),
        sheet: line.sale.sheet,
    }
}
