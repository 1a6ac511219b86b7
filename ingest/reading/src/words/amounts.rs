//! Words for money in headers, besides the names of the fields.

lists! {
    /// The bare name of a value. Beside a quantity and a total it is the price of one, alone it is the total.
    BARE_VALUE: HeaderWords = ["valor", "value"];
    /// Words between an amount and the discount that is not taken from it yet: "Total sem desconto".
    BEFORE: HeaderWords = ["ante", "before", "sem"];
    /// Money that comes off a sale: returns, and reductions of the price.
    COMES_OFF: Starts = [
        "abat", "bonific", "desc", "devol", "disc", "estorn", "rebaj", "rebate", "reembols", "refund", "return",
    ];
    /// Commissions. They are a cost like [`FEE`], and no share of the sales.
    COMMISSION: HeaderWords = ["comision", "comissao", "commission"];
    /// Costs. They are no money of a sale, unless it is the cost to the customer.
    COST: HeaderWords = ["cost", "costo", "custo"];
    /// Discounts.
    DISCOUNT: HeaderWords = ["desconto", "descuento", "discount"];
    /// Amounts that a marketplace or a card takes off. Commissions count too if the question is which total is net.
    FEE: HeaderWords = ["fee", "tarifa", "taxa"];
    /// Amounts before deductions.
    GROSS: HeaderWords = ["bruta", "bruto", "gross"];
    /// Numbers that are told beside a sale and are no part of its amount: costs, taxes, codes, stocks, dates, marks. No
    /// word for pieces, weights, hours, discounts or totals may stand here, because those change the amount.
    NOT_THE_AMOUNT: HeaderWords = [
        "account", "aceite", "acreditado", "acumulado", "age", "agencia", "aliquota", "altura", "anio", "ano",
        "anterior", "area", "avaliacao", "balance", "banco", "bank", "barcode", "batch", "bimestre", "bought",
        "branch", "budget", "buy", "calificacion", "cambio", "campaign", "campanha", "cashback", "cedula", "celular",
        "cep", "cest", "cfop", "chassi", "chave", "clave", "click", "clique", "cmv", "cnpj", "cobrar", "code",
        "codigo", "cofin", "cogs", "comanda", "comision", "comissao", "commission", "compare", "compra",
        "comprimento", "comprobante", "concorrente", "conta", "contato", "cost", "costo", "cotacao", "cpf", "csosn",
        "cst", "cuit", "cumulative", "cuota", "cupom", "custo", "data", "date", "day", "delivery", "depositar",
        "depth", "device", "dia", "difal", "dni", "document", "documento", "ean", "edad", "entrega", "envio",
        "estoque", "estrela", "estrella", "exchange", "fcp", "fee", "fone", "forecast", "fornecedor", "freight",
        "frete", "ganancia", "garantia", "goal", "gorjeta", "gtin", "height", "icm", "icmsst", "id", "idade",
        "identificador", "identifier", "imposto", "impression", "impuesto", "index", "indice", "installment",
        "instalment", "interest", "inventario", "inventory", "ipi", "iss", "iva", "juro", "key", "km", "largura",
        "lat", "latitude", "length", "line", "linha", "list", "lista", "lng", "lon", "longitude", "lote", "lucro",
        "manufacturing", "margem", "margen", "margin", "markup", "matricula", "mes", "mesa", "meta", "minute",
        "minuto", "month", "msrp", "multa", "ncm", "nif", "nota", "nps", "nsu", "number", "numero", "objetivo",
        "odometro", "orcado", "original", "page", "pagina", "parcela", "participacao", "passageiro", "payout", "pct",
        "pdv", "percent", "percentage", "percentual", "phone", "pis", "placa", "point", "ponto", "pontuacao",
        "porcentagem", "porcentaje", "pos", "posicao", "posicion", "position", "prazo", "previou", "prevision",
        "prevista", "previsto", "profit", "profundidade", "propina", "proveedor", "puntaje", "punto", "purchase",
        "quarter", "ramal", "rank", "ranking", "rating", "receb", "receber", "receipt", "recibo", "ref", "reference",
        "referencia", "repasse", "review", "rg", "royalty", "rrp", "running", "rut", "saldo", "satisfacao",
        "satisfaccion", "score", "seguidor", "segundo", "semana", "semestre", "seq", "sequence", "sequencia",
        "serial", "serie", "sessao", "session", "share", "shipping", "size", "sku", "st", "star", "stock", "sugerido",
        "suggested", "supplier", "tabela", "table", "talla", "tamanho", "target", "tarifa", "tax", "taxa", "telefone",
        "telefono", "temperatura", "terminal", "ticket", "tid", "tip", "tributo", "trimestre", "troco", "utilidade",
        "utm", "vencimento", "vendedor", "versao", "version", "veze", "view", "visit", "visita", "volt", "voltagem",
        "warranty", "week", "whatsapp", "width", "year", "zip", "zona", "zone",
    ];
    /// Numbers that are not money: codes, shares, ages, periods and ranks.
    NO_MONEY: HeaderWords = [
        "age", "ano", "cep", "code", "codigo", "day", "dia", "id", "idade", "margem", "margin", "mes", "month",
        "number", "numero", "percent", "percentage", "percentual", "phone", "rank", "ranking", "rating", "telefone",
        "year", "zip",
    ];
    /// The piece, or the unit, that a price is of. Behind a sign of a currency it names the price.
    ONE_PIECE: HeaderWords = [
        "cada", "each", "hora", "kg", "kilo", "litro", "metro", "peca", "pieza", "quilo", "un", "unidad", "unidade",
        "unit", "unitario",
    ];
    /// Prices. A catalogue has them too, so they are no sign of a sale.
    PRICE: HeaderWords = ["precio", "preco", "price"];
    /// Amounts in hundredths, thousands or millions of a currency. Read as they are, such amounts would be wrong many
    /// times over.
    SCALED: HeaderWords = ["cent", "centavo", "mil", "milhare", "milhoe", "million", "millone", "thousand"];
    /// Weights.
    WEIGHT: HeaderWords = ["gramatura", "peso", "weight"];
}
