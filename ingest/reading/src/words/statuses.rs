//! Words for sales that never took place or were undone, and for answers in cells.

lists! {
    /// Words that such a header may have besides. With any other word it names an amount or a reason.
    ASKS_BESIDE: HeaderWords = ["at", "data", "date", "fecha", "foi", "is", "on", "order", "pedido", "venda"];
    /// Headers that ask whether a sale was cancelled or undone.
    ASKS_WHETHER_UNDONE: HeaderWords = [
        "anulada", "anulado", "cancelada", "cancelado", "cancelamento", "canceled", "cancelled", "devolvida",
        "devolvido", "estornado", "reembolsado", "refunded", "returned", "void", "voided",
    ];
    /// States in which nothing was sold: the sale was cancelled or void, or its payment failed for good.
    CANCELLED: Starts = [
        "abandon", "anulad", "cancel", "declin", "denegad", "denied", "expir", "failed", "failure", "falh",
        "inutilizad", "negad", "rechazad", "recusad", "refused", "rejected", "rejei", "void",
    ];
    /// Of these, the words that also count behind the first word of a state: "Pedido cancelado". The others do not,
    /// because of states such as "Pago, não expirado".
    CANCELLED_BEHIND: Starts = ["cancel"];
    /// First words of states that deny the rest: "Não cancelado".
    DENIES: TextWords = ["nao", "no", "not", "sem"];
    /// Kinds of payment that say that they are another kind. They are understood, although they name none.
    OTHER_PAYMENT: TextWords = ["other", "otros", "outro", "outros"];
    /// States in which only a part was undone.
    PARTLY: Parts = ["parcial", "partial"];
    /// States in which all of the money was returned. Unlike [`CANCELLED`] they leave the sale, and its refund with a
    /// negative amount balances it.
    RETURNED: Starts = ["chargeback", "devol", "estorn", "reembols", "refund", "returned"];
    /// Answers that say yes, as the whole cell.
    YES: TextWords = ["s", "si", "sim", "true", "verdadeiro", "x", "y", "yes"];
}
