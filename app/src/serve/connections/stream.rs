//! A connection that is cut if its peer sends no head or does not read its answer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use actix_web::rt::time::{Sleep, sleep_until};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{KEEP_ALIVE, MOST_HEAD, Place, Ticket, worth};

/// How long a peer may take to send the next whole head after its last answer.
const MOST_IDLE: Duration = KEEP_ALIVE.saturating_add(MOST_HEAD);
/// How far a peer may be behind with reading.
const MOST_BLOCKED: Duration = Duration::from_secs(20);

/// A connection with its place.
pub struct Guarded {
    io: TcpStream,
    ticket: Ticket,
    /// Since when nothing can be written to the peer.
    blocked: Option<Instant>,
    /// How far the peer was behind before: the time that we waited, minus the worth of the bytes that it has read since at the
    /// lowest rate. Never below zero, so that reading a lot does not earn hours of silence.
    behind: Duration,
    timer: Pin<Box<Sleep>>,
}

impl Guarded {
    pub(super) fn new(io: TcpStream, ticket: Ticket) -> Self {
        let timer = Box::pin(sleep_until((Instant::now() + MOST_IDLE).into()));
        Self { io, ticket, blocked: None, behind: Duration::ZERO, timer }
    }

    /// The place of this connection. Each request looks it up to report its progress.
    pub fn place(&self) -> Arc<Place> {
        Arc::clone(&self.ticket.place)
    }

    /// Whether written bytes leave without waiting for more.
    #[cfg(test)]
    pub(super) fn is_sent_at_once(&self) -> bool {
        self.io.nodelay().unwrap_or(false)
    }

    /// Fails if another connection has the place now. Otherwise the task is woken when that happens.
    fn check_place(&self, context: &Context<'_>) -> io::Result<()> {
        let place = &self.ticket.place;
        place.waker.register(context.waker());
        if place.is_given_away.load(Ordering::Acquire) {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "another connection has its place"));
        }
        Ok(())
    }

    /// Fails if the peer has been idle for too long. Otherwise the task is woken at that time.
    fn check_idle(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.ticket.place.is_idle_for() {
            Some(idle) => self.wake_in(MOST_IDLE.checked_sub(idle), context, "no request came in time"),
            None => Ok(()),
        }
    }

    /// Fails if the peer has not read for too long. Otherwise the task is woken at that time.
    fn check_reading(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let behind = self.behind + self.blocked.get_or_insert_with(Instant::now).elapsed();
        self.ticket.place.is_blocked_for(behind);
        self.wake_in(MOST_BLOCKED.checked_sub(behind), context, "an answer was not read in time")
    }

    fn wake_in(&mut self, left: Option<Duration>, context: &mut Context<'_>, late: &'static str) -> io::Result<()> {
        let late = || io::Error::new(io::ErrorKind::TimedOut, late);
        let left = left.ok_or_else(late)?;
        self.timer.as_mut().reset((Instant::now() + left).into());
        match self.timer.as_mut().poll(context) {
            Poll::Ready(()) => Err(late()),
            Poll::Pending => Ok(()),
        }
    }

    /// The peer has read, because this many bytes could be written.
    fn has_read(&mut self, bytes: usize) {
        if let Some(since) = self.blocked.take() {
            self.behind += since.elapsed();
            self.ticket.place.is_not_blocked();
        }
        self.behind = self.behind.saturating_sub(worth(bytes as u64));
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check_place(context)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.io).poll_read(context, buffer);
        let has_come = buffer.filled().len() > before;
        if has_come {
            self.ticket.place.begins_to_send();
        }
        if read.is_pending() || has_come {
            // Also checked if bytes came, because a head may come byte by byte.
            self.check_idle(context)?;
        }
        read
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check_place(context)?;
        match Pin::new(&mut self.io).poll_write(context, bytes) {
            Poll::Ready(written) => {
                let written = written?;
                self.has_read(written);
                Poll::Ready(Ok(written))
            }
            Poll::Pending => {
                self.check_reading(context)?;
                Poll::Pending
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Checked here too, because nothing may be read or written at the moment.
        self.check_place(context)?;
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use actix_web::rt::net::TcpListener;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::serve::connections::Places;

    /// A connection from a peer, and the peer.
    async fn connection() -> (Guarded, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (guarded, _) = Places::new(2).admit(listener.accept().await.unwrap().0).unwrap();
        (guarded, peer)
    }

    /// Writes until the peer has to read before more fits.
    async fn fill(guarded: &mut Guarded) -> io::Result<usize> {
        let mut bytes = 0;
        loop {
            let written = poll_fn(|context| Poll::Ready(Pin::new(&mut *guarded).poll_write(context, &[0; 8192]))).await;
            match written {
                Poll::Ready(written) => bytes += written?,
                Poll::Pending => return Ok(bytes),
            }
        }
    }

    #[actix_web::test]
    async fn whoever_does_not_read_is_cut_and_whoever_reads_again_is_not() {
        let (mut guarded, mut peer) = connection().await;
        let bytes = fill(&mut guarded).await.unwrap();
        assert!(guarded.ticket.place.keeps_waiting_since().is_some());

        guarded.behind = MOST_BLOCKED - Duration::from_secs(1);
        peer.read_exact(&mut vec![0; bytes]).await.unwrap();
        guarded.write_all(&[0; 8192]).await.unwrap();
        assert!(guarded.behind < MOST_BLOCKED - Duration::from_secs(8), "8 KiB are worth 8 seconds");

        fill(&mut guarded).await.unwrap();
        guarded.behind = MOST_BLOCKED;
        assert_eq!(fill(&mut guarded).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[actix_web::test]
    async fn whoever_reads_much_cannot_stop_for_long() {
        let (mut guarded, _peer) = connection().await;
        guarded.has_read(1 << 30);
        fill(&mut guarded).await.unwrap();
        guarded.blocked = Instant::now().checked_sub(MOST_BLOCKED);
        assert_eq!(fill(&mut guarded).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[actix_web::test]
    async fn a_connection_that_waits_ends_when_another_gets_its_place() {
        let (mut guarded, _peer) = connection().await;
        let place = guarded.place();
        let mut byte = [0];
        let (read, ()) = futures_util::future::join(guarded.read(&mut byte), async {
            place.is_given_away.store(true, Ordering::Release);
            place.waker.wake();
        })
        .await;
        assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    }
}
