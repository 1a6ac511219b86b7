//! The files of known exports, as their documentation describes them.

use crate::orders::{Line, Order, State};

/// What the orders of an export may have.
#[derive(Debug, Clone, Copy)]
pub struct Has {
    pub several_lines: bool,
    /// Whether the file says how many were sold.
    pub quantities: bool,
    pub line_discounts: bool,
    pub order_discounts: bool,
    pub freight: bool,
    pub partial_refunds: bool,
    pub cancelled: bool,
    pub refunded: bool,
    pub unpaid: bool,
}

const ALL: Has = Has {
    several_lines: true,
    quantities: true,
    line_discounts: false,
    order_discounts: true,
    freight: true,
    partial_refunds: true,
    cancelled: true,
    refunded: true,
    unpaid: true,
};

/// An export.
#[derive(Debug)]
pub struct Export {
    /// The name in its file.
    pub name: &'static str,
    pub delimiter: char,
    pub has: Has,
    /// Whether it names products. Otherwise a row is an order.
    pub has_lines: bool,
    /// Whether the arithmetic of the file proves it.
    pub has_proof: bool,
    /// The number of an order as it is read.
    pub number: fn(&Order) -> String,
    pub file: fn(&[Order]) -> String,
}

fn number(order: &Order) -> String {
    order.number.to_string()
}

fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// Shows a value of the order on its first line only.
fn first(place: usize, value: String) -> String {
    if place == 0 { value } else { String::new() }
}

/// The word of a state.
fn word(state: State, words: [&str; 4]) -> String {
    let [paid, unpaid, cancelled, refunded] = words;
    let word = match state {
        State::Paid => paid,
        State::Unpaid => unpaid,
        State::Cancelled => cancelled,
        State::Refunded => refunded,
    };
    word.to_owned()
}

/// What the customer got back: of a full refund, the freight too.
fn given_back(order: &Order) -> i64 {
    order.returned + if order.state == State::Refunded { order.freight } else { 0 }
}

/// The share of a line in the discount of its order. The last line takes the cents that are left.
fn share(order: &Order, place: usize) -> i64 {
    let of = |line: &Line| order.off * line.net() / order.lines_net();
    if place + 1 < order.lines.len() {
        return of(&order.lines[place]);
    }
    order.off - order.lines.iter().take(place).map(of).sum::<i64>()
}

/// A file with a row for each line. A row gets its order, its line and the place of the line.
fn by_line(
    delimiter: char,
    headers: &[&str],
    row: impl Fn(&Order, &Line, usize) -> Vec<String>,
    orders: &[Order],
) -> String {
    let rows =
        orders.iter().flat_map(|order| order.lines.iter().enumerate().map(move |(place, line)| (order, line, place)));
    let mut text = headers.join(&delimiter.to_string()) + "\n";
    for (order, line, place) in rows {
        let cells = row(order, line, place);
        assert_eq!(cells.len(), headers.len(), "{headers:?} {cells:?}");
        text.push_str(&(cells.join(&delimiter.to_string()) + "\n"));
    }
    text
}

/// A file with a row for each order.
fn by_order(delimiter: char, headers: &[&str], row: impl Fn(&Order) -> Vec<String>, orders: &[Order]) -> String {
    let lines = orders.iter().map(|order| row(order).join(&delimiter.to_string()) + "\n");
    headers.join(&delimiter.to_string()) + "\n" + &lines.collect::<String>()
}

