//! Words of headers, states, payments and sums, as people and programs write them. They are written down here without
//! a look at the words that the reader knows, because a list that both share would prove nothing.

use crate::column::What;
use crate::truth::{Language, State};

type Words = (&'static [&'static str], &'static [&'static str]);

/// The usual headers of a column, and unusual ones that a person understands.
pub fn headers(what: What, language: Language) -> Words {
    match language {
        Language::Portuguese => portuguese(what),
        Language::Spanish => spanish(what),
        Language::English => english(what),
    }
}

fn portuguese(what: What) -> Words {
    match what {
        What::OrderNumber => (
            &["Pedido", "Nº do Pedido", "Número do pedido", "Venda", "id_venda", "Nota Fiscal"],
            &["Comanda", "Nr. Ped.", "Nº Doc.", "O.S.", "Cupom nº"],
        ),
        What::Date => {
            (&["Data", "Data da venda", "Data do pedido", "DataVenda"], &["Dt. Venda", "Emissão", "Dt. Mov.", "Quando"])
        }
        What::Time => (&["Hora"], &["Hr.", "Horário"]),
        What::Customer => (&["Cliente", "Nome do cliente"], &["Comprador", "Razão Social", "Freguês", "Quem comprou"]),
        What::Document => (&["CPF/CNPJ", "CPF"], &["Doc. cliente", "CPF ou CNPJ do comprador"]),
        What::Email => (&["E-mail", "Email"], &["E-mail do comprador", "Correio eletrônico"]),
        What::Phone => (&["Telefone", "Celular"], &["Fone", "WhatsApp", "Tel. contato"]),
        What::City => (&["Cidade"], &["Município", "Praça"]),
        What::Payment => (&["Forma de pagamento", "Pagamento"], &["Forma pgto.", "Meio pgto", "Como pagou"]),
        What::Status => (&["Status", "Situação", "Status do pedido"], &["Sit.", "Andamento", "Posição do pedido"]),
        What::CancelledAt => (&["Data do cancelamento", "Cancelado em"], &["Dt. canc."]),
        What::Seller => (&["Vendedor", "Vendedora"], &["Atendente", "Vend.", "Consultora"]),
        What::Store => (&["Loja", "Filial"], &["Ponto de venda", "PDV", "Unid. de negócio"]),
        What::Currency => (&["Moeda"], &["Divisa"]),
        What::OrderSubtotal => {
            (&["Subtotal do pedido", "Subtotal dos produtos"], &["Subtot. pedido", "Soma dos itens"])
        }
        What::OrderDiscount => {
            (&["Desconto do pedido", "Desconto no pedido"], &["Abatimento do pedido", "Desc. geral"])
        }
        What::Freight => (&["Frete", "Valor do frete"], &["Entrega (R$)", "Taxa de entrega", "Carreto"]),
        What::Fee => (&["Taxa do marketplace", "Tarifa"], &["Taxa cartão", "Tx. adm.", "Comissão marketplace"]),
        What::OrderTotal => (&["Total do pedido", "Valor total do pedido"], &["Tot. pedido c/ frete", "Valor pago"]),
        What::OrderGoods => {
            (&["Total dos produtos", "Valor dos produtos"], &["Mercadorias", "Vlr. mercadoria c/ desc."])
        }
        What::Payout => (&["Valor líquido a receber", "Repasse"], &["Cai na conta", "Líq. receb."]),
        What::Refund => (&["Valor reembolsado", "Valor estornado", "Estorno"], &["Devolvido ao cliente", "Vlr. dev."]),
        What::Items => (&["Itens do pedido", "Quantidade de itens"], &["Nº itens"]),
        What::Product => (
            &["Produto", "Descrição", "Nome do produto", "Item"],
            &["Mercadoria", "Serviço prestado", "O que vendeu", "Descr. prod."],
        ),
        What::Sku => (&["SKU", "Código do produto", "Código"], &["Cód.", "Ref.", "Cod. barras"]),
        What::Category => (&["Categoria", "Grupo"], &["Depto.", "Família", "Linha"]),
        What::Unit => (&["Unidade", "UN"], &["U.M.", "Emb."]),
        What::Quantity => (
            &["Quantidade", "Qtd", "Qtde", "Quantidade vendida"],
            &["Qde", "Qtdd.", "Peças", "Pçs.", "Unid.", "Qt. vend.", "Vol.", "Nº de unidades"],
        ),
        What::Price => (
            &["Preço unitário", "Valor unitário", "Preço", "Vlr. Unit."],
            &["P. Unit.", "Unitário", "R$ un.", "Preço cada", "Val. unid."],
        ),
        What::Gross => (&["Valor bruto", "Total bruto", "Subtotal"], &["Vlr. s/ desc.", "Bruto", "Total sem desconto"]),
        What::LineDiscount => {
            (&["Desconto", "Valor do desconto", "Desconto (R$)"], &["Abatimento", "Desc.", "Rebaixa", "Vlr. desc."])
        }
        What::LinePercent => (&["Desconto (%)", "% Desconto"], &["Desc. %", "% abat.", "Perc. desc."]),
        What::Net => (
            &["Total", "Valor total", "Valor líquido", "Total do item"],
            &["Vlr. c/ desc.", "Importe", "Faturamento", "Tot. liq.", "Vl. final", "A pagar"],
        ),
        What::Share => (&["Total com descontos", "Valor final", "Total"], &["Líq. item", "Vlr. c/ todos desc."]),
        What::RowNumber => (&["#", "Nº", "Linha"], &["Seq.", "Ordem"]),
        What::InternalId => (&["ID", "ID interno"], &["Chave", "Cód. mov.", "NSU"]),
        What::Stock => (&["Estoque", "Estoque atual"], &["Saldo est.", "Disp."]),
        What::Rating => (&["Avaliação", "Nota do cliente"], &["Estrelas", "NPS"]),
        What::Commission => (&["Comissão", "Comissão do vendedor"], &["Com. vend.", "Comis."]),
        What::Cost => (&["Custo", "Preço de custo"], &["Cus. un.", "CMV"]),
        What::ListPrice => (&["Preço de tabela", "Preço de lista"], &["Tabela", "De (R$)"]),
        What::Weight => (&["Peso (g)", "Peso bruto"], &["Peso un. g"]),
        What::Instalments => (&["Parcelas"], &["Nº parc.", "Vezes"]),
        What::Points => (&["Pontos"], &["Pts. fidelidade"]),
        What::Notes => (&["Observações", "Obs."], &["Recado", "Anotação"]),
        What::Filler => (&["Etiqueta"], &["Campo livre"]),
        What::Unnamed => (&["Xis", "Fator", "Campo 3", "Ajuste"], &[]),
        What::Kind => (&["Tipo", "Operação", "Tipo de documento"], &["Mov."]),
        What::InCash => (&["Dinheiro"], &[]),
        What::ByCard => (&["Cartão"], &["Maquininha"]),
        What::ByTransfer => (&["Pix"], &["Transf."]),
        What::Tax => (&["IPI", "Imposto"], &["Vlr. ST"]),
        What::WithTax => (&["Total NF", "Total com impostos"], &["Vl. c/ IPI"]),
        What::Profit => (&["Lucro"], &["Marg. R$"]),
        What::Running => (&["Acumulado"], &["Saldo"]),
        What::SecondProduct => (&["Produto 2"], &["Item 2"]),
        What::SecondQuantity => (&["Quantidade 2", "Qtd 2"], &[]),
        What::SecondNet => (&["Valor 2", "Total 2"], &[]),
        What::Standing | What::DiscountShare | What::Zero => (&["-"], &[]),
    }
}

