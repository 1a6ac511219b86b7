//! Gives every request body a deadline, and marks a connection as idle only when its answer is complete.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::ConnectionType;
use actix_web::middleware::Next;
use actix_web::rt::time::{Sleep, sleep_until};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, ResponseError};
use caudal_platform::http::ApiProblem;
use futures_util::Stream;

use super::{Place, worth};
use crate::health::{HEALTH, READY};

/// The deadline of even the smallest body, and the time before the lowest rate is required.
const DEADLINE: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(10);
/// The number of bytes that extends the deadline by a second.
const USUAL_RATE: u64 = 64 * 1024;
/// The longest piece of an answer, in bytes.
const PIECE: usize = 16 * 1024;
/// Wraps every request: limits its body, and tells the connection's place which side waits for the other.
///
/// # Errors
/// The error of the handler.
pub async fn limit(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let place = request.conn_data::<Arc<Place>>().cloned();
    let is_reserved = place.as_ref().is_some_and(|place| place.is_reserved);
    let is_lost = place.as_ref().is_some_and(|place| place.is_given_away.load(Ordering::Acquire));
    if is_lost || is_reserved && ![HEALTH, READY].contains(&request.path()) {
        return Ok(closing(request.into_response(ApiProblem::Unavailable.error_response())));
    }
    let is_late = Rc::new(Cell::new(false));
    let work = Work::begin(place);
    match request.take_payload() {
        Payload::None => {}
        body => {
            let arriving = Arriving::new(body, work.place.clone(), Rc::clone(&is_late));
            request.set_payload(Payload::Stream { payload: Box::pin(arriving) });
        }
    }
    let response = match next.call(request).await {
        Ok(response) if is_late.get() => closing(response.into_response(ApiProblem::BodyTooSlow.error_response())),
        Err(_) if is_late.get() => return Err(ApiProblem::BodyTooSlow.into()),
        response if is_reserved => closing(response?.map_into_boxed_body()),
        response => response?.map_into_boxed_body(),
    };
    Ok(response.map_body(|_, body| Answer { body, rest: Bytes::new(), _work: work }.boxed()))
}

fn closing(mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    // The server leaves out a `Connection` header that is set without this.
    response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    response
}

/// A request in progress, until its answer is made.
struct Work {
    place: Option<Arc<Place>>,
}

impl Work {
    fn begin(place: Option<Arc<Place>>) -> Self {
        if let Some(place) = &place {
            place.begins_request();
        }
        Self { place }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.ends_request();
        }
    }
}

/// A body on its way to us.
struct Arriving {
    body: Payload,
    place: Option<Arc<Place>>,
    is_late: Rc<Cell<bool>>,
    /// The moment when the handler first asked for the body. Before that, the peer waits for us.
    begun: Option<Instant>,
    bytes: u64,
    timer: Pin<Box<Sleep>>,
}

impl Arriving {
    fn new(body: Payload, place: Option<Arc<Place>>, is_late: Rc<Cell<bool>>) -> Self {
        let timer = Box::pin(sleep_until(Instant::now().into()));
        Self { body, place, is_late, begun: None, bytes: 0, timer }
    }

    fn late(&self) -> Poll<Option<Result<Bytes, PayloadError>>> {
        self.is_late.set(true);
        let error = io::Error::new(io::ErrorKind::TimedOut, "the body did not arrive in time");
        Poll::Ready(Some(Err(PayloadError::Incomplete(Some(error)))))
    }
}

/// How long a body may have taken when this many bytes have come.
fn may_take(bytes: u64) -> Duration {
    let usual = DEADLINE + Duration::from_secs(bytes / USUAL_RATE);
    let slowest = GRACE + worth(bytes);
    usual.min(slowest)
}

impl Stream for Arriving {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_late.get() {
            return Poll::Ready(None);
        }
        let begun = *self.begun.get_or_insert_with(Instant::now);
        let piece = Pin::new(&mut self.body).poll_next(context);
        match &piece {
            Poll::Ready(Some(Ok(bytes))) => {
                let bytes = bytes.len() as u64;
                self.bytes += bytes;
                if let Some(place) = &self.place {
                    place.sends(bytes);
                }
                let is_late = begun.elapsed() > may_take(self.bytes);
                if is_late { self.late() } else { piece }
            }
            Poll::Ready(_) => {
                if let Some(place) = &self.place {
                    place.works();
                }
                piece
            }
            Poll::Pending => {
                if let Some(place) = &self.place {
                    place.waits_for_body();
                }
                let due = begun + may_take(self.bytes);
                self.timer.as_mut().reset(due.into());
                if self.timer.as_mut().poll(context).is_ready() { self.late() } else { Poll::Pending }
            }
        }
    }
}

impl Drop for Arriving {
    /// The handler wants no more of the body.
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.works();
        }
    }
}

/// An answer on its way to the peer, in pieces. The server buffers the unwritten part, and a peer that does not read must not
/// make it buffer a whole file.
struct Answer {
    body: BoxBody,
    /// The rest of a piece that was too long.
    rest: Bytes,
    _work: Work,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(bytes))) => self.rest = bytes,
                other => return other,
            }
        }
        let piece = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(piece))))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};

    use super::*;

    #[test]
    fn a_body_has_a_deadline_and_a_lowest_rate() {
        let seconds = |bytes| may_take(bytes).as_secs();
        assert_eq!(seconds(0), 10, "nothing at all");
        assert_eq!(seconds(16 * 1024), 26, "a form at the lowest rate");
        assert_eq!(seconds(8 * 1024 * 1024), 158, "the largest batch");
        assert_eq!(seconds(1024 * 1024), 46);
    }

    #[actix_web::test]
    async fn a_body_that_does_not_come_ends_with_an_error_and_is_told_to_be_late() {
        let never: Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>> = Box::pin(stream::pending());
        let is_late = Rc::new(Cell::new(false));
        let mut arriving = Arriving::new(Payload::Stream { payload: never }, None, Rc::clone(&is_late));
        assert!(arriving.next().now_or_never().is_none() && !is_late.get());
        arriving.begun = Instant::now().checked_sub(GRACE);
        assert!(matches!(arriving.next().await, Some(Err(PayloadError::Incomplete(Some(_))))));
        assert!(is_late.get() && arriving.next().await.is_none());
    }

    #[actix_web::test]
    async fn a_body_that_comes_too_slowly_is_late_though_it_comes() {
        let trickle = stream::repeat_with(|| Ok(Bytes::from_static(b"x")));
        let is_late = Rc::new(Cell::new(false));
        let mut arriving = Arriving::new(Payload::Stream { payload: Box::pin(trickle) }, None, Rc::clone(&is_late));
        assert!(matches!(arriving.next().await, Some(Ok(_))));
        arriving.begun = Instant::now().checked_sub(GRACE * 2);
        assert!(matches!(arriving.next().await, Some(Err(_))) && is_late.get());
    }
}
