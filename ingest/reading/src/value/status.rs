//! What the words of a status say about a sale, in Portuguese, Spanish and English and in the codes of shop systems.

use caudal_contract::text::folded;

use crate::words::statuses::{
    APPROVED, CANCELLATION, CANCELLED, CANCELLED_WORDS, DENIES, PARTLY, PLACED, PLACED_WORDS, REFUSED_BEFORE,
    REFUSED_BEHIND, RETURN, RETURN_WORDS, RETURNED, SKIPPED_BEHIND, UNDER_WAY, UNPAID, UNPAID_PHRASES,
};

/// What a status says about the money of a sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing was sold: the order was cancelled or void, or its payment was refused or expired.
    Cancelled,
    /// All of the money was returned.
    Returned,
    /// A part of the money was returned.
    PartlyReturned,
    /// The payment is still awaited.
    Unpaid,
}

/// What a status says. `None` if it says nothing that changes the money: it was paid, sent, or the word is unknown.
pub(crate) fn said(status: &str) -> Option<Said> {
    let status = folded(status);
    let words = Words(status.split(' ').filter(|word| !word.is_empty()).collect());
    let returned = words.acted(|word| RETURNED.begin(word)) || words.act(is_return) || status.contains("charged back");
    let cancelled = words.acted(|word| CANCELLED.begin(word) || CANCELLED_WORDS.has(word))
        || words.act(|word| CANCELLATION.begin(word))
        || words.places(|word| APPROVED.begin(word)).any(|place| words.is_denied(place));
    if (returned || cancelled) && words.any(|word| PARTLY.begin(word)) {
        return Some(Said::PartlyReturned);
    }
    if cancelled {
        return Some(Said::Cancelled);
    }
    if returned {
        return Some(Said::Returned);
    }
    (words.any(|word| UNPAID.begin(word)) || UNPAID_PHRASES.are_in(&status)).then_some(Said::Unpaid)
}

/// Whether a status says that a sale took place and still stands: it was paid, sent or delivered.
pub(crate) fn took_place(status: &str) -> bool {
    if said(status).is_some() {
        return false;
    }
    let status = folded(status);
    let words = Words(status.split(' ').collect());
    words.places(|word| PLACED.begin(word) || PLACED_WORDS.has(word)).any(|place| !words.is_denied(place))
}

/// Whether a word names the act of returning the money.
fn is_return(word: &str) -> bool {
    RETURN.begin(word) || RETURN_WORDS.has(word)
}

/// The folded words of a status.
struct Words<'a>(Vec<&'a str>);

impl Words<'_> {
    fn at(&self, place: Option<usize>) -> &str {
        place.and_then(|place| self.0.get(place)).copied().unwrap_or_default()
    }

    fn places(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(move |(_, word)| is(word)).map(|(place, _)| place)
    }

    fn any(&self, is: impl Fn(&str) -> bool) -> bool {
        self.0.iter().any(|word| is(word))
    }

    /// Whether one of the two words before denies this one. "No" means "in the" in Portuguese, so it has to stand right
    /// before the word or at the beginning.
    fn is_denied(&self, place: usize) -> bool {
        let denies = |back: usize| DENIES.has(self.at(place.checked_sub(back)));
        denies(1) || denies(2) || self.at(place.checked_sub(1)) == "no" || place > 0 && self.at(Some(0)) == "no"
    }

    /// Whether the act at this place was refused: "Estorno negado", "refund request was denied", "failed refund".
    fn is_refused(&self, place: usize) -> bool {
        let behind = (place + 1..=place + 3).map(|place| self.at(Some(place))).find(|word| !SKIPPED_BEHIND.has(word));
        behind.is_some_and(|word| REFUSED_BEHIND.begin(word)) || REFUSED_BEFORE.has(self.at(place.checked_sub(1)))
    }

    /// Whether an act took place that is named by a noun. It may be only asked for, under way or refused.
    fn act(&self, names: fn(&str) -> bool) -> bool {
        let took_place = |place: usize| !self.is_denied(place) && !self.is_refused(place);
        !self.any(|word| UNDER_WAY.begin(word)) && self.places(names).any(took_place)
    }

    /// Whether something was done, by a participle. "Recusado" behind "estorno" refuses the act, not the sale.
    fn acted(&self, done: fn(&str) -> bool) -> bool {
        let is_act = |word: &str| is_return(word) || CANCELLATION.begin(word);
        let refuses = |place: usize| {
            let acts = (place.saturating_sub(3)..place).filter(|before| is_act(self.at(Some(*before))));
            acts.into_iter().any(|act| self.is_refused(act))
                || REFUSED_BEFORE.has(self.at(Some(place))) && RETURN_WORDS.has(self.at(Some(place + 1)))
        };
        self.places(done).any(|place| !self.is_denied(place) && !refuses(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_status_are_known_anywhere_in_the_cell() {
        for status in [
            "Cancelado pelo cliente",
            "ANULADA",
            "Pedido cancelado",
            "failed",
            "Recusado",
            "Void",
            "Rechazado",
            "Expirado",
            "wc-cancelled",
            "Pagamento recusado",
            "Vencido",
            "payment_declined",
            "Cancelada por devolución",
            "CANCELADO",
            "Pago rechazado",
            "Venda cancelada. Não envie.",
            "Cancelamento",
            "Pagamento não aprovado",
            "Nota inutilizada",
        ] {
            assert_eq!(said(status), Some(Said::Cancelled), "{status}");
        }
        for status in [
            "Reembolsado",
            "Refunded",
            "Estornada",
            "Devolvido",
            "Chargeback",
            "wc-refunded",
            "Pagamento estornado",
            "Venda devolvida",
            "Totalmente reembolsado",
            "charged back",
            "Devuelto",
            "REFUND",
            "Contracargo",
        ] {
            assert_eq!(said(status), Some(Said::Returned), "{status}");
        }
        for status in ["Parcialmente estornado", "partially_refunded", "Devolução parcial", "Reembolso parcial"] {
            assert_eq!(said(status), Some(Said::PartlyReturned), "{status}");
        }
        for status in ["Aguardando pagamento", "pending", "Pendiente", "on-hold", "Não pago", "partially_paid"] {
            assert_eq!(said(status), Some(Said::Unpaid), "{status}");
        }
        for status in [
            "Pago",
            "Não cancelado",
            "not refunded",
            "Enviado",
            "No reembolsado",
            "Janela para cancelamento",
            "paid",
            "Cancelamento recusado",
            "Refund denied",
            "Estorno negado",
            "window-to-cancellation",
            "Confirmado",
            "Sem devolução",
            "Cancelamento solicitado",
            "non-refundable",
            "Devolução a caminho",
            "Chargeback won",
        ] {
            assert_eq!(said(status), None, "{status}");
        }
        for status in ["Pago", "Fatura paga", "paid", "Succeeded", "Entregue", "Completed", "Atendido"] {
            assert!(took_place(status), "{status}");
        }
        for status in ["Não entregue", "Em análise", "Pagamento em análise", "pending", "refunded", "unpaid", ""] {
            assert!(!took_place(status), "{status}");
        }
    }
}