fn spanish(what: What) -> Words {
    match what {
        What::OrderNumber => (
            &["Pedido", "Número de orden", "Orden", "Nº de pedido", "Factura"],
            &["Comanda", "Comprobante", "Ticket nº", "Nro. Op."],
        ),
        What::Date => (&["Fecha", "Fecha de venta"], &["Fec. Vta.", "Día de venta", "F. emisión"]),
        What::Time => (&["Hora"], &["Hs."]),
        What::Customer => (&["Cliente", "Nombre del cliente"], &["Comprador", "Razón Social"]),
        What::Document => (&["DNI", "DNI / CUIT"], &["Cédula", "RUT", "Nro. doc."]),
        What::Email => (&["Email", "Correo"], &["Correo electrónico", "Mail"]),
        What::Phone => (&["Teléfono"], &["Celular", "Tel."]),
        What::City => (&["Ciudad"], &["Localidad", "Comuna"]),
        What::Payment => (&["Medio de pago", "Forma de pago"], &["Cobro", "F. pago"]),
        What::Status => (&["Estado", "Estado de la orden"], &["Situación", "Est."]),
        What::CancelledAt => (&["Fecha de cancelación"], &["Anulado el"]),
        What::Seller => (&["Vendedor"], &["Mesero", "Atendió"]),
        What::Store => (&["Sucursal", "Tienda"], &["Local"]),
        What::Currency => (&["Moneda"], &["Divisa"]),
        What::OrderSubtotal => (&["Subtotal del pedido"], &["Subtotal de productos"]),
        What::OrderDiscount => (&["Descuento del pedido"], &["Bonif. general", "Rebaja del pedido"]),
        What::Freight => (&["Costo de envío", "Envío"], &["Flete", "Gastos de envío"]),
        What::Fee => (&["Cargo por venta", "Comisión de la plataforma"], &["Arancel tarjeta"]),
        What::OrderTotal => (&["Total del pedido", "Total de la orden"], &["Total cobrado"]),
        What::OrderGoods => (&["Total de productos"], &["Mercadería"]),
        What::Payout => (&["Neto a cobrar"], &["Acreditado", "A depositar"]),
        What::Refund => (&["Monto reembolsado", "Reembolso"], &["Devuelto", "Imp. devol."]),
        What::Items => (&["Cantidad de artículos"], &["Nº art."]),
        What::Product => (&["Producto", "Artículo", "Descripción"], &["Platillo", "Detalle", "Nombre art."]),
        What::Sku => (&["SKU", "Código producto", "Código"], &["Cód. art.", "Ref."]),
        What::Category => (&["Categoría", "Rubro"], &["Familia"]),
        What::Unit => (&["Unidad"], &["U.M."]),
        What::Quantity => {
            (&["Cantidad", "Cant.", "Unidades vendidas"], &["Cdad.", "Uds.", "Piezas", "VENTA UNIDADES", "Bultos"])
        }
        What::Price => (&["Precio unitario", "Precio", "Precio Unit."], &["P. U.", "Valor unit.", "Importe unitario"]),
        What::Gross => (&["Importe bruto", "Subtotal"], &["Bruto", "Sin dto."]),
        What::LineDiscount => (&["Descuento", "Monto descuento"], &["Bonificación", "Dto.", "Rebaja"]),
        What::LinePercent => (&["Descuento (%)", "% Descuento"], &["% Dto.", "Bonif. %"]),
        What::Net => (&["Total", "Importe", "Importe total"], &["Ingreso", "Imp. neto", "Venta $", "A pagar"]),
        What::Share => (&["Total con descuentos"], &["Neto final"]),
        What::RowNumber => (&["#", "Nº"], &["Reng.", "Orden nro."]),
        What::InternalId => (&["ID"], &["Clave", "Cód. interno"]),
        What::Stock => (&["Stock", "Existencias"], &["Saldo"]),
        What::Rating => (&["Calificación"], &["Estrellas"]),
        What::Commission => (&["Comisión vendedor"], &["Com."]),
        What::Cost => (&["Costo"], &["Costo un."]),
        What::ListPrice => (&["Precio de lista"], &["Antes"]),
        What::Weight => (&["Peso (g)"], &["Gramos"]),
        What::Instalments => (&["Cuotas"], &["Pagos"]),
        What::Points => (&["Puntos"], &[]),
        What::Notes => (&["Observaciones", "Notas"], &["Aclaración"]),
        What::Filler => (&["Etiqueta"], &[]),
        What::Unnamed => (&["Xis", "Factor", "Campo 3"], &[]),
        What::Kind => (&["Tipo", "Comprobante tipo"], &["Mov."]),
        What::InCash => (&["Efectivo"], &[]),
        What::ByCard => (&["Tarjeta"], &[]),
        What::ByTransfer => (&["Transferencia"], &[]),
        What::Tax => (&["IVA"], &["Imp."]),
        What::WithTax => (&["Total con IVA"], &["Total factura"]),
        What::Profit => (&["Ganancia"], &["Utilidad"]),
        What::Running => (&["Acumulado"], &["Saldo"]),
        What::SecondProduct => (&["Producto 2"], &[]),
        What::SecondQuantity => (&["Cantidad 2"], &["Cant. 2"]),
        What::SecondNet => (&["Importe 2"], &["Total 2"]),
        What::Standing | What::DiscountShare | What::Zero => (&["-"], &[]),
    }
}

