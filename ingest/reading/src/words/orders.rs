//! Words in headers of amounts and states that belong to whole orders.

lists! {
    /// Headers of costs of the seller, beside fees and commissions.
    COST: HeaderWords = [
        "arancel", "cargo", "charge", "cmv", "cogs", "cost", "costo", "custo", "ganancia", "lucro", "margem",
        "margen", "margin", "profit",
    ];
    /// Headers about the delivery, the customer or the stock, whose state decides nothing about the money.
    DELIVERY: HeaderWords = [
        "cliente", "customer", "delivery", "entrega", "envio", "estoque", "fiscal", "fulfillment", "fulfilment",
        "logistica", "nf", "rastreio", "shipment", "shipping", "stock", "tracking",
    ];
    /// Headers of discounts.
    DISCOUNT: HeaderWords = [
        "abatimento", "allowance", "bonificacao", "bonificacion", "desc", "desconto", "descto", "descuento",
        "discount", "markdown", "rateado", "rebaixa", "rebaja", "rebate",
    ];
    /// Headers of freight.
    FREIGHT: HeaderWords = [
        "carreto", "delivery", "entrega", "envio", "flete", "freight", "frete", "shipment", "shipping",
    ];
    /// Words of the goods in a header of a total, which holds no freight then.
    GOODS: HeaderWords = [
        "articulo", "good", "item", "iten", "mercaderia", "mercadoria", "product", "producto", "produto", "sub",
        "subtotal",
    ];
    /// Other things about a discount than its amount.
    NOT_DISCOUNT: HeaderWords = [
        "after", "before", "code", "codigo", "com", "cupom", "name", "nome", "sem", "tax", "tipo", "type",
    ];
    /// Other things about such an amount.
    NOT_ON_TOP: HeaderWords = [
        "desconto", "descuento", "discount", "estado", "method", "metodo", "refund", "status", "tipo",
    ];
    /// Other things about a return than its money.
    NOT_REFUND: HeaderWords = [
        "cantidad", "custo", "data", "date", "dia", "estado", "fecha", "fee", "frete", "id", "item", "iten",
        "liquido", "motivo", "net", "numero", "policy", "prazo", "quantidade", "quantity", "reason", "sale",
        "shipping", "situacao", "status", "subtotal", "tax", "taxa", "total", "unidade", "unit", "venda", "venta",
    ];
    /// Totals of something smaller or something else.
    NOT_TOTAL: HeaderWords = [
        "cost", "custo", "item", "iten", "quantidade", "quantity", "un", "unit", "unitario",
    ];
    /// Headers of amounts on top of the goods: freight, an added tax, a tip, a charge.
    ON_TOP: HeaderWords = [
        "acrescimo", "carreto", "delivery", "despesa", "entrega", "envio", "flete", "freight", "frete", "gorjeta",
        "handling", "icm", "imposto", "impuesto", "ipi", "iva", "juro", "propina", "seguro", "shipment", "shipping",
        "st", "tax", "taxe", "tip", "vat",
    ];
    /// Headers of money that was returned.
    REFUND: HeaderWords = [
        "dev", "devol", "devolucao", "devolucion", "devolucione", "devolucoe", "devolvido", "devuelto", "estornado",
        "estorno", "reembolsado", "reembolso", "refund", "refunded", "return",
    ];
    /// Words that such a header may have if it names the money of the whole order.
    REFUND_BESIDE: HeaderWords = [
        "amount", "monto", "order", "total", "valor",
    ];
    /// Headers of states if the state is one of an order or of its payment. Alone they are states of a country.
    STATE: HeaderWords = [
        "estado", "state",
    ];
    /// Orders and payments, beside [`STATE`].
    STATE_OF: HeaderWords = [
        "orden", "order", "pagamento", "pago", "payment", "pedido", "sale", "venda", "venta",
    ];
    /// Headers of states.
    STATUS: HeaderWords = [
        "estatu", "etapa", "situacao", "situacion", "status",
    ];
    /// Headers of sums before something comes off or is added.
    SUBTOTAL: HeaderWords = [
        "bruta", "bruto", "gross", "sub", "subtotal",
    ];
    /// Headers of totals of the goods or of the order.
    TOTAL: HeaderWords = [
        "amount", "importe", "monto", "subtotal", "total", "valor",
    ];
    /// Words of a whole order, or of what was paid for it, in a header of a total. Then it holds the freight, if there is any.
    WHOLE_ORDER: HeaderWords = [
        "charged", "cobrado", "envio", "factura", "freight", "frete", "grand", "invoice", "orden", "order", "pago",
        "paid", "pedido", "shipping",
    ];
}