pub const EXPORTS: &[Export] = &[
    Export {
        name: "Amazon: order report",
        delimiter: '\t',
        has: Has { line_discounts: true, order_discounts: false, partial_refunds: false, refunded: false, ..ALL },
        has_lines: true,
        has_proof: false,
        number,
        file: |orders| {
            let headers = [
                "amazon-order-id",
                "purchase-date",
                "order-status",
                "sales-channel",
                "product-name",
                "sku",
                "quantity",
                "currency",
                "item-price",
                "item-tax",
                "shipping-price",
                "item-promotion-discount",
                "ship-promotion-discount",
                "ship-city",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                let freight = if place == 0 { order.freight } else { 0 };
                vec![
                    order.number.to_string(),
                    format!("2026-03-{:02}T15:04:21+00:00", order.day),
                    word(order.state, ["Shipped", "Pending", "Cancelled", ""]),
                    "Amazon.com.br".to_owned(),
                    line.product.to_owned(),
                    format!("SKU-{}", line.sku),
                    line.quantity.to_string(),
                    "BRL".to_owned(),
                    money(line.gross()),
                    money(0),
                    money(freight),
                    money(line.off),
                    money(0),
                    "Campinas".to_owned(),
                ]
            };
            by_line('\t', &headers, row, orders)
        },
    },
    Export {
        name: "Mercado Livre: vendas",
        delimiter: ';',
        has: Has { several_lines: false, order_discounts: false, unpaid: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number: |order| format!("20000{}", order.number),
        file: |orders| {
            let headers = [
                "N.º de venda",
                "Data da venda",
                "Estado",
                "Unidades",
                "Receita por produtos (BRL)",
                "Tarifa de venda e impostos (BRL)",
                "Receita por envio (BRL)",
                "Cancelamentos e reembolsos (BRL)",
                "Total (BRL)",
                "SKU",
                "Título do anúncio",
                "Preço unitário de venda do anúncio (BRL)",
                "Comprador",
                "Estado",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                let fee = -line.gross() / 8;
                let back = if order.state == State::Cancelled { order.goods() } else { order.returned };
                vec![
                    format!("20000{}", order.number),
                    format!("{} de março de 2026 10:31 hs.", order.day),
                    word(order.state, ["Venda entregue", "", "Venda cancelada. Não envie.", "Venda entregue"]),
                    line.quantity.to_string(),
                    money(line.gross()),
                    money(fee),
                    money(order.freight),
                    money(-back),
                    money(line.gross() + fee + order.freight - back),
                    format!("SKU-{}", line.sku),
                    line.product.to_owned(),
                    money(line.price),
                    "Ana Lima".to_owned(),
                    "SP".to_owned(),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Shopee: pedidos",
        delimiter: ';',
        has: Has { partial_refunds: false, refunded: false, unpaid: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "ID do pedido",
                "Status do pedido",
                "Data de criação do pedido",
                "Nome do Produto",
                "Número de referência SKU",
                "Preço original",
                "Preço acordado",
                "Quantidade",
                "Subtotal do produto",
                "Cupom do vendedor",
                "Cupom",
                "Valor Total",
                "Taxa de envio pagas pelo comprador",
                "Taxa de comissão bruta",
                "Total global",
                "Nome de usuário (comprador)",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    order.number.to_string(),
                    word(order.state, ["Concluído", "", "Cancelado", ""]),
                    format!("2026-03-{:02} 13:06", order.day),
                    line.product.to_owned(),
                    format!("SKU-{}", line.sku),
                    money(line.price + 500),
                    money(line.price),
                    line.quantity.to_string(),
                    money(line.gross()),
                    money(order.off),
                    money(100),
                    money(order.goods() + order.freight - 100),
                    money(order.freight),
                    money(order.goods() / 7),
                    money(order.goods() + order.freight),
                    "ana.lima".to_owned(),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Shopify: orders",
        delimiter: ',',
        has: ALL,
        has_lines: true,
        has_proof: true,
        number: |order| format!("#{}", order.number),
        file: |orders| {
            let headers = [
                "Name",
                "Email",
                "Financial Status",
                "Currency",
                "Subtotal",
                "Shipping",
                "Taxes",
                "Total",
                "Discount Amount",
                "Created at",
                "Lineitem quantity",
                "Lineitem name",
                "Lineitem price",
                "Lineitem compare at price",
                "Lineitem sku",
                "Billing Name",
                "Cancelled at",
                "Refunded Amount",
                "Vendor",
                "Lineitem discount",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    format!("#{}", order.number),
                    "ana@exemplo.com".to_owned(),
                    first(place, word(order.state, ["paid", "pending", "voided", "refunded"])),
                    first(place, "BRL".to_owned()),
                    first(place, money(order.goods())),
                    first(place, money(order.freight)),
                    first(place, money(0)),
                    first(place, money(order.goods() + order.freight)),
                    first(place, money(order.off)),
                    format!("2026-03-{:02} 10:31:12 -0300", order.day),
                    line.quantity.to_string(),
                    line.product.to_owned(),
                    money(line.price),
                    money(line.price + 300),
                    format!("SKU-{}", line.sku),
                    first(place, "Ana Lima".to_owned()),
                    "".to_owned(),
                    first(place, money(given_back(order))),
                    "Casa".to_owned(),
                    money(0),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "Nuvemshop: vendas",
        delimiter: ';',
        has: Has { partial_refunds: true, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Número do Pedido",
                "E-mail",
                "Data",
                "Status do Pagamento",
                "Moeda",
                "Subtotal",
                "Desconto",
                "Valor do Frete",
                "Total",
                "Nome do comprador",
                "Nome do Produto",
                "Valor do Produto",
                "Quantidade Comprada",
                "SKU",
                "Estorno",
                "Total líquido",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    order.number.to_string(),
                    "ana@exemplo.com".to_owned(),
                    first(place, format!("{:02}/03/2026 10:31:12", order.day)),
                    first(place, word(order.state, ["Confirmado", "Pendente", "Recusado", "Estornado"])),
                    first(place, "BRL".to_owned()),
                    first(place, money(order.lines_net())),
                    first(place, money(order.off)),
                    first(place, money(order.freight)),
                    first(place, money(order.goods() + order.freight)),
                    first(place, "Ana Lima".to_owned()),
                    line.product.to_owned(),
                    money(line.price),
                    line.quantity.to_string(),
                    format!("SKU-{}", line.sku),
                    first(place, money(given_back(order))),
                    first(place, money(order.goods() * 9 / 10)),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Nuvemshop: vendas",
        delimiter: ';',
        has: Has { partial_refunds: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Número de orden",
                "Email",
                "Fecha",
                "Estado del pago",
                "Moneda",
                "Subtotal de productos",
                "Descuento",
                "Costo de envío",
                "Total",
                "Nombre del comprador",
                "Nombre del producto",
                "Precio del producto",
                "Cantidad del producto",
                "SKU",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    order.number.to_string(),
                    "ana@exemplo.com".to_owned(),
                    first(place, format!("{:02}/03/2026 10:31:12", order.day)),
                    first(place, word(order.state, ["Recibido", "Pendiente", "Rechazado", "Reembolsado"])),
                    first(place, "BRL".to_owned()),
                    first(place, money(order.lines_net())),
                    first(place, money(order.off)),
                    first(place, money(order.freight)),
                    first(place, money(order.goods() + order.freight)),
                    first(place, "Ana Lima".to_owned()),
                    line.product.to_owned(),
                    money(line.price),
                    line.quantity.to_string(),
                    format!("SKU-{}", line.sku),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Etsy: sold order items",
        delimiter: ',',
        has: Has {
            line_discounts: true,
            order_discounts: false,
            partial_refunds: false,
            cancelled: false,
            refunded: false,
            unpaid: false,
            ..ALL
        },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Sale Date",
                "Item Name",
                "Buyer",
                "Quantity",
                "Price",
                "Discount Amount",
                "Shipping Discount",
                "Order Shipping",
                "Order Sales Tax",
                "Item Total",
                "Currency",
                "Transaction ID",
                "Order ID",
                "SKU",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    format!("03/{:02}/26", order.day),
                    line.product.to_owned(),
                    "Ana Lima".to_owned(),
                    line.quantity.to_string(),
                    money(line.price),
                    money(line.off),
                    money(0),
                    first(place, money(order.freight)),
                    first(place, money(120)),
                    money(line.gross()),
                    "BRL".to_owned(),
                    format!("41000{}{place}", order.number),
                    order.number.to_string(),
                    format!("SKU-{}", line.sku),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "Square: items detail",
        delimiter: ',',
        has: Has {
            line_discounts: true,
            order_discounts: false,
            freight: false,
            partial_refunds: false,
            cancelled: false,
            refunded: false,
            unpaid: false,
            ..ALL
        },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Date",
                "Time",
                "Category",
                "Item",
                "Qty",
                "SKU",
                "Product Sales",
                "Discounts",
                "Net Sales",
                "Tax",
                "Gross Sales",
                "Transaction ID",
                "Customer Name",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    format!("2026-03-{:02}", order.day),
                    "12:59:30".to_owned(),
                    "Loja".to_owned(),
                    line.product.to_owned(),
                    format!("{}.0", line.quantity),
                    format!("SKU-{}", line.sku),
                    format!("${}", money(line.gross())),
                    format!("-${}", money(line.off)),
                    format!("${}", money(line.net())),
                    format!("${}", money(line.net() / 10)),
                    format!("${}", money(line.net() + line.net() / 10)),
                    order.number.to_string(),
                    "Ana Lima".to_owned(),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "iFood: pedidos",
        delimiter: ';',
        has: Has { partial_refunds: false, refunded: false, unpaid: false, ..ALL },
        has_lines: false,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "ID DO PEDIDO",
                "DATA",
                "RESTAURANTE",
                "TAXA DE ENTREGA",
                "VALOR DOS ITENS",
                "INCENTIVO PROMOCIONAL DO IFOOD",
                "INCENTIVO PROMOCIONAL DA LOJA",
                "TAXA DE SERVIÇO",
                "TOTAL DO PEDIDO",
                "FORMAS DE PAGAMENTO",
                "DATA DO CANCELAMENTO",
            ];
            let row = |order: &Order| {
                let ifood = order.off / 2;
                let cancelled = if order.state == State::Cancelled { "2026-03-30 10:00:00" } else { "" };
                vec![
                    order.number.to_string(),
                    format!("2026-03-{:02} 10:31:12", order.day),
                    "Casa".to_owned(),
                    money(order.freight),
                    money(order.lines_net()),
                    money(ifood),
                    money(order.off),
                    money(99),
                    money(order.goods() + order.freight - ifood + 99),
                    "Pix".to_owned(),
                    cancelled.to_owned(),
                ]
            };
            by_order(';', &headers, row, orders)
        },
    },
    Export {
        name: "VTEX: orders",
        delimiter: ';',
        has: Has { order_discounts: false, partial_refunds: false, refunded: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Origin",
                "Order",
                "Sequence",
                "Creation Date",
                "Client Name",
                "Status",
                "Payment Value",
                "Quantity_SKU",
                "ID_SKU",
                "Reference Code",
                "SKU Name",
                "SKU Value",
                "SKU Selling Price",
                "SKU Total Price",
                "Shipping Value",
                "Total Value",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    "Marketplace".to_owned(),
                    order.number.to_string(),
                    (500 + order.number).to_string(),
                    format!("2026-03-{:02} 15:04:21Z", order.day),
                    "Ana".to_owned(),
                    word(order.state, ["Faturado", "Pagamento pendente", "Cancelado", ""]),
                    money(order.goods() + order.freight),
                    line.quantity.to_string(),
                    line.sku.to_string(),
                    format!("SKU-{}", line.sku),
                    line.product.to_owned(),
                    money(line.price + 300),
                    money(line.price),
                    money(line.gross()),
                    money(order.freight),
                    money(order.goods() + order.freight),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Stripe: payments",
        delimiter: ',',
        has: Has { order_discounts: false, ..ALL },
        has_lines: false,
        has_proof: false,
        number: |order| format!("ch_{}", order.number),
        file: |orders| {
            let headers = [
                "id",
                "Created date (UTC)",
                "Amount",
                "Amount Refunded",
                "Currency",
                "Description",
                "Fee",
                "Status",
                "Customer Email",
            ];
            let row = |order: &Order| {
                vec![
                    format!("ch_{}", order.number),
                    format!("2026-03-{:02} 10:31:12", order.day),
                    money(order.goods()),
                    money(order.returned),
                    "brl".to_owned(),
                    if order.day.is_multiple_of(3) { String::new() } else { "Subscription update".to_owned() },
                    money(order.goods() / 25),
                    word(order.state, ["Paid", "Pending", "Failed", "Refunded"]),
                    "ana@exemplo.com".to_owned(),
                ]
            };
            by_order(',', &headers, row, orders)
        },
    },
    Export {
        name: "WooCommerce: WebToffee order export",
        delimiter: ',',
        has: Has { partial_refunds: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "order_number",
                "order_date",
                "status",
                "shipping_total",
                "tax_total",
                "discount_total",
                "order_total",
                "order_currency",
                "payment_method",
                "billing_email",
                "product_name",
                "sku",
                "quantity",
                "item_total",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    order.number.to_string(),
                    format!("2026-03-{:02} 10:31:12", order.day),
                    word(order.state, ["wc-completed", "wc-on-hold", "wc-cancelled", "wc-refunded"]),
                    first(place, money(order.freight)),
                    first(place, money(0)),
                    first(place, money(order.off)),
                    first(place, money(order.goods() + order.freight)),
                    "BRL".to_owned(),
                    "pix".to_owned(),
                    "ana@exemplo.com".to_owned(),
                    line.product.to_owned(),
                    format!("SKU-{}", line.sku),
                    line.quantity.to_string(),
                    money(line.net() - share(order, place)),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "Bling: pedidos de venda",
        delimiter: ';',
        has: Has { line_discounts: true, partial_refunds: false, refunded: false, ..ALL },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "N° do Pedido",
                "Data",
                "Nome do contato",
                "Desconto pedido",
                "Frete",
                "Situação",
                "Descrição",
                "Quantidade",
                "Valor unitário",
                "Desconto item",
                "Preço de Custo",
                "Preço Total",
                "Código do produto",
                "Desconto proporcional",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                let comma = |cents: i64| money(cents).replace('.', ",");
                vec![
                    order.number.to_string(),
                    format!("{:02}/03/2026", order.day),
                    "Ana Lima".to_owned(),
                    comma(order.off),
                    comma(order.freight),
                    word(order.state, ["Atendido", "Em aberto", "Cancelado", ""]),
                    line.product.to_owned(),
                    line.quantity.to_string(),
                    comma(line.price),
                    comma(line.off),
                    comma(line.price / 2),
                    comma(line.gross()),
                    format!("SKU-{}", line.sku),
                    comma(share(order, place)),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Odoo: orders with their lines",
        delimiter: ',',
        has: Has {
            order_discounts: false,
            freight: false,
            partial_refunds: false,
            refunded: false,
            unpaid: false,
            ..ALL
        },
        has_lines: true,
        has_proof: true,
        number: |order| format!("S0{}", order.number),
        file: |orders| {
            let headers = [
                "Order Reference",
                "Order Date",
                "Customer",
                "Salesperson",
                "Status",
                "Total",
                "Order Lines/Product",
                "Order Lines/Quantity",
                "Order Lines/Unit Price",
                "Order Lines/Discount (%)",
                "Order Lines/Subtotal",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    first(place, format!("S0{}", order.number)),
                    first(place, format!("2026-03-{:02} 10:31:12", order.day)),
                    first(place, "Ana Lima".to_owned()),
                    first(place, "Rui".to_owned()),
                    first(place, word(order.state, ["Sales Order", "", "Cancelled", ""])),
                    first(place, money(order.goods())),
                    line.product.to_owned(),
                    format!("{}.0", line.quantity),
                    money(line.price * 4),
                    "75.0".to_owned(),
                    money(line.gross()),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "Tiny: pedidos de venda",
        delimiter: ';',
        has: Has { line_discounts: true, partial_refunds: false, refunded: false, ..ALL },
        has_lines: true,
        has_proof: false,
        number,
        file: |orders| {
            let headers = [
                "Número do pedido",
                "Data",
                "Situação",
                "Nome do contato",
                "Código (SKU)",
                "Descrição",
                "Quantidade",
                "Valor unitário",
                "Desconto item",
                "Desconto do pedido (% ou valor)",
                "Frete pedido",
                "Desconto do pedido rateado",
                "Vendedor",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                let comma = |cents: i64| money(cents).replace('.', ",");
                vec![
                    order.number.to_string(),
                    format!("{:02}/03/2026", order.day),
                    word(order.state, ["Faturado", "Em aberto", "Cancelado", ""]),
                    "Ana Lima".to_owned(),
                    format!("SKU-{}", line.sku),
                    line.product.to_owned(),
                    line.quantity.to_string(),
                    comma(line.price),
                    comma(line.off),
                    comma(order.off),
                    comma(order.freight),
                    comma(share(order, place)),
                    "Rui".to_owned(),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "WooCommerce: Advanced Order Export",
        delimiter: ',',
        has: ALL,
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Order Number",
                "Order Status",
                "Order Date",
                "First Name (Billing)",
                "Payment Method Title",
                "Cart Discount Amount",
                "Order Subtotal Amount",
                "Order Shipping Amount",
                "Order Refund Amount",
                "Order Total Amount",
                "SKU",
                "Item Name",
                "Quantity",
                "Item Cost",
                "Order Line Total",
            ];
            let row = |order: &Order, line: &Line, place: usize| {
                vec![
                    order.number.to_string(),
                    word(order.state, ["Completed", "On hold", "Cancelled", "Refunded"]),
                    format!("2026-03-{:02} 10:31:12", order.day),
                    "Ana".to_owned(),
                    "Pix".to_owned(),
                    money(order.off),
                    money(order.lines_net()),
                    money(order.freight),
                    money(given_back(order)),
                    money(order.goods() + order.freight),
                    format!("SKU-{}", line.sku),
                    line.product.to_owned(),
                    line.quantity.to_string(),
                    money((line.net() - share(order, place)) / line.quantity),
                    money(line.net() - share(order, place)),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "WooCommerce: analytics of orders",
        delimiter: ',',
        has: Has { several_lines: false, partial_refunds: false, ..ALL },
        has_lines: true,
        has_proof: false,
        number,
        file: |orders| {
            let headers = [
                "Date",
                "Order #",
                "N. Revenue (formatted)",
                "Status",
                "Customer",
                "Customer type",
                "Product(s)",
                "Items sold",
                "Coupon(s)",
                "Net Sales",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    format!("2026-03-{:02} 10:31:12", order.day),
                    order.number.to_string(),
                    format!("R$ {}", money(order.goods())),
                    word(order.state, ["completed", "on-hold", "cancelled", "refunded"]),
                    "Ana Lima".to_owned(),
                    "new".to_owned(),
                    line.product.to_owned(),
                    line.quantity.to_string(),
                    "".to_owned(),
                    money(order.goods()),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
    Export {
        name: "Etsy: sold orders",
        delimiter: ',',
        has: Has { cancelled: false, partial_refunds: false, refunded: false, unpaid: false, ..ALL },
        has_lines: false,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Sale Date",
                "Order ID",
                "Full Name",
                "Number of Items",
                "Currency",
                "Order Value",
                "Discount Amount",
                "Shipping Discount",
                "Shipping",
                "Sales Tax",
                "Order Total",
                "Card Processing Fees",
                "Order Net",
                "Adjusted Order Total",
            ];
            let row = |order: &Order| {
                vec![
                    format!("03/{:02}/26", order.day),
                    order.number.to_string(),
                    "Ana Lima".to_owned(),
                    order.lines.len().to_string(),
                    "BRL".to_owned(),
                    money(order.lines_net()),
                    money(order.off),
                    money(0),
                    money(order.freight),
                    money(110),
                    money(order.goods() + order.freight + 110),
                    money(order.goods() / 20),
                    money(order.goods() * 19 / 20),
                    money(0),
                ]
            };
            by_order(',', &headers, row, orders)
        },
    },
    Export {
        name: "Casas Bahia Marketplace: pedidos",
        delimiter: ';',
        has: Has {
            several_lines: false,
            quantities: false,
            order_discounts: false,
            partial_refunds: false,
            refunded: false,
            ..ALL
        },
        has_lines: true,
        has_proof: true,
        number,
        file: |orders| {
            let headers = [
                "Número do pedido",
                "Status do pedido",
                "Data da compra",
                "Nome do produto",
                "SKU da loja",
                "Valor do produto",
                "Valor do frete",
                "Valor total",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    order.number.to_string(),
                    word(order.state, ["Entregue", "Aguardando pagamento", "Cancelado", ""]),
                    format!("{:02}/03/2026 10:31", order.day),
                    line.product.to_owned(),
                    format!("SKU-{}", line.sku),
                    money(line.gross()).replace('.', ","),
                    money(order.freight).replace('.', ","),
                    money(line.gross() + order.freight).replace('.', ","),
                ]
            };
            by_line(';', &headers, row, orders)
        },
    },
    Export {
        name: "Loyverse: receipts by item",
        delimiter: ',',
        has: Has {
            line_discounts: true,
            order_discounts: false,
            freight: false,
            partial_refunds: false,
            cancelled: true,
            refunded: false,
            unpaid: false,
            ..ALL
        },
        has_lines: true,
        has_proof: true,
        number: |order| format!("2-{}", order.number),
        file: |orders| {
            let headers = [
                "Date",
                "Receipt number",
                "Receipt type",
                "Category",
                "SKU",
                "Item",
                "Quantity",
                "Gross sales",
                "Discounts",
                "Net sales",
                "Cost of goods",
                "Gross profit",
                "Taxes",
                "Cashier name",
                "Status",
            ];
            let row = |order: &Order, line: &Line, _: usize| {
                vec![
                    format!("2026-03-{:02} 08:00:00", order.day),
                    format!("2-{}", order.number),
                    "Sale".to_owned(),
                    "Loja".to_owned(),
                    format!("SKU-{}", line.sku),
                    line.product.to_owned(),
                    line.quantity.to_string(),
                    money(line.gross()),
                    money(line.off),
                    money(line.net()),
                    money(line.gross() / 2),
                    money(line.net() - line.gross() / 2),
                    money(0),
                    "Rui".to_owned(),
                    word(order.state, ["Closed", "", "Cancelled", ""]),
                ]
            };
            by_line(',', &headers, row, orders)
        },
    },
];
