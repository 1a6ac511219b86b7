//! Words for money in headers, besides the names of the fields.

lists! {
    /// The bare name of a value. Beside a quantity and a total it is the price of one, alone it is the total.
    BARE_VALUE: HeaderWords = ["valor", "value"];
    /// Commissions. They are a cost like [`FEE`], and no share of the sales.
    COMMISSION: HeaderWords = ["comision", "comissao", "commission"];
    /// Discounts.
    DISCOUNT: HeaderWords = ["desconto", "descuento", "discount"];
    /// Amounts that a marketplace or a card takes off. Commissions count too if the question is which total is net.
    FEE: HeaderWords = ["fee", "tarifa", "taxa"];
    /// Amounts before deductions.
    GROSS: HeaderWords = ["bruta", "bruto", "gross"];
    /// Numbers that are not money: codes, shares, ages, periods and ranks.
    NO_MONEY: HeaderWords = [
        "age", "ano", "cep", "code", "codigo", "day", "dia", "id", "idade", "margem", "margin", "mes", "month",
        "number", "numero", "percent", "percentage", "percentual", "phone", "rank", "ranking", "rating", "telefone",
        "year", "zip",
    ];
    /// Prices. A catalogue has them too, so they are no sign of a sale.
    PRICE: HeaderWords = ["precio", "preco", "price"];
    /// Amounts in hundredths, thousands or millions of a currency. Read as they are, such amounts would be wrong many
    /// times over.
    SCALED: HeaderWords = ["cent", "centavo", "mil", "milhare", "milhoe", "million", "millone", "thousand"];
}
