//! Words for sums of sales: lines of totals, rankings, shares, reports by product.

lists! {
    /// Words before the name of a total: "Grand total".
    BEFORE_TOTAL: TextWords = ["grand"];
    /// Words that the name of a total may have besides [`TOTALS`]. With any other word it may be a product.
    BESIDE_TOTAL: TextWords = [
        "ano", "categoria", "cliente", "das", "day", "de", "dia", "do", "final", "general", "geral", "grand", "grupo",
        "loja", "mes", "month", "of", "order", "page", "pagina", "pedido", "period", "periodo", "sales", "semana",
        "sub", "valor", "venda", "vendas", "vendedor", "ventas", "week", "year",
    ];
    /// Headers of columns that count orders or customers. Such a column tells no sales apart.
    COUNTED: TextWords = [
        "atendimentos", "buyers", "clientes", "clients", "compradores", "cupons", "customers", "facturas", "invoices",
        "notas", "orders", "pedidos", "sales", "tickets", "transacoes", "transactions", "vendas", "ventas",
    ];
    /// Headers of columns that tell one sale from another: an order or a customer.
    EVENTS: HeaderWords = [
        "buyer", "client", "cliente", "comanda", "comprador", "cupom", "customer", "mesa", "transacao", "transaction",
    ];
    /// Letters that each word of [`TOTALS`] has. They are looked for in texts that are not folded, because folding
    /// costs an allocation.
    HINTS_AT_TOTAL: Parts = ["soma", "sum", "tota"];
    /// Names of sums of sales, in the row that has one. A product may have such a name, so the amount has to be the sum.
    NAMES_OF_SUMS: TextWords = [
        "acumulada", "acumulado", "cierre", "closing", "facturacion", "facturado", "faturado", "faturamento",
        "fechamento", "geral", "movimento", "movimiento", "overall", "parcial", "recaudacion", "recaudado",
        "recebido", "revenue", "soma", "subtotal", "sum", "suma", "sumatoria", "takings", "totais", "total",
        "totales", "turnover", "vendas", "vendido", "vendidos", "ventas",
    ];
    /// Headers of shares of the whole and of sums of the rows above.
    PART_OF_WHOLE: HeaderWords = [
        "abc", "acum", "acumulada", "acumulado", "cumulative", "participacao", "participacion", "representatividade",
        "share",
    ];
    /// Headers of ranks, if the cells are ordinals.
    RANK: HeaderWords = ["colocacao", "posicao", "posicion", "position", "puesto", "rank", "ranking"];
    /// Titles of reports of sums.
    REPORT_OF_SUMS: Parts = [
        "acumulad", "best sell", "bestsell", "by item", "by product", "by seller", "consolidad", "curva abc",
        "mais vendid", "mas vendid", "per product", "por item", "por produt", "por vendedor", "ranking", "resumen",
        "resumo", "summary",
    ];
    /// Titles of the best so many, if a number comes next: "Top 10".
    TOP: TextWords = ["top"];
    /// Names of totals.
    TOTALS: TextWords = ["soma", "subtotal", "subtotals", "sum", "summary", "totais", "total", "totales", "totals"];
    /// Headers of the whole, of which a column with a percent sign is a share.
    WHOLE: HeaderWords = [
        "facturacion", "faturamento", "geral", "ingreso", "receita", "revenue", "sale", "total", "venda", "venta",
    ];
}