fn english(what: What) -> Words {
    match what {
        What::OrderNumber => (
            &["Order", "Order ID", "Order Number", "Invoice", "order_id"],
            &["Receipt no.", "Tkt", "Ref. no.", "Doc #"],
        ),
        What::Date => (&["Date", "Order Date", "Sale Date"], &["Sold on", "Txn date", "Day"]),
        What::Time => (&["Time"], &["Clock"]),
        What::Customer => (&["Customer", "Customer Name"], &["Buyer", "Sold to", "Client"]),
        What::Document => (&["Tax ID"], &["VAT no."]),
        What::Email => (&["Email"], &["E-mail address", "Buyer mail"]),
        What::Phone => (&["Phone"], &["Mobile", "Tel."]),
        What::City => (&["City"], &["Town"]),
        What::Payment => (&["Payment Method", "Payment"], &["Tender", "Paid by"]),
        What::Status => (&["Status", "Order Status"], &["State of order", "Stage"]),
        What::CancelledAt => (&["Cancelled at"], &["Void date"]),
        What::Seller => (&["Salesperson", "Seller"], &["Rep.", "Clerk"]),
        What::Store => (&["Store", "Location"], &["Branch", "Outlet"]),
        What::Currency => (&["Currency"], &["Ccy"]),
        What::OrderSubtotal => (&["Order Subtotal"], &["Basket value"]),
        What::OrderDiscount => (&["Order Discount"], &["Coupon off order", "Promo (order)"]),
        What::Freight => (&["Shipping", "Freight"], &["Delivery charge", "P&P"]),
        What::Fee => (&["Fee", "Marketplace Fee"], &["Card charge", "Proc. fee"]),
        What::OrderTotal => (&["Order Total", "Grand Total"], &["Charged", "Amt. paid"]),
        What::OrderGoods => (&["Items Total", "Product Total"], &["Goods value"]),
        What::Payout => (&["Net Payout", "Payout"], &["Into bank"]),
        What::Refund => (&["Refunded Amount", "Amount Refunded"], &["Given back"]),
        What::Items => (&["Number of Items"], &["Item count"]),
        What::Product => (&["Product", "Item", "Product Name", "Description"], &["Article", "What", "Goods"]),
        What::Sku => (&["SKU", "Product ID"], &["Part no.", "Item code"]),
        What::Category => (&["Category"], &["Dept.", "Range"]),
        What::Unit => (&["Unit"], &["UoM"]),
        What::Quantity => {
            (&["Quantity", "Qty", "Units Sold"], &["Pcs.", "Pieces", "No. of units", "QUANTITYORDERED", "Ct."])
        }
        What::Price => (&["Unit Price", "Price", "Price each"], &["Rate", "Unit cost to customer", "Ea."]),
        What::Gross => (&["Gross Sales", "Gross", "Subtotal"], &["Before disc.", "List amount"]),
        What::LineDiscount => (&["Discount", "Discount Amount"], &["Disc.", "Markdown", "Allowance"]),
        What::LinePercent => (&["Discount %", "Discount (%)"], &["Disc. %", "% off"]),
        What::Net => (
            &["Total", "Amount", "Net Sales", "Line Total"],
            &["Ext. price", "Takings", "Revenue", "Sum", "After disc."],
        ),
        What::Share => (&["Total after discounts"], &["Net after promo"]),
        What::RowNumber => (&["#", "No."], &["Seq."]),
        What::InternalId => (&["ID"], &["Key", "UID"]),
        What::Stock => (&["Stock"], &["On hand"]),
        What::Rating => (&["Rating"], &["Stars"]),
        What::Commission => (&["Commission"], &["Comm."]),
        What::Cost => (&["Cost", "COGS"], &["Landed"]),
        What::ListPrice => (&["List Price"], &["RRP", "Compare at"]),
        What::Weight => (&["Weight (g)"], &["Grams"]),
        What::Instalments => (&["Instalments"], &["Payments"]),
        What::Points => (&["Points"], &["Loyalty pts"]),
        What::Notes => (&["Notes", "Comments"], &["Memo"]),
        What::Filler => (&["Tag"], &[]),
        What::Unnamed => (&["Xis", "Factor", "Field 3"], &[]),
        What::Kind => (&["Type", "Document type"], &["Event"]),
        What::InCash => (&["Cash"], &[]),
        What::ByCard => (&["Card"], &[]),
        What::ByTransfer => (&["Bank transfer"], &["Wire"]),
        What::Tax => (&["Tax", "Sales tax"], &["VAT"]),
        What::WithTax => (&["Total incl. tax"], &["Invoice total"]),
        What::Profit => (&["Profit"], &["Margin $"]),
        What::Running => (&["Running total"], &["Cumul."]),
        What::SecondProduct => (&["Product 2"], &[]),
        What::SecondQuantity => (&["Quantity 2"], &["Qty 2"]),
        What::SecondNet => (&["Amount 2", "Total 2"], &[]),
        What::Standing | What::DiscountShare | What::Zero => (&["-"], &[]),
    }
}

