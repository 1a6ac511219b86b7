//! A CSV download. A thread that may block reads the list and sends it piece by piece, as fast as the reader receives it.

use std::time::Duration;

use actix_web::web::Bytes;
use caudal_platform::database::Database;
use futures_util::{Stream, StreamExt, future, stream};
use tokio::runtime::Handle;
use tokio::sync::{SemaphorePermit, mpsc};

use crate::report::csv::Profile;
use crate::report::{ReportError, ReportRequest};

/// Pieces that wait for a slow reader. If there are more, the thread waits.
const PIECES_AHEAD: usize = 4;
/// The download is given up if the reader receives nothing for this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A part of a download. The explicit end is needed because a list that stopped half-way would otherwise look complete.
enum Piece {
    Bytes(Bytes),
    End,
}

type Sender = mpsc::Sender<Result<Piece, ReportError>>;
type Receiver = mpsc::Receiver<Result<Piece, ReportError>>;

/// Starts reading and waits for the first bytes, so that an immediate failure can still be answered with an error page. A later
/// failure is an error in the stream, which breaks the connection. The permit is kept until the thread has finished.
pub(super) async fn start(
    database: Database,
    request: ReportRequest,
    profile: Profile,
    permit: SemaphorePermit<'static>,
) -> Result<impl Stream<Item = Result<Bytes, ReportError>>, ReportError> {
    let (sender, mut receiver) = mpsc::channel(PIECES_AHEAD);
    // Not through `Pages::ask`, because the first bytes are sent while the thread still reads.
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        feed(&database, &request, profile, &sender);
    });
    match receiver.recv().await {
        Some(Ok(Piece::Bytes(first))) => Ok(stream::once(future::ready(Ok(first))).chain(rest(receiver))),
        Some(Ok(Piece::End)) | None => Err(ReportError::Interrupted),
        Some(Err(error)) => Err(error),
    }
}

fn feed(database: &Database, request: &ReportRequest, profile: Profile, sender: &Sender) {
    let outcome = walk(database, request, profile, sender).map(|()| Piece::End);
    match &outcome {
        Ok(_) => {}
        Err(ReportError::Interrupted) => tracing::info!("a CSV download was interrupted by its reader"),
        Err(error) => tracing::error!(%error, "a CSV download failed before its end"),
    }
    // A failed send is ignored, because it means that the receiver is gone.
    let _ended = send(sender, outcome);
}

fn walk(database: &Database, request: &ReportRequest, profile: Profile, sender: &Sender) -> Result<(), ReportError> {
    request.csv(profile, &mut *database.get()?, |bytes| send(sender, Ok(Piece::Bytes(bytes.into()))))
}

fn send(sender: &Sender, piece: Result<Piece, ReportError>) -> Result<(), ReportError> {
    match Handle::current().block_on(tokio::time::timeout(PATIENCE, sender.send(piece))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(ReportError::Interrupted),
    }
}

fn rest(receiver: Receiver) -> impl Stream<Item = Result<Bytes, ReportError>> {
    stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Ok(Piece::Bytes(bytes))) => Some((Ok(bytes), Some(receiver))),
            Some(Ok(Piece::End)) => None,
            Some(Err(error)) => Some((Err(error), None)),
            None => Some((Err(ReportError::Interrupted), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use caudal_contract::language::Language;
    use caudal_platform::testing::Backend;
    use chrono::Utc;
    use diesel::connection::SimpleConnection;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::report::csv::CsvReport;
    use crate::view::sales::SalesFilter;

    static PERMITS: Semaphore = Semaphore::const_new(9);

    fn report() -> CsvReport {
        CsvReport { profile: Profile::Data, language: Language::Portuguese, time_zone: chrono_tz::America::Sao_Paulo }
    }

    /// The report of all sales.
    fn request() -> ReportRequest {
        let CsvReport { language, time_zone, .. } = report();
        ReportRequest { filter: SalesFilter::default(), language, time_zone, now: Utc::now() }
    }

    /// A database with this many sales.
    fn database(sales: u32) -> (Backend, Database) {
        let backend = Backend::new();
        let database = backend.database("distrib");
        crate::migrate(&database).unwrap();
        let rows = format!(
            "INSERT INTO imports (id, uuid, source, first_seen_at) VALUES (1, 'u', '', '2026-11-22 12:00:00');
             INSERT INTO products (id, identity, name, search_name) VALUES (1, 'p', 'Café', 'cafe');
             INSERT INTO sales (id, sale_key, fingerprint, import_id, sheet, row, sold_at, sold_on, sold_time, product_id, quantity, amount)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {sales})
             SELECT i, CAST(CAST(i AS TEXT) AS BLOB), x'00', 1, 'Vendas', i, '2026-11-20 13:00:00', '2026-11-20', 'exact', 1, 10000, i
             FROM n WHERE i <= {sales};"
        );
        backend.fill(&database, &rows);
        (backend, database)
    }

    async fn download(database: Database) -> Vec<u8> {
        let permit = PERMITS.acquire().await.unwrap();
        let pieces = start(database, request(), Profile::Data, permit).await.unwrap();
        let pieces: Vec<_> = pieces.collect().await;
        pieces.into_iter().flat_map(|piece| piece.unwrap()).collect()
    }

    #[actix_web::test]
    async fn a_long_list_arrives_whole_in_its_order() {
        let (_backend, database) = database(3_456);
        let bytes = download(database).await;
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let ids: Vec<u32> = reader.records().map(|row| row.unwrap()[0].parse().unwrap()).collect();
        assert_eq!(ids, (1..=3_456).rev().collect::<Vec<_>>());
    }

    #[actix_web::test]
    async fn an_empty_list_still_has_its_titles() {
        let (_backend, database) = database(0);
        assert_eq!(download(database).await, report().header().unwrap());
    }

    #[actix_web::test]
    async fn a_database_that_fails_at_once_is_an_error_not_a_file() {
        let (_backend, database) = database(0);
        database.get().unwrap().batch_execute("ALTER TABLE sales RENAME TO elsewhere").unwrap();
        let permit = PERMITS.acquire().await.unwrap();
        let outcome = start(database, request(), Profile::Data, permit).await;
        assert!(matches!(outcome.err(), Some(ReportError::Query(_))));
    }

    #[actix_web::test]
    async fn a_list_that_stops_half_way_ends_in_an_error() {
        let (sender, receiver) = mpsc::channel(2);
        sender.send(Ok(Piece::Bytes(Bytes::from_static(b"half")))).await.map_err(|_closed| ()).unwrap();
        drop(sender);
        let pieces: Vec<_> = rest(receiver).collect().await;
        assert!(matches!(pieces.as_slice(), [Ok(_), Err(ReportError::Interrupted)]));
    }

    #[actix_web::test]
    async fn a_reader_that_goes_away_frees_its_place() {
        let (_backend, database) = database(20_000);
        static ONE: Semaphore = Semaphore::const_new(1);
        let permit = ONE.acquire().await.unwrap();
        drop(start(database, request(), Profile::Data, permit).await.unwrap());
        let freed = tokio::time::timeout(Duration::from_secs(10), ONE.acquire()).await;
        assert!(freed.is_ok());
    }
}
