//! The words of headers in Portuguese, English and Spanish, with one rule for each combination of words.
//!
//! The names come from real sheets: reports of shops and marketplaces, exports of ERPs, and tables that people type
//! themselves. The rules are sorted by their field, as [`Field::ALL`] is, and within a field by their words. If a
//! header names two fields equally well, the later field wins.

use caudal_contract::field::Field::{self, *};

use super::weights::{
    AFTER_DISCOUNT, AFTER_DISCOUNT_TOTAL, AMOUNT, CERTAIN, FAINT, FAIR, LIKELY, LOOSE, NET, NET_REVENUE, POOR, REVENUE,
    SUM, SURE, TOTAL, VAGUE, VALUE, WEAK,
};

/// One way to name a field.
pub(crate) struct Rule {
    pub(crate) field: Field,
    pub(crate) all: &'static [&'static str],
    pub(crate) none: &'static [&'static str],
    /// How sure the words are if they are the whole header: a step of the scale in [`super::weights`].
    pub(crate) weight: u32,
    /// Whether they must be the whole header.
    pub(crate) alone: bool,
}

const fn rule(field: Field, weight: u32, all: &'static [&'static str], none: &'static [&'static str]) -> Rule {
    Rule { field, all, none, weight, alone: false }
}

/// A rule for words that mean nothing beside other words because they are too common: `Nome` is the customer, `Nome do
/// órgão` is not.
const fn alone(field: Field, weight: u32, all: &'static [&'static str]) -> Rule {
    Rule { field, all, none: &[], weight, alone: true }
}

lists! {
    /// Amounts that are not the money of the sale, beside "amount".
    NOT_AMOUNT: HeaderWords = [
        "discount", "due", "estimated", "gross", "paid", "refund", "refunded", "shipping", "tax",
    ];
    /// Other things about a customer than the name, beside "cliente".
    NOT_CLIENTE: HeaderWords = [
        "cidade", "cnpj", "codigo", "cpf", "e", "email", "endereco", "id", "observacoes", "telefone", "tipo",
    ];
    /// Other things about a customer than the name, beside "customer".
    NOT_CUSTOMER: HeaderWords = ["code", "email", "gender", "id", "phone", "segment", "type"];
    /// Other things about the shipping than its price, beside "envio".
    NOT_ENVIO: HeaderWords = ["data", "estado", "fecha", "forma", "metodo", "opcao", "status", "tipo"];
    /// Other things about an item than its name, beside "item". An "item pedido" is a line of the order.
    NOT_ITEM: HeaderWords = [
        "code", "cost", "id", "iten", "number", "numero", "pedido", "preco", "price", "quantity", "tax", "total",
        "type", "valor",
    ];
    /// Other things about an order than its number, beside "order".
    NOT_ORDER: HeaderWords = ["amount", "date", "detail", "line", "priority", "quantity", "status", "total"];
    /// Other things about an order than its number, beside "pedido".
    NOT_PEDIDO: HeaderWords = ["cliente", "data", "forma", "item", "iten", "observacoes", "status", "total", "valor"];
    /// Prices of other things than one piece sold, beside "price".
    NOT_PRICE: HeaderWords = [
        "bought", "compare", "cost", "ext", "extended", "list", "manufacturing", "shipping", "total",
    ];
    /// Other things about a product than its name, beside "product".
    NOT_PRODUCT: HeaderWords = [
        "category", "code", "container", "cost", "id", "line", "margin", "price", "sub", "type",
    ];
    /// Other things about a product than its name, beside "produto".
    NOT_PRODUTO: HeaderWords = [
        "categoria", "codigo", "custo", "estoque", "id", "interesse", "link", "marca", "preco", "receita", "subtotal",
        "tipo", "total", "url", "valor",
    ];
    /// Other things about revenue than its amount, beside "receita".
    NOT_RECEITA: HeaderWords = ["acrescimo", "bruta", "categoria", "envio", "meta", "tipo"];
    /// Totals that are not the revenue of the row.
    NOT_REVENUE: HeaderWords = [
        "acumulado", "bruto", "comissao", "cost", "cumulative", "custo", "desconto", "discount", "estimado",
        "estimated", "estoque", "frete", "imposto", "item", "lucro", "parcial", "previsto", "profit", "quantidade",
        "running", "shipping", "tax", "unidade",
    ];
    /// Other things about a sale than its money, beside "sale".
    NOT_SALE: HeaderWords = ["channel", "date", "gross", "id", "order", "person", "price", "rep", "target"];
    /// Days that are not the day of the sale. The judge that finds the day by its contents asks this list too.
    NOT_SALE_DAY: HeaderWords = [
        "aprovacao", "atualizacao", "birth", "bought", "buy", "cadastro", "compra", "delivery", "due", "end",
        "entrega", "envio", "expiration", "expiry", "fim", "last", "limit", "limite", "nascimento", "pagamento",
        "payment", "prevista", "previsto", "ship", "shipping", "ultima", "update", "validade", "vencimento",
    ];
    /// Quantities that nobody sold.
    NOT_SOLD: HeaderWords = [
        "disponivel", "estoque", "inventory", "meta", "minima", "minimo", "prevista", "previsto", "stock", "target",
    ];
    /// Values that are not the money of the sale, beside "valor".
    NOT_VALOR: HeaderWords = [
        "acumulado", "bruto", "comissao", "custo", "desconto", "entrada", "estimado", "estoque", "frete", "imposto",
        "ipi", "meta", "parcela", "previsto", "produto", "un", "unit", "unitario",
    ];
    /// Other things about a sale than its money, beside "venda".
    NOT_VENDA: HeaderWords = [
        "canal", "codigo", "data", "id", "meta", "numero", "preco", "quantidade", "tipo", "unidade",
    ];
    /// Other things about a sale than its money, beside "venta".
    NOT_VENTA: HeaderWords = ["canal", "cantidad", "codigo", "fecha", "id", "numero", "precio", "tipo", "unidad"];
    /// Other people and things. An e-mail, a phone or an address beside such a word belongs to them, not to the sale.
    OTHERS: HeaderWords = [
        "employee", "fornecedor", "funcionario", "imagem", "pai", "seller", "supplier", "url", "vendedor",
    ];
}

