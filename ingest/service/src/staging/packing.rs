//! Packs messages while their rows get identities. Keys come from the database one order line after the other, but
//! packing does not need the database, so it runs on another thread.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender as To, channel};
use std::thread;

use caudal_contract::message::{Body, Cancellation, ImportId, Message, MessageId, RejectedRow, Sale, VERSION, wire};
use caudal_contract::notice::Remark;
use caudal_platform::database::DbConnection;

use super::StageError;
use crate::identity::{Identities, Identity, Place, Rows, Sender, identify};
use caudal_reading::batch::Batch;
use caudal_reading::records::Records;

/// Brokers limit the size of a message (RabbitMQ 4: 16 MiB).
const MOST_PAYLOAD_BYTES: usize = MOST_PAYLOAD_MIB << 20;
pub(super) const MOST_PAYLOAD_MIB: usize = 15;
/// The most text in one message before it is packed: as much as five thousand rows of usual sheets have. This keeps
/// messages far below the limit, and packing, sending, reading and storing one needs little memory.
const MOST_TEXT_BYTES: usize = 1 << 20;

/// A message in the form in which it goes into the outbox.
pub(super) struct Packed {
    pub(super) message_id: MessageId,
    pub(super) payload: Vec<u8>,
}

/// Makes messages of one import.
pub(super) struct Packer {
    pub(super) import_id: ImportId,
    pub(super) source: String,
}

impl Packer {
    pub(super) fn pack(&self, body: Body) -> Result<Packed, StageError> {
        let message_id = MessageId::new();
        let (import_id, source) = (self.import_id, self.source.clone());
        let message = Message { version: VERSION, message_id, import_id, source, body };
        let payload = wire::to_payload(&message)?;
        // In the outbox such a message would block the publication of all later messages.
        if payload.len() > MOST_PAYLOAD_BYTES { Err(StageError::TooLong) } else { Ok(Packed { message_id, payload }) }
    }

    fn pack_rows(
        &self,
        records: &[Records<'_>],
        rejected: &[RejectedRow],
        rows_a_message: usize,
        keyed: Receiver<Keyed>,
    ) -> Result<Vec<Packed>, StageError> {
        let mut packed = Vec::new();
        for Keyed { sheet, first, identities } in keyed {
            let Some(records) = records.get(sheet) else { continue };
            for sales in chunks(records, first, &identities) {
                packed.push(self.pack(Body::Sales(sales))?);
            }
        }
        for (_, rows) in pieces(rejected, rows_a_message, |index| rejected.get(index).map_or(0, text_bytes)) {
            packed.push(self.pack(Body::Rejections(rows.to_vec()))?);
        }
        Ok(packed)
    }
}

/// The identities of the rows of a batch, sheet by sheet, the remarks about them, and the messages that hold them.
pub(super) struct Identified {
    pub(super) identities: Vec<Vec<Identity>>,
    pub(super) remarks: Vec<Remark>,
    pub(super) cancellations: Vec<Cancellation>,
    pub(super) packed: Vec<Packed>,
}

/// Gives the rows of a batch their identities. Meanwhile another thread packs these rows and the rejected ones,
/// `rows_a_message` rows in each message.
pub(super) fn identify_and_pack(
    connection: &mut DbConnection,
    sender: Sender<'_>,
    packer: &Packer,
    records: &[Records<'_>],
    batch: &Batch,
    rows_a_message: usize,
) -> Result<Identified, StageError> {
    let cancelled = batch.cancelled_records()?;
    thread::scope(|scope| {
        let (to, keyed) = channel();
        let packing = scope.spawn(move || packer.pack_rows(records, &batch.rejected, rows_a_message, keyed));
        let mut hand_over = HandOver { to, next: (0, 0), rows_a_message };
        let identified =
            identify(connection, sender, Rows { sales: records, cancelled: &cancelled }, |identities, end| {
                hand_over.up_to(identities, end);
            });
        drop(hand_over);
        let packed = packing.join().unwrap_or_else(|panic| resume_unwind(panic));
        let Identities { sales: identities, cancellations, remarks } = identified?;
        let mut packed = packed?;
        for part in cancellations.chunks(rows_a_message.max(1)) {
            packed.push(packer.pack(Body::Cancellations(part.to_vec()))?);
        }
        Ok(Identified { identities, remarks, cancellations, packed })
    })
}

/// Rows of a sheet with final identities, from `first` on.
struct Keyed {
    sheet: usize,
    first: usize,
    identities: Vec<Identity>,
}

/// Hands rows over for packing, one message at a time.
struct HandOver {
    to: To<Keyed>,
    next: Place,
    rows_a_message: usize,
}

impl HandOver {
    /// Called when the identities of all rows before `end` are final.
    fn up_to(&mut self, identities: &[Vec<Identity>], end: Place) {
        let lengths: Vec<usize> = identities.iter().map(Vec::len).collect();
        while let Some((sheet, rows)) = next_message(&mut self.next, &lengths, end, self.rows_a_message) {
            let first = rows.start;
            let Some(rows) = identities.get(sheet).and_then(|identities| identities.get(rows)) else { return };
            // The receiver is gone if packing failed. The join returns that error.
            if self.to.send(Keyed { sheet, first, identities: rows.to_vec() }).is_err() {
                return;
            }
        }
    }
}

/// The next rows that fill a message or end a sheet, if all of them are before `end`. Moves `next` behind them.
fn next_message(next: &mut Place, lengths: &[usize], end: Place, most_rows: usize) -> Option<(usize, Range<usize>)> {
    while *next < end {
        let (sheet, first) = *next;
        let length = *lengths.get(sheet)?;
        let stand = if sheet < end.0 { length } else { end.1.min(length) };
        let last = stand.min(first.saturating_add(most_rows));
        if last < length && last - first < most_rows {
            return None;
        }
        *next = if last == length { (sheet + 1, 0) } else { (sheet, last) };
        if first < last {
            return Some((sheet, first..last));
        }
    }
    None
}

/// The sales of rows from `first` on, cut into chunks if their texts are long.
pub(super) fn chunks<'a>(
    records: &'a Records<'_>,
    first: usize,
    identities: &'a [Identity],
) -> impl Iterator<Item = Vec<Sale>> + 'a {
    let text_bytes = move |index| records.text_bytes(first + index);
    pieces(identities, usize::MAX, text_bytes).map(move |(offset, identities)| {
        let rows = identities.iter().zip(first + offset..);
        rows.map(|(identity, index)| records.sale(index, identity.key, identity.fingerprint)).collect()
    })
}

