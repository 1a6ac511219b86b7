//! Words by which sheets of sales are told from sheets of other things, and sales from other rows of a sheet.
//!
//! Words of headers are whole words. Words of titles and of cells are beginnings, because people write sentences there.
//! So the lists about the same thing differ: in a title "inventário" is a stock list, in a header it may be a column.

lists! {
    /// Headers of reports about advertisements.
    ADVERTISING: HeaderWords = ["click", "clique", "cpc", "ctr", "impressao", "impression", "impressoe"];
    /// The bare word for a number, as the header of the orders' numbers if each row is an order.
    BARE_NUMBER: HeaderWords = ["id", "number", "numero", "ticket"];
    /// The bare name of a sale as the header of numbers: its money, the number of the sale, or the pieces sold.
    BARE_SALE: HeaderWords = ["sale", "venda", "venta"];
    /// Headers of the codes of operations on Brazilian invoices.
    CFOP: HeaderWords = ["cfop"];
    /// Codes of operations that return goods, behind the digit that says from where they come.
    CFOP_RETURN: TextWords = ["201", "202", "203", "204", "208", "209", "211", "410", "411"];
    /// Headers of the day until which something must be paid.
    DUE: HeaderWords = ["due", "vence", "vencimento", "vencimiento"];
    /// Headers of columns that say of each row of which kind it is.
    KIND_OF_ROW: HeaderWords = [
        "clase", "event", "evento", "kind", "mov", "movimentacao", "movimento", "movimiento", "natureza", "operacao",
        "operacion", "operation", "tipo", "type",
    ];
    /// Words that such a header may have besides. With any other word it is the kind of something else.
    KIND_OF_ROW_BESIDE: HeaderWords = [
        "comprobante", "document", "documento", "e", "fiscal", "lancamento", "nf", "nota", "receipt", "record",
        "registro", "transacao", "transaccion", "transaction",
    ];
    /// The same headers as letters: credit or debit, sale or return.
    KIND_OF_ROW_LETTERS: Signs = ["C/D", "D/C", "V/D"];
    /// Headers of ledgers. Ledgers of sales have them too, so they count only if the sheet was refused already.
    LEDGER: HeaderWords = [
        "despesa", "efetuado", "entrada", "lancado", "lancamento", "movimentacao", "receita", "saida", "saldo",
    ];
    /// Letters of rows that are no sales, or may be none, in a closed set of letters: a return, a credit, a debit.
    LETTER_OF_OTHERS: TextWords = ["c", "d", "e", "r"];
    /// Headers that speak of an order. It may go to a supplier, so it is a sign only together with a day.
    ORDER: HeaderWords = ["cupom", "invoice", "order", "pedido"];
    /// The header of an order, if its cells begin with "#", as shops export it.
    ORDER_WITH_MARKS: HeaderWords = ["name"];
    /// Headers that speak of products.
    PRODUCT: HeaderWords = [
        "articulo", "mercadoria", "product", "producto", "produto", "service", "servicio", "servico", "sku",
    ];
    /// Headers of offers. [`TITLE_OF_QUOTES`] has the same words, but "orcament" for "orçamentário" too.
    QUOTE: HeaderWords = ["cotizacion", "orcamento", "presupuesto", "quotation", "quote"];
    /// Headers by which an offer was accepted.
    QUOTE_TAKEN: HeaderWords = [
        "factura", "invoice", "nf", "order", "pedido", "sale", "sold", "venda", "vendido", "venta",
    ];
    /// Kinds of rows that are not sales.
    ROW_OF_OTHERS: Starts = [
        "adjust", "ajuste", "bought", "buy", "compra", "despesa", "devol", "entrada", "estorn", "expense", "fee",
        "gasto", "orcament", "payout", "perda", "purchase", "quote", "reembols", "refund", "remessa", "repasse",
        "return", "tarifa", "taxa", "transfer",
    ];
    /// Kinds of rows that take a sale back although their amounts are above zero.
    ROW_OF_RETURN: Starts = [
        "chargeback", "credit memo", "credit note", "devoluc", "estorno", "nota credito", "nota de credito",
        "reembolso", "refund", "return",
    ];
    /// The same as whole texts.
    ROW_OF_RETURN_WORDS: TextWords = ["nc", "ncf"];
    /// Kinds of rows that are sales.
    ROW_OF_SALE: Starts = [
        "charge", "factura", "fatura", "invoice", "nf", "nota fiscal", "order", "pedido", "receita", "saida", "sale",
        "salida", "sell", "sold", "vend", "venta",
    ];
    /// Headers that show that somebody sold or bought.
    SALE: HeaderWords = [
        "client", "cliente", "comprador", "customer", "sale", "seller", "sold", "venda", "vendedor", "vendedora",
        "vendida", "vendido", "venta",
    ];
    /// Headers of goods in stock.
    STOCK: HeaderWords = ["estoque", "expiration", "inventory", "stock", "validade"];
    /// Headers of suppliers. [`TITLE_OF_PURCHASES`] leaves out "vendor", because a title that begins so speaks of
    /// sales.
    SUPPLIER: HeaderWords = ["fornecedor", "proveedor", "supplier", "vendor"];
    /// Headers of targets.
    TARGETS: HeaderWords = ["meta", "target"];
    /// Titles of ledgers.
    TITLE_OF_LEDGER: Starts = ["despesa", "egreso", "expense", "gasto"];
    /// Titles of purchases.
    TITLE_OF_PURCHASES: Starts = ["compra", "fornecedor", "proveedor", "purchase", "supplier"];
    /// Titles of offers.
    TITLE_OF_QUOTES: Starts = ["cotizacion", "orcament", "presupuesto", "quotation", "quote"];
    /// Titles of returns and cancellations.
    TITLE_OF_RETURNS: Starts = ["cancelad", "canceled", "cancelled", "devolu", "estorno", "refund", "return"];
    /// Titles of sales.
    TITLE_OF_SALES: Starts = ["cliente", "customer", "factura", "fatura", "receita", "sale", "sold", "vend", "venta"];
    /// Titles of stock lists.
    TITLE_OF_STOCK: Starts = ["estoque", "existencias", "inventario", "inventory"];
}
