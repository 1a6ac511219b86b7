//! Exports of known systems, after the public documentation of their columns. The people and goods in them are invented.

use crate::chance::Chance;
use crate::column::{Column, What};
use crate::plan::{Encoding, FileKind, Grain, Place, Plan};
use crate::truth::{Discount, Language, State};
use crate::writing::{Dates, Marks};

/// A known export.
#[derive(Debug)]
pub struct Known {
    pub name: &'static str,
    language: Language,
    grain: Grain,
    place: Place,
    /// Values of the order that stand on each line although others do not.
    pub repeats: &'static [What],
    columns: &'static [(&'static str, What)],
    /// Decimal mark, and the mark of currency before amounts.
    decimal: char,
    before: &'static str,
    dates: Dates,
    /// The delimiter and encoding, or a workbook.
    text: Option<(char, Encoding)>,
    pub preamble: usize,
    order_discounts: bool,
    line_discounts: Option<Discount>,
    many_lines: bool,
    /// Amounts that are written below zero.
    pub below_zero: &'static [What],
    pub order_prefix: &'static str,
    paid: &'static str,
    unpaid: &'static str,
    cancelled: &'static str,
    refunded: &'static str,
}

impl Known {
    pub fn state(&self, state: State) -> &'static str {
        match state {
            State::Paid | State::PartlyRefunded => self.paid,
            State::Unpaid => self.unpaid,
            State::Cancelled => self.cancelled,
            State::Refunded => self.refunded,
        }
    }

    /// Whether these columns hold all that decides about the export's money.
    pub fn is_whole(&self, columns: &[Column]) -> bool {
        let decides =
            |what: What| what.is_money() || matches!(what, OrderNumber | Date | Quantity | Status | CancelledAt);
        self.columns
            .iter()
            .filter(|(_, what)| decides(*what))
            .all(|(_, what)| columns.iter().any(|column| column.what == *what))
    }

    /// Puts the export's columns and conventions into a plan.
    pub fn fill(&'static self, plan: &mut Plan, chance: &mut Chance) {
        plan.language = self.language;
        plan.point_settings = self.language == Language::English;
        plan.grain = self.grain;
        plan.place = self.place;
        plan.columns = self.columns.iter().map(|(header, what)| Column::known(*what, header)).collect();
        plan.marks = Marks {
            decimal: self.decimal,
            thousands: (self.decimal == ',').then_some('.'),
            before: self.before,
            after: "",
            is_trimmed: false,
            has_brackets: false,
        };
        plan.dates = self.dates;
        plan.texts_only = false;
        plan.has_unit_texts = false;
        plan.repeats_header = false;
        plan.money_format = "General";
        plan.file = match self.text {
            Some((delimiter, encoding)) => FileKind::Csv { delimiter, encoding, quotes_all: false, has_crlf: false },
            None => FileKind::Xlsx,
        };
        let has = |what| self.columns.iter().any(|(_, other)| *other == what);
        let traits = &mut plan.traits;
        traits.has_many_lines = self.many_lines && chance.percent(75);
        traits.has_quantities = true;
        traits.has_order_discounts = self.order_discounts && chance.percent(60);
        traits.line_discounts = self.line_discounts.filter(|_| chance.percent(60));
        traits.has_freight = has(Freight) && chance.percent(70);
        traits.has_fees = has(Fee);
        traits.has_partial_refunds = has(Refund) && chance.percent(40);
        let says = |word: &str| !word.is_empty() && has(Status);
        traits.has_cancelled = (says(self.cancelled) || has(CancelledAt)) && chance.percent(60);
        traits.has_full_refunds = says(self.refunded) && chance.percent(40);
        traits.has_unpaid = says(self.unpaid) && chance.percent(40);
        traits.has_foreign = has(Currency) && chance.percent(15);
    }
}

