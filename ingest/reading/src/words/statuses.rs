//! Words for sales that never took place, were undone or wait for their payment, and for answers in cells.

lists! {
    /// Words of an approval. A payment that was not approved was refused.
    APPROVED: Starts = [
        "approved", "aprobad", "aprovad", "authorised", "authorized", "autorizad",
    ];
    /// Words that such a header may have besides. With any other word it names an amount or a reason.
    ASKS_BESIDE: HeaderWords = [
        "and", "at", "data", "date", "dia", "e", "fecha", "foi", "hora", "is", "on", "order", "pedido", "time",
        "venda", "was", "y",
    ];
    /// Headers that ask whether a sale was cancelled or undone.
    ASKS_WHETHER_UNDONE: HeaderWords = [
        "anulacion", "anulada", "anulado", "canc", "cancelacao", "cancelacion", "cancelada", "cancelado",
        "cancelamento", "canceled", "cancellation", "cancelled", "chargeback", "devolvida", "devolvido", "devuelta",
        "devuelto", "estornado", "reembolsado", "refunded", "returned", "void", "voided",
    ];
    /// The act of cancelling. It may be asked for or refused, and then the sale stands.
    CANCELLATION: Starts = [
        "anulacao", "anulacion", "cancelacao", "cancelacion", "cancelament", "cancellation",
    ];
    /// States in which nothing was sold: the sale was cancelled or void, or its payment failed or ran out.
    CANCELLED: Starts = [
        "abandon", "annulled", "anulad", "caducad", "cancelad", "canceled", "cancelled", "cancelou", "declin",
        "denegad", "denied", "expirad", "expired", "expirou", "failed", "failure", "falh", "fallid", "inutilizad",
        "negad", "rechazad", "recusad", "refused", "rejected", "rejei", "vencid", "voided",
    ];
    /// Of the same meaning, as whole words, because longer words say something else.
    CANCELLED_WORDS: TextWords = [
        "canc", "cancel", "cancelo", "trash", "void",
    ];
    /// Words that deny the word behind them: "Não cancelado".
    DENIES: TextWords = [
        "nao", "nenhum", "nenhuma", "never", "ninguna", "non", "not", "nunca", "sem", "sin", "without",
    ];
    /// Kinds of payment that say that they are another kind. They are understood, although they name none.
    OTHER_PAYMENT: TextWords = [
        "other", "otros", "outro", "outros",
    ];
    /// States in which only a part was undone.
    PARTLY: Starts = [
        "parcial", "partial", "partly",
    ];
    /// States of a sale that took place: it was paid, sent or delivered.
    PLACED: Starts = [
        "approved", "aprobad", "aprovad", "atendid", "captur", "cobrad", "complet", "conclu", "confirm", "deliver",
        "despachad", "entreg", "enviad", "facturad", "faturad", "finaliz", "fulfilled", "liquidad", "pagad", "pago",
        "paid", "recebid", "received", "settled", "shipped", "succe", "vendid",
    ];
    /// The same as whole words, because longer words say something else.
    PLACED_WORDS: TextWords = [
        "paga",
    ];
    /// Words right before an act that say that it did not take place.
    REFUSED_BEFORE: TextWords = [
        "declined", "denied", "failed", "rejected",
    ];
    /// Words right behind an act that say that it did not take place.
    REFUSED_BEHIND: Starts = [
        "cancelad", "canceled", "cancelled", "declin", "denegad", "denied", "expirad", "expired", "failed", "falh",
        "fallid", "ganad", "ganh", "negad", "rechazad", "recusad", "refused", "rejected", "rejei", "reversed",
        "revertid", "won",
    ];
    /// The act of returning the money. It may be asked for or refused, and then the sale stands.
    RETURN: Starts = [
        "chargeback", "contracargo", "devoluc", "estorno", "reembolso",
    ];
    /// States in which all of the money was returned. Unlike [`CANCELLED`] they leave the sale, and its refund with a negative amount balances it.
    RETURNED: Starts = [
        "devolvid", "devuelt", "estornad", "reembolsad", "refunded", "reintegrad", "returned", "reversed",
    ];
    /// The same act, as whole words, because longer words say something else: "returning customer".
    RETURN_WORDS: TextWords = [
        "refund", "refunds", "return",
    ];
    /// Words between an act and the word that says that it did not take place.
    SKIPPED_BEHIND: TextWords = [
        "da", "de", "del", "do", "foi", "fue", "is", "payment", "request", "was",
    ];
    /// States that are only asked for or under way.
    UNDER_WAY: Starts = [
        "aguard", "analis", "andament", "await", "caminh", "camino", "carencia", "inici", "janela", "para", "pend",
        "prazo", "prepara", "process", "request", "revis", "solicit", "transit", "ventana", "waiting", "window",
    ];
    /// States of a sale that waits for its payment.
    UNPAID: Starts = [
        "aguardando", "awaiting", "impag", "pendente", "pendiente", "pending", "unconfirmed", "unpaid",
    ];
    /// The same, as parts of the whole state.
    UNPAID_PHRASES: Parts = [
        "a pagar", "authorized", "autorizado", "em aberto", "espera de pag", "esperando pag", "nao pag", "no pagad",
        "not paid", "on hold", "parcialmente pag", "partially paid", "payment due", "por pagar",
    ];
    /// Answers that say yes, as the whole cell.
    YES: TextWords = [
        "s", "si", "sim", "true", "verdadeiro", "x", "y", "yes",
    ];
}