/// The words for the state of an order. A sheet uses one of them.
pub fn states(state: State, language: Language) -> &'static [&'static str] {
    match (language, state) {
        (Language::Portuguese, State::Paid) => &["Pago", "Concluído", "Entregue", "Aprovado", "Faturado"],
        (Language::Portuguese, State::Unpaid) => &["Pendente", "Aguardando pagamento", "Em aberto"],
        (Language::Portuguese, State::Cancelled) => {
            &["Cancelado", "Cancelada", "CANCELADO", "Expirado", "Recusado", "Canc. pelo cliente"]
        }
        (Language::Portuguese, State::Refunded) => {
            &["Devolvido", "Estornado", "Reembolsado", "Totalmente reembolsado", "Pagamento estornado"]
        }
        (Language::Portuguese, State::PartlyRefunded) => {
            &["Parcialmente reembolsado", "Parcialmente estornado", "Pago"]
        }
        (Language::Spanish, State::Paid) => &["Pagado", "Entregado", "Confirmada", "Cerrada"],
        (Language::Spanish, State::Unpaid) => &["Pendiente", "Esperando pago"],
        (Language::Spanish, State::Cancelled) => &["Cancelado", "Cancelada", "Anulada", "Rechazado"],
        (Language::Spanish, State::Refunded) => &["Reembolsado", "Devuelto", "Reintegrado"],
        (Language::Spanish, State::PartlyRefunded) => &["Reembolsado parcialmente", "Pagado"],
        (Language::English, State::Paid) => &["paid", "Completed", "Shipped", "wc-completed"],
        (Language::English, State::Unpaid) => &["pending", "Awaiting payment", "on-hold"],
        (Language::English, State::Cancelled) => {
            &["cancelled", "Canceled", "voided", "failed", "expired", "wc-cancelled"]
        }
        (Language::English, State::Refunded) => &["refunded", "Refunded", "returned", "wc-refunded", "Charged back"],
        (Language::English, State::PartlyRefunded) => &["partially_refunded", "Partially refunded", "paid"],
    }
}

