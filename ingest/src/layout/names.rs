//! The words that headers are made of, in Portuguese, English and Spanish.
//!
//! A header is folded, split into words and stripped of filler words. A rule matches when all of its words are there and
//! none of its excluded ones is; the more of the header a rule explains, the better it fits.

use caudal_shared::field::Field;
use caudal_shared::text::folded;

/// The words of a header: `"Preço_Unitário"` and `"precoUnitario"` both give `["preco", "unitario"]`.
pub(super) fn words_of(header: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(header.len() + 4);
    let mut previous = ' ';
    for c in header.chars() {
        if c.is_uppercase() && previous.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(c);
        previous = c;
    }
    folded(&spaced)
        .split(' ')
        .filter(|word| !word.is_empty() && !FILLERS.contains(word))
        .map(|word| singular(word).to_owned())
        .collect()
}

const FILLERS: &[&str] = &[
    "de", "da", "do", "das", "dos", "del", "la", "el", "em", "the", "of", "in", "r", "brl", "no", "n", "o", "a", "c",
    "s",
];

/// Words that a plural `s` may be cut from: "vendas", "units", "descontos".
fn singular(word: &str) -> &str {
    const KEPT: &[&str] = &["cogs", "mes", "status", "address", "gross", "observacoes", "pais", "dias"];
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !KEPT.contains(&word) => stem,
        _ => word,
    }
}

/// One way to name a field.
pub(super) struct Rule {
    pub(super) field: Field,
    all: &'static [&'static str],
    none: &'static [&'static str],
    /// How sure the words are, out of 100, when they are the whole header.
    weight: u32,
}

/// The fields that a header may name, with a score out of 100; the best rule of each field.
pub(super) fn fields_named(header: &str) -> Vec<(Field, u32)> {
    let words = words_of(header);
    let mut found: Vec<(Field, u32)> = Vec::new();
    for rule in RULES {
        let Some(score) = rule.score(&words) else { continue };
        match found.iter_mut().find(|(field, _)| *field == rule.field) {
            Some((_, best)) => *best = score.max(*best),
            None => found.push((rule.field, score)),
        }
    }
    found
}

impl Rule {
    fn score(&self, words: &[String]) -> Option<u32> {
        let has = |word: &&str| words.iter().any(|other| other == word);
        if !self.all.iter().all(has) || self.none.iter().any(has) {
            return None;
        }
        // Each word that the rule does not explain makes it less sure
        let unexplained = u32::try_from(words.len().saturating_sub(self.all.len())).unwrap_or(9);
        Some(self.weight.saturating_sub(12 * unexplained)).filter(|score| *score >= 30)
    }
}

const fn rule(field: Field, weight: u32, all: &'static [&'static str], none: &'static [&'static str]) -> Rule {
    Rule { field, all, none, weight }
}

/// Words of a person or a thing that an identifier, a date or a name may belong to instead of the sale.
const OTHERS: &[&str] =
    &["vendedor", "funcionario", "fornecedor", "seller", "employee", "supplier", "imagem", "url", "pai"];
const NOT_SOLD: &[&str] =
    &["estoque", "stock", "disponivel", "minimo", "minima", "meta", "previsto", "prevista", "target", "inventory"];
const NOT_SALE_DAY: &[&str] = &[
    "nascimento",
    "cadastro",
    "envio",
    "entrega",
    "previsto",
    "prevista",
    "validade",
    "vencimento",
    "ship",
    "delivery",
    "birth",
    "due",
    "expiry",
    "pagamento",
    "payment",
    "aprovacao",
    "completo",
    "atualizacao",
    "update",
    "end",
    "fim",
    "compra",
];

use Field::*;