use What::{
    CancelledAt, Category, City, Cost, Currency, Customer, Date, DiscountShare, Document, Email, Fee, Filler, Freight,
    Gross, InternalId, LineDiscount, LinePercent, ListPrice, Net, Notes, OrderDiscount, OrderGoods, OrderNumber,
    OrderSubtotal, OrderTotal, Payment, Payout, Phone, Price, Product, Quantity, Refund, Seller, Share, Sku, Standing,
    Status, Store, Time, Zero,
};

/// The usual export: a text file in Portuguese with decimal points and a row a line.
const USUAL: Known = Known {
    name: "",
    language: Language::Portuguese,
    grain: Grain::Line,
    place: Place::Repeated,
    repeats: &[],
    columns: &[],
    decimal: '.',
    before: "",
    dates: Dates::DayFirst('/'),
    text: Some((',', Encoding::Utf8)),
    preamble: 0,
    order_discounts: false,
    line_discounts: None,
    many_lines: true,
    below_zero: &[],
    order_prefix: "",
    paid: "",
    unpaid: "",
    cancelled: "",
    refunded: "",
};

/// The exports.
pub static ALL: [Known; 16] = [
    Known {
        name: "Shopify",
        language: Language::English,
        place: Place::FirstLine,
        repeats: &[OrderNumber, Email, Date],
        columns: &[
            ("Name", OrderNumber),
            ("Email", Email),
            ("Financial Status", Status),
            ("Paid at", Filler),
            ("Currency", Currency),
            ("Subtotal", OrderGoods),
            ("Shipping", Freight),
            ("Taxes", Zero),
            ("Total", OrderTotal),
            ("Discount Code", Filler),
            ("Discount Amount", OrderDiscount),
            ("Created at", Date),
            ("Lineitem quantity", Quantity),
            ("Lineitem name", Product),
            ("Lineitem price", Price),
            ("Lineitem compare at price", ListPrice),
            ("Lineitem sku", Sku),
            ("Billing Name", Customer),
            ("Billing City", City),
            ("Notes", Notes),
            ("Cancelled at", CancelledAt),
            ("Payment Method", Payment),
            ("Refunded Amount", Refund),
            ("Vendor", Filler),
            ("Id", InternalId),
            ("Lineitem discount", Zero),
        ],
        dates: Dates::IsoOffset,
        order_discounts: true,
        order_prefix: "#",
        paid: "paid",
        unpaid: "pending",
        cancelled: "voided",
        refunded: "refunded",
        ..USUAL
    },
    Known {
        name: "WooCommerce order export",
        language: Language::English,
        columns: &[
            ("Order Number", OrderNumber),
            ("Order Status", Status),
            ("Order Date", Date),
            ("Customer Note", Notes),
            ("First Name (Billing)", Customer),
            ("Email (Billing)", Email),
            ("Phone (Billing)", Phone),
            ("Payment Method Title", Payment),
            ("Cart Discount Amount", OrderDiscount),
            ("Order Subtotal Amount", OrderSubtotal),
            ("Order Shipping Amount", Freight),
            ("Order Refund Amount", Refund),
            ("Order Total Amount", OrderTotal),
            ("SKU", Sku),
            ("Item Name", Product),
            ("Quantity", Quantity),
            ("Item Cost Before Discount", Price),
            ("Order Line Total", Share),
        ],
        dates: Dates::IsoTime,
        order_discounts: true,
        paid: "Completed",
        unpaid: "On hold",
        cancelled: "Cancelled",
        refunded: "Refunded",
        ..USUAL
    },
    Known {
        name: "WebToffee",
        language: Language::English,
        place: Place::FirstLine,
        repeats: &[OrderNumber, Date, Status, Customer, Email, Payment],
        columns: &[
            ("order_number", OrderNumber),
            ("order_date", Date),
            ("status", Status),
            ("shipping_total", Freight),
            ("tax_total", Zero),
            ("discount_total", OrderDiscount),
            ("order_total", OrderTotal),
            ("order_currency", Filler),
            ("payment_method", Payment),
            ("billing_email", Email),
            ("product_name", Product),
            ("sku", Sku),
            ("quantity", Quantity),
            ("item_total", Share),
        ],
        dates: Dates::IsoTime,
        text: Some((',', Encoding::Utf8Mark)),
        order_discounts: true,
        paid: "wc-completed",
        unpaid: "wc-on-hold",
        cancelled: "wc-cancelled",
        refunded: "wc-refunded",
        ..USUAL
    },
    Known {
        name: "Nuvemshop",
        place: Place::FirstLine,
        repeats: &[OrderNumber, Email],
        columns: &[
            ("Número do Pedido", OrderNumber),
            ("E-mail", Email),
            ("Data", Date),
            ("Status do Pedido", Standing),
            ("Status do Pagamento", Status),
            ("Moeda", Currency),
            ("Subtotal", OrderSubtotal),
            ("Desconto", OrderDiscount),
            ("Valor do Frete", Freight),
            ("Total", OrderTotal),
            ("Nome do comprador", Customer),
            ("CPF / CNPJ", Document),
            ("Telefone", Phone),
            ("Cidade", City),
            ("Forma de Pagamento", Payment),
            ("Anotações do Comprador", Notes),
            ("Nome do Produto", Product),
            ("Valor do Produto", Price),
            ("Quantidade Comprada", Quantity),
            ("SKU", Sku),
            ("Data e hora do cancelamento", CancelledAt),
        ],
        dates: Dates::DayFirstSeconds,
        text: Some((';', Encoding::Windows)),
        order_discounts: true,
        paid: "Confirmado",
        unpaid: "Pendente",
        cancelled: "Recusado",
        refunded: "Estornado",
        ..USUAL
    },
    Known {
        name: "Tiendanube",
        language: Language::Spanish,
        place: Place::FirstLine,
        repeats: &[OrderNumber, Email],
        columns: &[
            ("Número de orden", OrderNumber),
            ("Email", Email),
            ("Fecha", Date),
            ("Estado de la orden", Standing),
            ("Estado del pago", Status),
            ("Moneda", Currency),
            ("Subtotal de productos", OrderSubtotal),
            ("Descuento", OrderDiscount),
            ("Costo de envío", Freight),
            ("Total", OrderTotal),
            ("Nombre del comprador", Customer),
            ("DNI / CUIT", Document),
            ("Teléfono", Phone),
            ("Ciudad", City),
            ("Medio de pago", Payment),
            ("Notas del comprador", Notes),
            ("Nombre del producto", Product),
            ("Precio del producto", Price),
            ("Cantidad del producto", Quantity),
            ("SKU", Sku),
            ("Fecha y hora de cancelación", CancelledAt),
        ],
        dates: Dates::DayFirstSeconds,
        text: Some((';', Encoding::Windows)),
        order_discounts: true,
        paid: "Recibido",
        unpaid: "Pendiente",
        cancelled: "Rechazado",
        refunded: "Reembolsado",
        ..USUAL
    },
    Known {
        name: "Shopee",
        columns: &[
            ("ID do pedido", OrderNumber),
            ("Status do pedido", Status),
            ("Data de criação do pedido", Date),
            ("Nome do Produto", Product),
            ("Número de referência SKU", Sku),
            ("Preço original", ListPrice),
            ("Preço acordado", Price),
            ("Quantidade", Quantity),
            ("Subtotal do produto", Gross),
            ("Cupom do vendedor", OrderDiscount),
            ("Valor Total", OrderTotal),
            ("Taxa de envio pagas pelo comprador", Freight),
            ("Taxa de comissão", Fee),
            ("Total global", Payout),
            ("Nome de usuário (comprador)", Customer),
            ("CPF do Comprador", Document),
            ("Cidade", City),
        ],
        dates: Dates::IsoMinutes,
        text: None,
        order_discounts: true,
        paid: "Concluído",
        cancelled: "Cancelado",
        ..USUAL
    },
    Known {
        name: "Bling",
        columns: &[
            ("N° do Pedido", OrderNumber),
            ("Data", Date),
            ("Nome do contato", Customer),
            ("Cpf/Cnpj", Document),
            ("E-mail", Email),
            ("Desconto pedido", OrderDiscount),
            ("Frete", Freight),
            ("Situação", Status),
            ("Descrição", Product),
            ("Quantidade", Quantity),
            ("Valor unitário", Price),
            ("Desconto item", LineDiscount),
            ("Preço de Custo", Cost),
            ("Preço Total", Gross),
            ("Código do produto", Sku),
            ("Desconto proporcional", DiscountShare),
            ("Vendedor", Seller),
        ],
        decimal: ',',
        dates: Dates::DayFirst('/'),
        text: Some((';', Encoding::Windows)),
        order_discounts: true,
        line_discounts: Some(Discount::Money),
        paid: "Atendido",
        unpaid: "Em aberto",
        cancelled: "Cancelado",
        ..USUAL
    },
    Known {
        name: "Tiny",
        columns: &[
            ("Número do pedido", OrderNumber),
            ("Data", Date),
            ("Situação", Status),
            ("Nome do contato", Customer),
            ("CPF/CNPJ", Document),
            ("e-mail", Email),
            ("Fone", Phone),
            ("Município", City),
            ("Código (SKU)", Sku),
            ("Descrição", Product),
            ("Quantidade", Quantity),
            ("Valor unitário", Price),
            ("Desconto item", LineDiscount),
            ("Desconto do pedido (% ou valor)", OrderDiscount),
            ("Frete pedido", Freight),
            ("Desconto do pedido rateado", DiscountShare),
            ("Vendedor", Seller),
        ],
        dates: Dates::DayFirst('/'),
        text: None,
        order_discounts: true,
        line_discounts: Some(Discount::Money),
        paid: "Faturado",
        unpaid: "Em aberto",
        cancelled: "Cancelado",
        ..USUAL
    },
    Known {
        name: "Mercado Livre",
        columns: &[
            ("N.º de venda", OrderNumber),
            ("Data da venda", Date),
            ("Estado", Status),
            ("Unidades", Quantity),
            ("Receita por produtos (BRL)", Gross),
            ("Tarifa de venda e impostos (BRL)", Fee),
            ("Receita por envio (BRL)", Freight),
            ("Cancelamentos e reembolsos (BRL)", Refund),
            ("Total (BRL)", Payout),
            ("SKU", Sku),
            ("# de anúncio", InternalId),
            ("Título do anúncio", Product),
            ("Preço unitário de venda do anúncio (BRL)", Price),
            ("Comprador", Customer),
            ("CPF", Document),
            ("Cidade", City),
        ],
        dates: Dates::LongTime,
        text: None,
        preamble: 5,
        many_lines: false,
        below_zero: &[Fee, Refund],
        paid: "Venda entregue",
        cancelled: "Venda cancelada. Não envie.",
        refunded: "Liberamos o dinheiro da venda para você e reembolsamos o comprador",
        ..USUAL
    },
    Known {
        name: "Amazon orders",
        language: Language::English,
        columns: &[
            ("amazon-order-id", OrderNumber),
            ("purchase-date", Date),
            ("order-status", Status),
            ("sales-channel", Filler),
            ("product-name", Product),
            ("sku", Sku),
            ("quantity", Quantity),
            ("currency", Filler),
            ("item-price", Gross),
            ("item-promotion-discount", LineDiscount),
            ("ship-city", City),
        ],
        dates: Dates::IsoZulu,
        text: Some(('\t', Encoding::Utf8)),
        line_discounts: Some(Discount::Money),
        paid: "Shipped",
        unpaid: "Pending",
        cancelled: "Cancelled",
        ..USUAL
    },
    Known {
        name: "Etsy",
        language: Language::English,
        place: Place::FirstLine,
        repeats: &[OrderNumber, Date, Customer, Currency, City],
        columns: &[
            ("Sale Date", Date),
            ("Item Name", Product),
            ("Buyer", Customer),
            ("Quantity", Quantity),
            ("Price", Price),
            ("Discount Amount", LineDiscount),
            ("Order Shipping", Freight),
            ("Item Total", Gross),
            ("Currency", Currency),
            ("Transaction ID", InternalId),
            ("Date Paid", Filler),
            ("Ship City", City),
            ("Order ID", OrderNumber),
            ("SKU", Sku),
        ],
        dates: Dates::MonthFirstShort,
        line_discounts: Some(Discount::Money),
        ..USUAL
    },
    Known {
        name: "iFood",
        grain: Grain::Order,
        columns: &[
            ("ID DO PEDIDO", OrderNumber),
            ("DATA", Date),
            ("RESTAURANTE", Store),
            ("TAXA DE ENTREGA", Freight),
            ("VALOR DOS ITENS", OrderSubtotal),
            ("INCENTIVO PROMOCIONAL DA LOJA", OrderDiscount),
            ("TOTAL DO PEDIDO", OrderTotal),
            ("FORMAS DE PAGAMENTO", Payment),
            ("DATA DO CANCELAMENTO", CancelledAt),
        ],
        dates: Dates::IsoTime,
        text: None,
        order_discounts: true,
        ..USUAL
    },
    Known {
        name: "Square items",
        language: Language::English,
        columns: &[
            ("Date", Date),
            ("Time", Time),
            ("Category", Category),
            ("Item", Product),
            ("Qty", Quantity),
            ("SKU", Sku),
            ("Gross Sales", Gross),
            ("Discounts", LineDiscount),
            ("Net Sales", Net),
            ("Tax", Zero),
            ("Transaction ID", OrderNumber),
            ("Location", Store),
            ("Customer Name", Customer),
            ("Employee", Seller),
        ],
        before: "$",
        dates: Dates::YearFirst,
        line_discounts: Some(Discount::Money),
        below_zero: &[LineDiscount],
        ..USUAL
    },
    Known {
        name: "PagBank",
        grain: Grain::Order,
        columns: &[
            ("Código da Transação", OrderNumber),
            ("Data da Transação", Date),
            ("Forma de Pagamento", Payment),
            ("Valor Bruto", OrderTotal),
            ("Valor Taxa", Fee),
            ("Valor Líquido", Payout),
            ("Status", Status),
            ("Nome Comprador", Customer),
        ],
        decimal: ',',
        dates: Dates::DayFirstTime,
        text: Some((';', Encoding::Utf8Mark)),
        paid: "Aprovada",
        cancelled: "Negada",
        refunded: "Devolvida",
        ..USUAL
    },
    Known {
        name: "Stripe",
        language: Language::English,
        grain: Grain::Order,
        columns: &[
            ("id", OrderNumber),
            ("Created date (UTC)", Date),
            ("Amount", OrderTotal),
            ("Amount Refunded", Refund),
            ("Currency", Currency),
            ("Fee", Fee),
            ("Status", Status),
            ("Customer Email", Email),
        ],
        dates: Dates::IsoTime,
        order_prefix: "ch_",
        paid: "Paid",
        unpaid: "Pending",
        cancelled: "Failed",
        refunded: "Refunded",
        ..USUAL
    },
    Known {
        name: "Odoo",
        language: Language::English,
        place: Place::Merged,
        columns: &[
            ("Order Reference", OrderNumber),
            ("Order Date", Date),
            ("Customer", Customer),
            ("Salesperson", Seller),
            ("Status", Status),
            ("Total", OrderTotal),
            ("Order Lines/Product", Product),
            ("Order Lines/Quantity", Quantity),
            ("Order Lines/Unit Price", Price),
            ("Order Lines/Discount (%)", LinePercent),
            ("Order Lines/Subtotal", Net),
        ],
        dates: Dates::IsoTime,
        text: None,
        line_discounts: Some(Discount::Percent),
        paid: "Sales Order",
        cancelled: "Cancelled",
        ..USUAL
    },
];