pub fn payments(language: Language) -> &'static [&'static str; 5] {
    match language {
        Language::Portuguese => &["Pix", "Cartão de crédito", "Dinheiro", "Boleto", "Cartão de débito"],
        Language::Spanish => &["Efectivo", "Tarjeta de crédito", "Transferencia", "Mercado Pago", "Tarjeta de débito"],
        Language::English => &["Cash", "Credit card", "PayPal", "Debit card", "Bank transfer"],
    }
}

/// Labels of rows that sum up a day or the sheet.
pub fn sums(language: Language) -> &'static [&'static str] {
    match language {
        Language::Portuguese => &[
            "Total",
            "TOTAL GERAL",
            "Subtotal",
            "Total do dia",
            "Vendas do dia",
            "Faturamento",
            "Fechamento de caixa",
            "Acumulado",
            "Soma",
        ],
        Language::Spanish => &["Total", "Subtotal", "Total del día", "Ventas del día", "Cierre de caja", "Acumulado"],
        Language::English => {
            &["Total", "Grand total", "Subtotal", "Day total", "Takings", "Till closed", "Running sum"]
        }
    }
}

pub fn sellers(language: Language) -> &'static [&'static str; 4] {
    match language {
        Language::English => &["Grace", "Oliver", "Priya", "Tom"],
        _ => &["Rosana", "Tiago", "Valéria", "Wesley"],
    }
}