/// All ways to name a field, sorted. A fee is named by the whole header, because many amounts are told with and without
/// their fees: "Valor sem taxas".
pub(crate) const RULES: &[Rule] = &[
    rule(OrderId, LIKELY, &["codigo", "venda"], &[]),
    rule(OrderId, LOOSE, &["cupom"], &["desconto"]),
    rule(OrderId, LIKELY, &["factura"], &["fecha", "importe", "total"]),
    rule(OrderId, FAIR, &["folio"], &[]),
    rule(OrderId, CERTAIN, &["id", "pedido"], &[]),
    rule(OrderId, CERTAIN, &["id", "venda"], &[]),
    rule(OrderId, LIKELY, &["invoice"], &["amount", "date", "status", "total"]),
    rule(OrderId, LIKELY, &["nf"], &["data", "valor"]),
    rule(OrderId, LIKELY, &["nota", "fiscal"], &["data", "valor"]),
    rule(OrderId, SURE, &["numero", "pedido"], &[]),
    rule(OrderId, LIKELY, &["numero", "venda"], &[]),
    rule(OrderId, FAIR, &["order"], NOT_ORDER.0),
    rule(OrderId, CERTAIN, &["order", "id"], &["customer"]),
    rule(OrderId, SURE, &["order", "number"], &[]),
    rule(OrderId, SURE, &["pedido"], NOT_PEDIDO.0),
    rule(OrderId, LIKELY, &["sale", "id"], &[]),
    rule(OrderId, LIKELY, &["transaction", "id"], &[]),
    rule(Line, LIKELY, &["item", "pedido"], &["iten", "quantidade"]),
    rule(Line, SURE, &["line", "number"], &[]),
    rule(Line, LIKELY, &["linha", "pedido"], &[]),
    rule(Line, SURE, &["order", "line"], &[]),
    rule(Date, LOOSE, &["created", "at"], &[]),
    rule(Date, SURE, &["data"], NOT_SALE_DAY.0),
    rule(Date, LIKELY, &["data", "compra"], &["entrega", "envio", "previsao", "ultima"]),
    rule(Date, LIKELY, &["data", "emissao"], &[]),
    rule(Date, CERTAIN, &["data", "hora"], NOT_SALE_DAY.0),
    rule(Date, CERTAIN, &["data", "pedido"], NOT_SALE_DAY.0),
    rule(Date, CERTAIN, &["data", "venda"], NOT_SALE_DAY.0),
    rule(Date, LOOSE, &["datahora"], &[]),
    rule(Date, SURE, &["date"], NOT_SALE_DAY.0),
    rule(Date, FAINT, &["dia"], &["semana"]),
    rule(Date, SURE, &["fecha"], NOT_SALE_DAY.0),
    rule(Date, SURE, &["invoice", "date"], NOT_SALE_DAY.0),
    alone(Date, FAIR, &["marca", "temporal"]),
    rule(Date, CERTAIN, &["order", "date"], NOT_SALE_DAY.0),
    rule(Date, FAIR, &["ordered", "at"], &[]),
    rule(Date, SURE, &["sale", "date"], NOT_SALE_DAY.0),
    rule(Date, SURE, &["sell", "date"], NOT_SALE_DAY.0),
    rule(Date, FAIR, &["sold", "at"], &[]),
    alone(Date, FAIR, &["timestamp"]),
    rule(Time, SURE, &["hora"], &["data", "extra"]),
    rule(Time, LIKELY, &["hora", "venda"], &[]),
    rule(Time, SURE, &["horario"], &[]),
    rule(Time, SURE, &["time"], &["date", "delivery", "shipping"]),
    rule(Customer, LIKELY, &["billing", "name"], &["company"]),
    rule(Customer, FAIR, &["buyer"], &["email", "id", "note", "phone"]),
    rule(Customer, LIKELY, &["buyer", "name"], &[]),
    rule(Customer, FAIR, &["client"], &["code", "id"]),
    rule(Customer, SURE, &["cliente"], NOT_CLIENTE.0),
    rule(Customer, LIKELY, &["comprador"], &[]),
    rule(Customer, SURE, &["customer"], NOT_CUSTOMER.0),
    rule(Customer, CERTAIN, &["customer", "name"], &[]),
    alone(Customer, WEAK, &["name"]),
    alone(Customer, LOOSE, &["nome"]),
    rule(Customer, CERTAIN, &["nome", "cliente"], &[]),
    rule(Customer, LIKELY, &["razao", "social"], &[]),
    rule(Document, SURE, &["cnpj"], &["emitente", "filial", "fornecedor", "loja"]),
    rule(Document, CERTAIN, &["cnpj", "ou", "cpf"], &[]),
    rule(Document, SURE, &["cpf"], OTHERS.0),
    rule(Document, CERTAIN, &["cpf", "cnpj"], &[]),
    rule(Document, LOOSE, &["documento"], &["data", "numero", "tipo"]),
    rule(Email, LIKELY, &["correo"], OTHERS.0),
    rule(Email, CERTAIN, &["e", "mail"], OTHERS.0),
    rule(Email, CERTAIN, &["email"], OTHERS.0),
    rule(Phone, SURE, &["celular"], OTHERS.0),
    rule(Phone, LIKELY, &["fone"], OTHERS.0),
    rule(Phone, CERTAIN, &["numero", "telefone", "cliente"], &[]),
    rule(Phone, SURE, &["phone"], OTHERS.0),
    rule(Phone, CERTAIN, &["telefone"], OTHERS.0),
    rule(Phone, SURE, &["telefone", "cliente"], OTHERS.0),
    rule(Phone, LIKELY, &["whatsapp"], &[]),
    rule(Address, SURE, &["address"], &["email", "ip"]),
    rule(Address, LOOSE, &["delivery", "location"], &[]),
    rule(Address, CERTAIN, &["endereco"], OTHERS.0),
    rule(Address, CERTAIN, &["endereco", "completo"], OTHERS.0),
    rule(Address, LIKELY, &["logradouro"], &[]),
    rule(Address, FAIR, &["rua"], &[]),
    rule(District, SURE, &["bairro"], &["filial", "loja"]),
    rule(City, SURE, &["cidade"], &["filial", "loja"]),
    rule(City, SURE, &["city"], &["store"]),
    rule(City, LIKELY, &["ciudad"], &[]),
    rule(City, LIKELY, &["municipio"], &[]),
    rule(State, LIKELY, &["estado"], &["civil"]),
    rule(State, LIKELY, &["state"], &[]),
    rule(State, SURE, &["uf"], &[]),
    rule(PostalCode, SURE, &["cep"], &[]),
    rule(PostalCode, SURE, &["postal", "code"], &[]),
    rule(PostalCode, LIKELY, &["zip"], &[]),
    rule(Country, SURE, &["country"], &[]),
    rule(Country, SURE, &["pais"], &[]),
    rule(Product, SURE, &["articulo"], &["codigo", "id", "precio"]),
    rule(Product, FAIR, &["denominacao"], &[]),
    rule(Product, LOOSE, &["descricao"], &["tipo"]),
    rule(Product, LIKELY, &["descricao", "produto"], &[]),
    rule(Product, LOOSE, &["descripcion"], &["tipo"]),
    rule(Product, LOOSE, &["description"], &[]),
    rule(Product, FAIR, &["designacao"], &[]),
    rule(Product, FAIR, &["item"], NOT_ITEM.0),
    rule(Product, SURE, &["item", "name"], &[]),
    rule(Product, LIKELY, &["item", "title"], &[]),
    alone(Product, WEAK, &["iten"]),
    rule(Product, LIKELY, &["lineitem", "name"], &[]),
    rule(Product, FAIR, &["mercadoria"], &["valor"]),
    rule(Product, CERTAIN, &["nome", "produto"], &[]),
    rule(Product, CERTAIN, &["product"], NOT_PRODUCT.0),
    rule(Product, WEAK, &["product", "detail"], &[]),
    rule(Product, WEAK, &["product", "line"], &[]),
    rule(Product, CERTAIN, &["product", "name"], &[]),
    rule(Product, SURE, &["producto"], &["codigo", "id"]),
    rule(Product, CERTAIN, &["produto"], NOT_PRODUTO.0),
    rule(Product, REVENUE, &["produto", "e", "categoria"], &[]),
    rule(Product, FAIR, &["service"], &["charge", "date", "fee", "level"]),
    rule(Product, FAIR, &["servicio"], &["fecha", "precio"]),
    rule(Product, FAIR, &["servico"], &["data", "ordem", "taxa", "valor"]),
    alone(Product, FAINT, &["tipo"]),
    rule(Product, LOOSE, &["titulo", "anuncio"], &[]),
    alone(Sku, VAGUE, &["codigo"]),
    rule(Sku, FAIR, &["codigo", "barra"], &[]),
    rule(Sku, SURE, &["codigo", "produto"], &[]),
    rule(Sku, FAIR, &["ean"], &[]),
    rule(Sku, LIKELY, &["id", "item"], &[]),
    rule(Sku, SURE, &["id", "produto"], &[]),
    alone(Sku, VAGUE, &["item", "number"]),
    alone(Sku, VAGUE, &["material"]),
    rule(Sku, SURE, &["product", "code"], &[]),
    rule(Sku, SURE, &["product", "id"], &[]),
    rule(Sku, CERTAIN, &["sku"], &[]),
    rule(Sku, LIKELY, &["stock", "code"], &[]),
    rule(Category, SURE, &["categoria"], &["cliente", "produto", "sub"]),
    rule(Category, LIKELY, &["categoria", "produto"], &["e"]),
    rule(Category, SURE, &["category"], &["customer", "sub"]),
    rule(Category, LOOSE, &["departamento"], &[]),
    rule(Category, WEAK, &["grupo"], &[]),
    rule(Category, POOR, &["marca"], &[]),
    rule(Category, VAGUE, &["segment"], &["customer"]),
    rule(Category, POOR, &["subcategoria"], &[]),
    rule(Quantity, SURE, &["cantidad"], NOT_SOLD.0),
    rule(Quantity, FAINT, &["peso"], NOT_SOLD.0),
    rule(Quantity, CERTAIN, &["quantidade"], NOT_SOLD.0),
    rule(Quantity, CERTAIN, &["quantity"], NOT_SOLD.0),
    alone(Quantity, LOOSE, &["unidade"]),
    rule(Quantity, FAIR, &["unidade", "vendida"], NOT_SOLD.0),
    alone(Quantity, VAGUE, &["unit"]),
    rule(Quantity, SURE, &["unit", "sold"], NOT_SOLD.0),
    rule(UnitPrice, FAIR, &["item", "cost"], &[]),
    alone(UnitPrice, LIKELY, &["p", "un"]),
    alone(UnitPrice, LIKELY, &["p", "unit"]),
    alone(UnitPrice, LIKELY, &["pr", "unit"]),
    rule(UnitPrice, FAIR, &["precio"], &["costo", "total"]),
    rule(UnitPrice, SURE, &["precio", "unit"], &["costo"]),
    rule(UnitPrice, CERTAIN, &["precio", "unitario"], &[]),
    rule(UnitPrice, FAIR, &["preco"], &["compra", "custo", "final", "original", "total"]),
    rule(UnitPrice, SURE, &["preco", "un"], &["custo"]),
    rule(UnitPrice, CERTAIN, &["preco", "unitario"], &["custo"]),
    rule(UnitPrice, LIKELY, &["preco", "venda"], &[]),
    rule(UnitPrice, LOOSE, &["price"], NOT_PRICE.0),
    rule(UnitPrice, SURE, &["price", "each"], &[]),
    alone(UnitPrice, WEAK, &["rate"]),
    rule(UnitPrice, LIKELY, &["sale", "price"], &[]),
    rule(UnitPrice, LIKELY, &["sell", "price"], &[]),
    rule(UnitPrice, LOOSE, &["sold", "for"], &[]),
    rule(UnitPrice, CERTAIN, &["unit", "price"], &["cost"]),
    rule(UnitPrice, SURE, &["unit", "value"], &["cost"]),
    rule(UnitPrice, VAGUE, &["unitario"], &["custo"]),
    alone(UnitPrice, LIKELY, &["v", "un"]),
    alone(UnitPrice, LIKELY, &["v", "unit"]),
    rule(UnitPrice, FAIR, &["valor", "produto"], &["subtotal", "total"]),
    rule(UnitPrice, SURE, &["valor", "un"], &["custo"]),
    rule(UnitPrice, TOTAL, &["valor", "unit"], &["custo"]),
    rule(UnitPrice, CERTAIN, &["valor", "unitario"], &["custo"]),
    rule(UnitPrice, LIKELY, &["venda", "un"], &["custo"]),
    rule(Discount, SURE, &["desconto"], &["carrinho", "cupom", "faixa", "pedido"]),
    rule(Discount, SURE, &["descuento"], &[]),
    rule(Discount, SURE, &["discount"], &["band", "cart", "code", "order", "shipping"]),
    rule(Freight, LOOSE, &["envio"], NOT_ENVIO.0),
    rule(Freight, LIKELY, &["freight"], &[]),
    rule(Freight, SURE, &["frete"], &["modalidade", "tipo"]),
    rule(Freight, FAIR, &["shipping", "cost"], &[]),
    rule(Tax, LIKELY, &["imposto"], &[]),
    rule(Tax, FAIR, &["iva"], &["condicion", "id"]),
    rule(Tax, LIKELY, &["tax"], &["id", "unit"]),
    rule(Tax, FAIR, &["valor", "ipi"], &[]),
    alone(Fee, SURE, &["card", "fee"]),
    alone(Fee, SURE, &["comision", "marketplace"]),
    alone(Fee, SURE, &["comision", "plataforma"]),
    alone(Fee, SURE, &["comissao", "ifood"]),
    alone(Fee, SURE, &["comissao", "marketplace"]),
    alone(Fee, SURE, &["comissao", "mercado", "livre"]),
    alone(Fee, SURE, &["comissao", "plataforma"]),
    alone(Fee, SURE, &["comissao", "shopee"]),
    alone(Fee, SURE, &["fee"]),
    alone(Fee, SURE, &["fee", "amount"]),
    alone(Fee, SURE, &["marketplace", "fee"]),
    alone(Fee, SURE, &["payment", "fee"]),
    alone(Fee, SURE, &["paypal", "fee"]),
    alone(Fee, SURE, &["platform", "fee"]),
    alone(Fee, SURE, &["processing", "fee"]),
    alone(Fee, SURE, &["selling", "fee"]),
    alone(Fee, SURE, &["service", "fee"]),
    alone(Fee, SURE, &["stripe", "fee"]),
    alone(Fee, SURE, &["tarifa"]),
    alone(Fee, SURE, &["tarifa", "cartao"]),
    alone(Fee, SURE, &["tarifa", "marketplace"]),
    alone(Fee, SURE, &["tarifa", "mercado", "livre"]),
    alone(Fee, SURE, &["tarifa", "mercado", "pago"]),
    alone(Fee, SURE, &["tarifa", "plataforma"]),
    alone(Fee, SURE, &["tarifa", "venda"]),
    alone(Fee, SURE, &["taxa"]),
    alone(Fee, SURE, &["taxa", "administracao"]),
    alone(Fee, SURE, &["taxa", "cartao"]),
    alone(Fee, SURE, &["taxa", "ifood"]),
    alone(Fee, SURE, &["taxa", "intermediacao"]),
    alone(Fee, SURE, &["taxa", "marketplace"]),
    alone(Fee, SURE, &["taxa", "mercado", "livre"]),
    alone(Fee, SURE, &["taxa", "pagamento"]),
    alone(Fee, SURE, &["taxa", "plataforma"]),
    alone(Fee, SURE, &["taxa", "servico"]),
    alone(Fee, SURE, &["taxa", "shopee"]),
    alone(Fee, SURE, &["taxa", "venda"]),
    alone(Fee, SURE, &["transaction", "fee"]),
    alone(Fee, SURE, &["valor", "tarifa"]),
    alone(Fee, SURE, &["valor", "taxa"]),
    rule(Total, LIKELY, &["amount"], NOT_AMOUNT.0),
    rule(Total, SURE, &["ext", "price"], &[]),
    rule(Total, SURE, &["extended", "price"], &[]),
    rule(Total, REVENUE, &["faturamento"], &["bruto", "id", "meta"]),
    rule(Total, WEAK, &["faturamento", "bruto"], &["meta"]),
    rule(Total, NET_REVENUE, &["faturamento", "liquido"], &["meta"]),
    rule(Total, WEAK, &["gross", "amount"], &[]),
    rule(Total, WEAK, &["gross", "revenue"], &[]),
    rule(Total, WEAK, &["gross", "sale"], &[]),
    rule(Total, FAIR, &["importe"], &["unitario"]),
    rule(Total, FAIR, &["monto"], &["descuento"]),
    rule(Total, NET_REVENUE, &["net", "amount"], &[]),
    rule(Total, NET_REVENUE, &["net", "revenue"], &[]),
    rule(Total, TOTAL, &["net", "sale"], &[]),
    rule(Total, NET, &["net", "total"], &[]),
    rule(Total, CERTAIN, &["preco", "total"], &["custo"]),
    rule(Total, REVENUE, &["receita"], NOT_RECEITA.0),
    rule(Total, WEAK, &["receita", "bruta"], &["meta"]),
    rule(Total, NET_REVENUE, &["receita", "liquida"], &["meta"]),
    rule(Total, SURE, &["receita", "total"], &[]),
    rule(Total, FAIR, &["revenue"], &["gross", "target"]),
    rule(Total, LIKELY, &["sale"], NOT_SALE.0),
    rule(Total, AMOUNT, &["sale", "amount"], &["gross", "target"]),
    rule(Total, SUM, &["subtotal"], &["acumulado"]),
    rule(Total, TOTAL, &["total"], NOT_REVENUE.0),
    rule(Total, AMOUNT, &["total", "amount"], &["discount", "paid", "shipping", "tax"]),
    rule(Total, WEAK, &["total", "bruto"], &[]),
    rule(Total, AFTER_DISCOUNT_TOTAL, &["total", "com", "desconto"], &[]),
    rule(Total, LIKELY, &["total", "item"], &["cost", "custo"]),
    rule(Total, CERTAIN, &["total", "liquido"], &[]),
    rule(Total, SUM, &["total", "spent"], &[]),
    rule(Total, TOTAL, &["total", "venda"], NOT_REVENUE.0),
    rule(Total, VALUE, &["valor"], NOT_VALOR.0),
    rule(Total, POOR, &["valor", "bruto"], &["custo", "lucro"]),
    rule(Total, AFTER_DISCOUNT, &["valor", "com", "desconto"], &["unitario"]),
    rule(Total, FAIR, &["valor", "compra"], &["custo", "data", "imposto", "unitario"]),
    rule(Total, LIKELY, &["valor", "compra", "com", "imposto"], &["custo", "unitario"]),
    rule(Total, SURE, &["valor", "final"], &[]),
    rule(Total, NET, &["valor", "liquido"], &[]),
    rule(Total, FAIR, &["valor", "mercadoria"], &[]),
    rule(Total, CERTAIN, &["valor", "total"], NOT_REVENUE.0),
    rule(Total, SURE, &["valor", "venda"], &[]),
    rule(Total, SURE, &["valor", "vendido"], &[]),
    rule(Total, FAIR, &["venda"], NOT_VENDA.0),
    rule(Total, NET_REVENUE, &["venda", "liquida"], &["meta"]),
    rule(Total, LOOSE, &["venta"], NOT_VENTA.0),
    alone(Currency, SURE, &["currency"]),
    alone(Currency, SURE, &["currency", "code"]),
    alone(Currency, FAIR, &["divisa"]),
    alone(Currency, SURE, &["moeda"]),
    alone(Currency, SURE, &["moneda"]),
    rule(PaymentMethod, SURE, &["condicao", "pagamento"], &[]),
    rule(PaymentMethod, CERTAIN, &["forma", "pagamento"], &[]),
    rule(PaymentMethod, SURE, &["forma", "pago"], &[]),
    rule(PaymentMethod, SURE, &["meio", "pagamento"], &[]),
    rule(PaymentMethod, CERTAIN, &["metodo", "pagamento"], &[]),
    rule(PaymentMethod, FAIR, &["pagamento"], &["data", "id", "status", "valor"]),
    rule(PaymentMethod, FAIR, &["payment"], &["amount", "condition", "date", "id", "status"]),
    rule(PaymentMethod, CERTAIN, &["payment", "method"], &[]),
    rule(PaymentMethod, SURE, &["payment", "type"], &[]),
    rule(PaymentMethod, SURE, &["tipo", "pagamento"], &[]),
    rule(Status, LIKELY, &["estado", "pagamento"], &[]),
    rule(Status, SURE, &["estado", "pedido"], &[]),
    rule(Status, SURE, &["estado", "venda"], &[]),
    rule(Status, LIKELY, &["estatu"], &[]),
    rule(Status, LIKELY, &["situacao"], &["cliente"]),
    rule(Status, LIKELY, &["situacion"], &[]),
    rule(Status, SURE, &["status"], &["cliente", "estoque"]),
    rule(Seller, FAIR, &["atendente"], &[]),
    rule(Seller, SURE, &["nome", "vendedor"], &[]),
    rule(Seller, LIKELY, &["sale", "person"], &[]),
    rule(Seller, LIKELY, &["salesperson"], &[]),
    rule(Seller, LIKELY, &["seller"], &["id"]),
    rule(Seller, SURE, &["vendedor"], &["codigo", "comissao", "id", "matricula"]),
    rule(Store, FAIR, &["branch"], &[]),
    alone(Store, LOOSE, &["fil"]),
    rule(Store, LIKELY, &["filial"], &["bairro", "cidade", "id"]),
    rule(Store, SURE, &["loja"], &["bairro", "cidade", "cnpj", "id"]),
    rule(Store, LIKELY, &["store"], &["city", "id"]),
    rule(Store, VAGUE, &["unidade"], &["codigo", "id", "medida", "vendida"]),
    rule(Channel, SURE, &["canal"], &[]),
    rule(Channel, SURE, &["canal", "venda"], &[]),
    rule(Channel, SURE, &["channel"], &[]),
    rule(Channel, LOOSE, &["marketplace"], &[]),
    rule(Cost, LIKELY, &["cogs"], &[]),
    rule(Cost, FAIR, &["cost"], &["center", "shipping"]),
    rule(Cost, LIKELY, &["custo"], &["centro", "frete"]),
    rule(Cost, SURE, &["custo", "unitario"], &[]),
    rule(Cost, SURE, &["unit", "cost"], &[]),
    rule(Notes, FAIR, &["obs"], &[]),
    rule(Notes, LIKELY, &["observacao"], &[]),
    rule(Notes, LIKELY, &["observacoes"], &[]),
];