/// Cuts rows into pieces of at most `most_rows`, or fewer if their texts are long. Each comes with the index of its
/// first row.
pub(super) fn pieces<'a, T>(
    rows: &'a [T],
    most_rows: usize,
    text_bytes: impl Fn(usize) -> usize + 'a,
) -> impl Iterator<Item = (usize, &'a [T])> + 'a {
    let mut first = 0;
    std::iter::from_fn(move || {
        let rest = rows.get(first..).filter(|rest| !rest.is_empty())?;
        let mut bytes = 0;
        let fits = |offset: &usize| {
            bytes += text_bytes(first + offset);
            bytes <= MOST_TEXT_BYTES
        };
        // A row that is too long by itself gets a piece of its own.
        let length = (0..rest.len().min(most_rows)).take_while(fits).count().max(1);
        let piece = (first, rest.get(..length)?);
        first += length;
        Some(piece)
    })
}

pub(super) fn text_bytes(row: &RejectedRow) -> usize {
    row.cells.iter().map(|(header, value)| header.len() + value.len()).sum()
}

#[cfg(test)]
mod tests {
    use caudal_contract::money::Cents;

    use super::*;

    #[test]
    fn messages_hold_a_number_of_rows_and_fewer_long_ones() {
        let cut = |lengths: &[usize], most_rows| -> Vec<(usize, usize)> {
            pieces(lengths, most_rows, |index| lengths[index]).map(|(first, rows)| (first, rows.len())).collect()
        };
        assert_eq!(cut(&[], 3), []);
        assert_eq!(cut(&[10; 7], 3), [(0, 3), (3, 3), (6, 1)]);
        let half = MOST_TEXT_BYTES / 2;
        assert_eq!(cut(&[half, half, 1, 3 * half, 5], 100), [(0, 2), (2, 1), (3, 1), (4, 1)]);
        assert_eq!(cut(&[10; 3], usize::MAX), [(0, 3)]);
    }

    #[test]
    fn what_no_broker_takes_is_refused_before_it_is_in_anybodys_way() {
        let packer = Packer { import_id: ImportId::new(), source: "loja".into() };
        // Text that can hardly be compressed.
        let noise = |bytes: usize| -> String {
            let mut state = 1_u64;
            let letter = |_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'!' + u8::try_from(state >> 58).unwrap())
            };
            (0..bytes).map(letter).collect()
        };
        let row = |bytes| {
            let cells = vec![("Notes".to_owned(), noise(bytes))];
            Body::Rejections(vec![RejectedRow {
                sheet: String::new(),
                row: 2,
                reasons: Vec::new(),
                amount: Cents(0),
                cells,
            }])
        };
        assert!(packer.pack(row(MOST_TEXT_BYTES)).is_ok());
        assert!(matches!(packer.pack(row(MOST_PAYLOAD_BYTES + 1)), Err(StageError::TooLong)));
    }

    #[test]
    fn rows_are_handed_over_when_they_fill_a_message_or_end_a_sheet_and_each_once() {
        let mut next = (0, 0);
        let mut up_to = |end| -> Vec<(usize, Range<usize>)> {
            std::iter::from_fn(|| next_message(&mut next, &[7, 0, 3], end, 3)).collect()
        };
        assert_eq!(up_to((0, 2)), []);
        assert_eq!(up_to((0, 4)), [(0, 0..3)]);
        assert_eq!(up_to((0, 4)), []);
        assert_eq!(up_to((0, 7)), [(0, 3..6), (0, 6..7)]);
        assert_eq!(up_to((2, 1)), []);
        assert_eq!(up_to((3, 0)), [(2, 0..3)]);
        assert_eq!(up_to((3, 0)), []);
    }
}