pub fn stores(language: Language) -> &'static [&'static str; 3] {
    match language {
        Language::Portuguese => &["Loja Matriz", "Loja Norte", "Quiosque"],
        Language::Spanish => &["Casa central", "Sucursal Sur", "Puesto"],
        Language::English => &["Main Street", "Mall", "Kiosk"],
    }
}

pub fn months(language: Language) -> &'static [&'static str; 12] {
    match language {
        Language::Portuguese => &[
            "janeiro",
            "fevereiro",
            "março",
            "abril",
            "maio",
            "junho",
            "julho",
            "agosto",
            "setembro",
            "outubro",
            "novembro",
            "dezembro",
        ],
        Language::Spanish => &[
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
        Language::English => &[
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    }
}

pub fn notes(language: Language) -> &'static [&'static str] {
    match language {
        Language::Portuguese => &[
            "entregar à tarde",
            "sem troco; deixar na portaria",
            "presente\nembrulhar",
            "pediu \"urgente\"",
            "2 sacolas",
        ],
        Language::Spanish => &["entregar a la tarde", "regalo\nenvolver", "pidió \"urgente\"", "2 bolsas"],
        Language::English => &["deliver after 5, please", "gift\nwrap it", "said \"urgent\"", "2 bags"],
    }
}

/// The words for a sale and for a return.
pub fn kinds(language: Language) -> &'static [(&'static str, &'static str)] {
    match language {
        Language::Portuguese => &[("Venda", "Devolução"), ("V", "D"), ("NF", "NC"), ("Venda", "Estorno")],
        Language::Spanish => &[("Venta", "Devolución"), ("FAC", "NC"), ("Factura", "Nota de crédito")],
        Language::English => &[("Sale", "Return"), ("Invoice", "Credit note"), ("S", "R")],
    }
}