const RULES: &[Rule] = &[
    // The order
    rule(OrderId, 100, &["id", "venda"], &[]),
    rule(OrderId, 100, &["id", "pedido"], &[]),
    rule(OrderId, 100, &["order", "id"], &["customer"]),
    rule(OrderId, 95, &["pedido"], &["data", "valor", "total", "status", "item", "observacoes", "cliente", "forma"]),
    rule(OrderId, 95, &["numero", "pedido"], &[]),
    rule(OrderId, 95, &["num", "pedido"], &[]),
    rule(OrderId, 95, &["order", "number"], &[]),
    rule(OrderId, 95, &["ordernumber"], &[]),
    rule(OrderId, 90, &["codigo", "venda"], &[]),
    rule(OrderId, 90, &["cod", "venda"], &[]),
    rule(OrderId, 90, &["numero", "venda"], &[]),
    rule(OrderId, 90, &["nota", "fiscal"], &["data", "valor"]),
    rule(OrderId, 90, &["nf"], &["data", "valor"]),
    rule(OrderId, 90, &["invoice"], &["date", "amount", "total", "status"]),
    rule(OrderId, 90, &["transaction", "id"], &[]),
    rule(OrderId, 90, &["sale", "id"], &[]),
    rule(
        OrderId,
        85,
        &["order"],
        &["date", "qty", "quantity", "status", "total", "line", "priority", "amount", "detail"],
    ),
    rule(OrderId, 80, &["cupom"], &["desconto"]),
    rule(Line, 95, &["order", "line"], &[]),
    rule(Line, 95, &["line", "number"], &[]),
    rule(Line, 95, &["orderlinenumber"], &[]),
    rule(Line, 90, &["linha", "pedido"], &[]),
    rule(Line, 90, &["item", "pedido"], &["itens", "qtd"]),
    // When
    rule(Date, 100, &["data", "venda"], NOT_SALE_DAY),
    rule(Date, 100, &["data", "hora"], NOT_SALE_DAY),
    rule(Date, 100, &["data", "pedido"], NOT_SALE_DAY),
    rule(Date, 100, &["order", "date"], NOT_SALE_DAY),
    rule(Date, 100, &["orderdate"], &[]),
    rule(Date, 95, &["invoice", "date"], NOT_SALE_DAY),
    rule(Date, 95, &["sale", "date"], NOT_SALE_DAY),
    rule(Date, 95, &["sell", "date"], NOT_SALE_DAY),
    rule(Date, 95, &["data"], NOT_SALE_DAY),
    rule(Date, 95, &["date"], NOT_SALE_DAY),
    rule(Date, 95, &["fecha"], NOT_SALE_DAY),
    rule(Date, 90, &["data", "compra"], &[]),
    rule(Date, 90, &["data", "emissao"], &[]),
    rule(Date, 80, &["datahora"], &[]),
    rule(Date, 80, &["created", "at"], &[]),
    rule(Date, 75, &["dt", "venda"], &[]),
    rule(Date, 60, &["dia"], &["semana"]),
    rule(Time, 95, &["hora"], &["data", "extra"]),
    rule(Time, 95, &["horario"], &[]),
    rule(Time, 95, &["time"], &["delivery", "shipping", "date"]),
    rule(Time, 90, &["hora", "venda"], &[]),
    // Who
    rule(Customer, 100, &["nome", "cliente"], &[]),
    rule(Customer, 100, &["customer", "name"], &[]),
    rule(Customer, 100, &["customername"], &[]),
    rule(
        Customer,
        95,
        &["cliente"],
        &["id", "codigo", "cod", "telefone", "email", "e", "endereco", "cidade", "observacoes", "cpf", "cnpj", "tipo"],
    ),
    rule(Customer, 95, &["customer"], &["id", "code", "phone", "email", "segment", "type", "gender"]),
    rule(Customer, 90, &["comprador"], &[]),
    rule(Customer, 90, &["razao", "social"], &[]),
    rule(Customer, 85, &["client"], &["id", "code"]),
    rule(
        Customer,
        80,
        &["nome"],
        &["vendedor", "produto", "loja", "fantasia", "mes", "arquivo", "funcionario", "gerente"],
    ),
    rule(Customer, 70, &["name"], &["product", "seller", "month", "store", "item", "file", "contact", "day"]),
    rule(Document, 100, &["cpf", "cnpj"], &[]),
    rule(Document, 100, &["cnpj", "ou", "cpf"], &[]),
    rule(Document, 95, &["cpf"], OTHERS),
    rule(Document, 95, &["cnpj"], &["fornecedor", "loja", "filial", "emitente"]),
    rule(Document, 80, &["documento"], &["tipo", "numero", "data"]),
    rule(Email, 100, &["email"], OTHERS),
    rule(Email, 100, &["e", "mail"], OTHERS),
    rule(Email, 90, &["correo"], OTHERS),
    rule(Phone, 100, &["telefone"], OTHERS),
    rule(Phone, 95, &["telefone", "cliente"], OTHERS),
    rule(Phone, 100, &["numero", "telefone", "cliente"], &[]),
    rule(Phone, 95, &["celular"], OTHERS),
    rule(Phone, 95, &["phone"], OTHERS),
    rule(Phone, 90, &["whatsapp"], &[]),
    rule(Phone, 90, &["fone"], OTHERS),
    // Where
    rule(Address, 100, &["endereco"], OTHERS),
    rule(Address, 100, &["endereco", "completo"], OTHERS),
    rule(Address, 95, &["address"], &["email", "ip"]),
    rule(Address, 90, &["logradouro"], &[]),
    rule(Address, 85, &["rua"], &[]),
    rule(Address, 80, &["delivery", "location"], &[]),
    rule(District, 95, &["bairro"], &["filial", "loja"]),
    rule(City, 95, &["cidade"], &["loja", "filial"]),
    rule(City, 95, &["city"], &["store"]),
    rule(City, 90, &["municipio"], &[]),
    rule(City, 90, &["ciudad"], &[]),
    rule(State, 95, &["uf"], &[]),
    rule(State, 90, &["estado"], &["civil"]),
    rule(State, 90, &["state"], &[]),
    rule(PostalCode, 95, &["cep"], &[]),
    rule(PostalCode, 95, &["postal", "code"], &[]),
    rule(PostalCode, 95, &["postalcode"], &[]),
    rule(PostalCode, 90, &["zip"], &[]),
    rule(Country, 95, &["pais"], &[]),
    rule(Country, 95, &["country"], &[]),
    // What
    rule(Product, 100, &["nome", "produto"], &[]),
    rule(Product, 100, &["product", "name"], &[]),
    rule(
        Product,
        100,
        &["produto"],
        &["id", "codigo", "cod", "custo", "valor", "preco", "categoria", "tipo", "estoque", "link", "url", "marca"],
    ),
    rule(Product, 97, &["produto", "vendido"], &[]),
    rule(Product, 92, &["produto", "e", "categoria"], &[]),
    rule(
        Product,
        100,
        &["product"],
        &["id", "code", "line", "category", "cost", "price", "type", "container", "margin", "sub"],
    ),
    rule(Product, 95, &["producto"], &["id", "codigo"]),
    rule(Product, 90, &["descricao", "produto"], &[]),
    rule(Product, 85, &["item"], &["id", "pedido", "numero", "number", "qty", "itens", "code", "type"]),
    rule(Product, 85, &["mercadoria"], &[]),
    rule(Product, 80, &["descricao"], &["tipo"]),
    rule(Product, 80, &["description"], &[]),
    rule(Product, 80, &["titulo", "anuncio"], &[]),
    rule(Product, 70, &["product", "line"], &[]),
    rule(Product, 70, &["productline"], &[]),
    rule(Product, 60, &["tipo"], &["pagamento", "cliente", "documento", "entrega", "venda"]),
    rule(Sku, 100, &["sku"], &[]),
    rule(Sku, 95, &["codigo", "produto"], &[]),
    rule(Sku, 95, &["cod", "produto"], &[]),
    rule(Sku, 95, &["id", "produto"], &[]),
    rule(Sku, 95, &["product", "id"], &[]),
    rule(Sku, 95, &["product", "code"], &[]),
    rule(Sku, 90, &["productcode"], &[]),
    rule(Sku, 90, &["id", "item"], &[]),
    rule(Sku, 85, &["codigo", "barra"], &[]),
    rule(Sku, 85, &["ean"], &[]),
    rule(Sku, 75, &["codigo"], &["cliente", "venda", "vendedor", "postal", "loja", "pedido"]),
    rule(Sku, 70, &["cod"], &["cliente", "venda", "vendedor", "loja", "pedido"]),
    rule(Category, 95, &["categoria"], &["sub", "cliente", "produto"]),
    rule(Category, 95, &["category"], &["sub", "customer"]),
    rule(Category, 90, &["categoria", "produto"], &["e"]),
    rule(Category, 80, &["departamento"], &[]),
    rule(Category, 75, &["segment"], &["customer"]),
    rule(Category, 70, &["grupo"], &[]),
    rule(Category, 65, &["subcategoria"], &[]),
    rule(Category, 65, &["marca"], &[]),
    // How many
    rule(Quantity, 100, &["quantidade"], NOT_SOLD),
    rule(Quantity, 100, &["quantidade", "vendida"], NOT_SOLD),
    rule(Quantity, 100, &["quantity"], NOT_SOLD),
    rule(Quantity, 95, &["quantity", "sold"], NOT_SOLD),
    rule(Quantity, 95, &["qtd"], NOT_SOLD),
    rule(Quantity, 95, &["qtde"], NOT_SOLD),
    rule(Quantity, 95, &["qtdade"], NOT_SOLD),
    rule(Quantity, 95, &["qt"], NOT_SOLD),
    rule(Quantity, 95, &["qty"], NOT_SOLD),
    rule(Quantity, 95, &["unit", "sold"], NOT_SOLD),
    rule(Quantity, 95, &["cantidad"], NOT_SOLD),
    rule(Quantity, 95, &["quant"], NOT_SOLD),
    rule(Quantity, 85, &["unidade", "vendida"], NOT_SOLD),
    rule(Quantity, 80, &["unidade"], NOT_SOLD),
    rule(Quantity, 75, &["unit"], &["price", "cost", "tax"]),
    // The price of one
    rule(UnitPrice, 100, &["preco", "unitario"], &["custo"]),
    rule(UnitPrice, 100, &["valor", "unitario"], &["custo"]),
    rule(UnitPrice, 100, &["vl", "unitario"], &["custo"]),
    rule(UnitPrice, 100, &["vlr", "unitario"], &["custo"]),
    rule(UnitPrice, 100, &["unit", "price"], &["cost"]),
    rule(UnitPrice, 100, &["unitprice"], &[]),
    rule(UnitPrice, 100, &["precio", "unitario"], &[]),
    rule(UnitPrice, 95, &["price", "each"], &[]),
    rule(UnitPrice, 95, &["priceeach"], &[]),
    rule(UnitPrice, 90, &["sale", "price"], &[]),
    rule(UnitPrice, 90, &["sell", "price"], &[]),
    rule(UnitPrice, 90, &["preco", "venda"], &[]),
    rule(UnitPrice, 85, &["valor", "produto"], &[]),
    rule(UnitPrice, 85, &["preco"], &["total", "custo", "compra", "final"]),
    rule(UnitPrice, 85, &["precio"], &["total", "costo"]),
    rule(UnitPrice, 80, &["price"], &["total", "manufacturing", "cost", "bought", "ext", "extended", "list"]),
    rule(UnitPrice, 75, &["unitario"], &["custo"]),
    // Off and on top
    rule(Discount, 95, &["desconto"], &["cupom", "faixa"]),
    rule(Discount, 95, &["discount"], &["band", "code"]),
    rule(Discount, 95, &["descuento"], &[]),
    rule(Freight, 95, &["frete"], &["tipo", "modalidade"]),
    rule(Freight, 90, &["freight"], &[]),
    rule(Freight, 85, &["shipping", "cost"], &[]),
    rule(Tax, 90, &["imposto"], &[]),
    rule(Tax, 90, &["tax"], &["unit", "id"]),
    rule(Tax, 85, &["valor", "ipi"], &[]),
    // What it adds up to
    rule(Total, 100, &["valor", "total"], &["custo", "estoque"]),
    rule(Total, 100, &["preco", "total"], &["custo"]),
    rule(
        Total,
        98,
        &["total"],
        &["custo", "cost", "bruto", "estoque", "item", "imposto", "desconto", "discount", "profit", "lucro"],
    ),
    rule(Total, 98, &["total", "venda"], &["custo", "lucro"]),
    rule(Total, 95, &["valor", "vendido"], &[]),
    rule(Total, 95, &["valor", "venda"], &[]),
    rule(Total, 95, &["valor", "final"], &[]),
    rule(Total, 95, &["receita", "total"], &[]),
    rule(Total, 92, &["faturamento"], &["meta", "id"]),
    rule(Total, 92, &["receita"], &["meta", "tipo", "categoria"]),
    rule(Total, 90, &["sale"], &["id", "price", "date", "gross", "person", "rep", "channel", "target", "order"]),
    rule(Total, 90, &["amount"], &["tax", "discount", "paid"]),
    rule(Total, 88, &["subtotal"], &[]),
    rule(Total, 85, &["revenue"], &["target"]),
    rule(
        Total,
        85,
        &["venda"],
        &["id", "data", "codigo", "meta", "tipo", "canal", "quantidade", "unidade", "preco", "numero"],
    ),
    rule(
        Total,
        82,
        &["valor"],
        &["unitario", "custo", "frete", "ipi", "imposto", "desconto", "produto", "estoque", "meta"],
    ),
    rule(Total, 70, &["gross", "sale"], &[]),
    rule(Total, 70, &["total", "bruto"], &[]),
    // How it was paid, and the rest
    rule(PaymentMethod, 100, &["forma", "pagamento"], &[]),
    rule(PaymentMethod, 100, &["metodo", "pagamento"], &[]),
    rule(PaymentMethod, 100, &["payment", "method"], &[]),
    rule(PaymentMethod, 95, &["tipo", "pagamento"], &[]),
    rule(PaymentMethod, 95, &["payment", "type"], &[]),
    rule(PaymentMethod, 95, &["meio", "pagamento"], &[]),
    rule(PaymentMethod, 95, &["forma", "pago"], &[]),
    rule(PaymentMethod, 95, &["condicao", "pagamento"], &[]),
    rule(PaymentMethod, 85, &["pagamento"], &["data", "valor", "status", "id"]),
    rule(PaymentMethod, 85, &["payment"], &["date", "amount", "status", "id", "condition"]),
    rule(Status, 95, &["status"], &["estoque", "cliente"]),
    rule(Status, 90, &["situacao"], &["cliente"]),
    rule(Seller, 95, &["vendedor"], &["id", "matricula", "codigo", "cod", "comissao"]),
    rule(Seller, 95, &["nome", "vendedor"], &[]),
    rule(Seller, 90, &["seller"], &["id"]),
    rule(Seller, 90, &["sale", "person"], &[]),
    rule(Seller, 90, &["salesperson"], &[]),
    rule(Seller, 85, &["atendente"], &[]),
    rule(Store, 95, &["loja"], &["id", "bairro", "cidade", "cnpj"]),
    rule(Store, 90, &["filial"], &["id", "bairro", "cidade"]),
    rule(Store, 90, &["store"], &["id", "city"]),
    rule(Store, 85, &["branch"], &[]),
    rule(Store, 75, &["unidade"], &["medida"]),
    rule(Channel, 95, &["canal"], &[]),
    rule(Channel, 95, &["canal", "venda"], &[]),
    rule(Channel, 95, &["channel"], &[]),
    rule(Channel, 80, &["marketplace"], &[]),
    rule(Cost, 95, &["custo", "unitario"], &[]),
    rule(Cost, 90, &["custo"], &["centro", "frete"]),
    rule(Cost, 90, &["cogs"], &[]),
    rule(Cost, 85, &["cost"], &["shipping", "center"]),
    rule(Notes, 90, &["observacao"], &[]),
    rule(Notes, 90, &["observacoes"], &[]),
    rule(Notes, 85, &["notes"], &[]),
    rule(Notes, 85, &["obs"], &[]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn best(header: &str) -> Option<Field> {
        fields_named(header).into_iter().max_by_key(|(_, score)| *score).map(|(field, _)| field)
    }

    #[test]
    fn headers_are_split_into_words() {
        assert_eq!(words_of("Preço_Unitário"), ["preco", "unitario"]);
        assert_eq!(words_of("precoUnitario"), ["preco", "unitario"]);
        assert_eq!(words_of("Data da Venda:"), ["data", "venda"]);
        assert_eq!(words_of(" Discounts "), ["discount"]);
    }

    #[test]
    fn the_headers_of_real_sheets_name_their_field() {
        for (header, field) in [
            ("nome", Customer),
            ("endereco_completo", Address),
            ("cpf_cnpj", Document),
            ("valor_unitario", UnitPrice),
            ("data_hora", Date),
            ("forma_pagamento", PaymentMethod),
            ("ID da Venda", OrderId),
            ("Nota Fiscal", OrderId),
            ("ID Produto", Sku),
            ("Produto e Categoria", Product),
            ("Preço Total", Total),
            ("Método de Pagamento", PaymentMethod),
            ("Quantidade vendida", Quantity),
            ("Valor vendido", Total),
            ("Numero de telefone do cliente", Phone),
            ("Nome do vendedor", Seller),
            ("Units Sold", Quantity),
            (" Sales", Total),
            ("Sale Price", UnitPrice),
            ("COGS", Cost),
            ("Qtde", Quantity),
            ("Preço_Unitário", UnitPrice),
            ("Custo_Unitário", Cost),
            ("Time", Time),
        ] {
            assert_eq!(best(header), Some(field), "{header}");
        }
    }

    #[test]
    fn headers_of_other_things_name_nothing() {
        for header in [
            "Quantidade em Estoque",
            "Lucro",
            "Rating",
            "Comissão 5%",
            "Data de nascimento",
            "URL da imagem",
            "-",
            "Manufacturing Price",
        ] {
            assert_eq!(best(header), None, "{header}");
        }
    }
}
