//! Limits the connections, and how long a client may keep one without doing anything: one layer around every request.
//!
//! Each connection has a place. If none is left, a new connection takes the place of the one that has kept us waiting for the
//! longest: for a head, for a body or for reading its answer. A connection that waits for us never loses its place. So nobody
//! can hold places against others by doing nothing, not even from many connections, and a client behind the same address as an
//! attacker still comes through. A few places above the ordinary ones serve only `/health` and `/ready`.
//!
//! There are further limits for slow peers: [`stream`] cuts heads and answers that do not advance, [`bodies`] cuts bodies.

pub mod bodies;
mod stream;

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use futures_util::task::AtomicWaker;

pub use stream::Guarded;

/// The number of connections that are answered side by side. More connections wait for a place.
const ORDINARY: usize = 512;
/// The number of places that serve only `/health` and `/ready`.
const RESERVED: usize = 16;
/// The number of open files that the rest of the process needs: databases, queue, logs, files that are read.
const OTHER_FILES: u64 = 256;
/// The number of connections that may be open beyond the places: some lost their place and close in a moment, others wait for
/// one.
const IN_PASSING: usize = 64;
/// The lowest rate at which a peer may send or read, in bytes a second.
const LOWEST_RATE: u64 = 1024;
/// An idle connection counts as waiting for only an eighth of its time, because it owes us nothing after its answer.
const IDLE_WEIGHT: u64 = 8;
/// How long a connection is kept for the next request after an answer.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long the head of a request may take.
pub const MOST_HEAD: Duration = Duration::from_secs(5);
/// The most unsent bytes of an answer that the system buffers. With fewer we see sooner that the peer reads.
#[cfg(target_os = "linux")]
const MOST_UNSENT: u32 = 32 * 1024;
/// How often the log says that places were given away.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// The numbers of places.
#[derive(Debug, Clone, Copy)]
struct Limits {
    ordinary: usize,
    an_address: usize,
    reserved: usize,
}

/// The places of a process.
#[derive(Clone)]
pub struct Places {
    limits: Limits,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    places: HashMap<u64, Arc<Place>>,
    /// The number of places given away since the last log line, and the time of that line.
    given_away: u64,
    said: Option<Instant>,
}

/// The place of one connection.
#[derive(Debug)]
pub struct Place {
    /// The owner: an IPv4 address, or the /64 of an IPv6 address, because a provider gives each customer a whole /64.
    peer: IpAddr,
    /// Whether it serves only `/health` and `/ready`.
    is_reserved: bool,
    /// Whether a request has begun and its answer is not made yet.
    is_in_request: AtomicBool,
    /// Whether a request was answered and no byte of the next one has come.
    is_idle: AtomicBool,
    /// Since when we wait for the peer, in the milliseconds of [`now`]; 0 while it waits for us.
    waits_since: AtomicU64,
    /// Since when an answer cannot be written, in the same unit; 0 while it can.
    blocked_since: AtomicU64,
    /// Whether another connection has the place now.
    is_given_away: AtomicBool,
    waker: AtomicWaker,
}

/// A taken place. Dropping the ticket frees it.
pub struct Ticket {
    number: u64,
    place: Arc<Place>,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    /// Places for connections, at most `an_address` of them for one address. Fewer if the system limits open files too much.
    #[must_use]
    pub fn new(an_address: usize) -> Self {
        let files = usize::try_from(most_open_files().saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX);
        let ordinary = files.saturating_sub(RESERVED + IN_PASSING).clamp(RESERVED, ORDINARY);
        if ordinary < ORDINARY {
            tracing::warn!(
                connections = ordinary,
                "the limit of open files (ulimit -n) is low, so fewer connections are answered at once"
            );
        }
        Self::of(Limits { ordinary, an_address: an_address.min(ordinary), reserved: RESERVED })
    }

    fn of(limits: Limits) -> Self {
        Self { limits, taken: Arc::default() }
    }

    /// The most open connections, including those that are about to be closed or let in. More wait in the system's queue, so
    /// that a sudden crowd leaves files to the rest of the process.
    #[must_use]
    pub fn most_open(&self) -> usize {
        self.limits.ordinary + self.limits.reserved + IN_PASSING
    }

    /// A guarded connection, if there is a place for it.
    ///
    /// # Errors
    /// Every connection is working on a request, so none can give way.
    pub fn admit(&self, io: TcpStream) -> io::Result<(Guarded, Option<SocketAddr>)> {
        let peer = io.peer_addr()?;
        // An answer leaves in several writes. Without this the second write would wait for a late acknowledgement of the first.
        io.set_nodelay(true)?;
        #[cfg(target_os = "linux")]
        socket2::SockRef::from(&io).set_tcp_notsent_lowat(MOST_UNSENT)?;
        let ticket =
            self.take(peer.ip()).ok_or_else(|| io::Error::other("there is no place for another connection"))?;
        Ok((Guarded::new(io, ticket), Some(peer)))
    }

    fn take(&self, address: IpAddr) -> Option<Ticket> {
        let (ticket, closed) = self.take_quietly(address);
        // Logged after the lock is released, because a log reader that has stopped would block every new connection.
        if let Some(closed) = closed {
            tracing::warn!(closed, "there are too many connections; the slowest ones were closed to admit new ones");
        }
        ticket
    }

    /// A place if there is one, and the number of places that were given away if it is time to log it.
    fn take_quietly(&self, address: IpAddr) -> (Option<Ticket>, Option<u64>) {
        let peer = network_of(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let ordinary = |place: &&Arc<Place>| !place.is_reserved;
        let of_peer = taken.places.values().filter(ordinary).filter(|place| place.peer == peer).count();
        let is_reserved = if of_peer >= self.limits.an_address {
            !taken.give_away(|place| !place.is_reserved && place.peer == peer)
        } else if taken.places.values().filter(ordinary).count() >= self.limits.ordinary {
            !taken.give_away_of_the_busiest()
        } else {
            false
        };
        if is_reserved
            && taken.places.values().filter(|place| place.is_reserved).count() >= self.limits.reserved
            && !taken.give_away(|place| place.is_reserved)
        {
            return (None, taken.due_to_be_said());
        }
        let place = Arc::new(Place::new(peer, is_reserved));
        let number = taken.next;
        taken.next += 1;
        taken.places.insert(number, Arc::clone(&place));
        (Some(Ticket { number, place, taken: Arc::clone(&self.taken) }), taken.due_to_be_said())
    }
}

impl Taken {
    /// Takes the place of the matching connection that has kept us waiting for the longest. Returns false if none keeps us
    /// waiting.
    fn give_away(&mut self, is_meant: impl Fn(&Place) -> bool) -> bool {
        let waiting = self.places.iter().filter(|(_, place)| is_meant(place));
        let longest = waiting.filter_map(|(number, place)| Some((place.keeps_waiting_since()?, *number))).min();
        let Some(place) = longest.and_then(|(_, number)| self.places.remove(&number)) else { return false };
        place.is_given_away.store(true, Ordering::Release);
        place.waker.wake();
        self.given_away += 1;
        true
    }

    /// Like [`Self::give_away`], among the peers with the most places. If none of them keeps us waiting, goes on with the peers
    /// that have fewer. Among peers with equally many, the longest wait decides, so that no address has an advantage.
    fn give_away_of_the_busiest(&mut self) -> bool {
        let mut counts: HashMap<IpAddr, usize> = HashMap::new();
        for place in self.places.values().filter(|place| !place.is_reserved) {
            *counts.entry(place.peer).or_default() += 1;
        }
        let mut most: Vec<usize> = counts.values().copied().collect();
        most.sort_unstable();
        most.dedup();
        most.into_iter()
            .rev()
            .any(|count| self.give_away(|place| !place.is_reserved && counts.get(&place.peer) == Some(&count)))
    }

    /// The number of places that were given away, if it is time to log it.
    fn due_to_be_said(&mut self) -> Option<u64> {
        let is_due = self.said.is_none_or(|said| said.elapsed() > SAID_EVERY);
        (self.given_away > 0 && is_due).then(|| {
            self.said = Some(Instant::now());
            std::mem::take(&mut self.given_away)
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).places.remove(&self.number);
    }
}

impl Place {
    fn new(peer: IpAddr, is_reserved: bool) -> Self {
        Self {
            peer,
            is_reserved,
            is_in_request: AtomicBool::new(false),
            is_idle: AtomicBool::new(false),
            waits_since: AtomicU64::new(now()),
            blocked_since: AtomicU64::new(0),
            is_given_away: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// Since when we wait for the peer, if we do. While the peer owes us nothing, the moment is moved closer to now.
    fn keeps_waiting_since(&self) -> Option<u64> {
        let [blocked, waits] = [&self.blocked_since, &self.waits_since]
            .map(|since| Some(since.load(Ordering::Relaxed)).filter(|at| *at > 0));
        let waits = waits.map(|since| {
            let weight = if self.is_idle.load(Ordering::Relaxed) { IDLE_WEIGHT } else { 1 };
            let now = now();
            now - now.saturating_sub(since) / weight
        });
        blocked.or(waits)
    }

    /// The head of a request has come, and we work.
    fn begins_request(&self) {
        self.is_in_request.store(true, Ordering::Relaxed);
        self.waits_since.store(0, Ordering::Relaxed);
    }

    /// We want more of the body than has come.
    fn waits_for_body(&self) {
        let _ = self.waits_since.compare_exchange(0, now(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Bytes of the body have come, which pays for the time that they may take. So a body that trickles does not look as if its
    /// peer had just begun to keep us waiting, and a long body at a good rate does not lose its place.
    fn sends(&self, bytes: u64) {
        let since = self.waits_since.load(Ordering::Relaxed);
        if since > 0 {
            let good = u64::try_from(worth(bytes).as_millis()).unwrap_or(u64::MAX);
            self.waits_since.store(since.saturating_add(good).min(now()), Ordering::Relaxed);
        }
    }

    /// The body has come, or the handler does not want it.
    fn works(&self) {
        if self.is_in_request.load(Ordering::Relaxed) {
            self.waits_since.store(0, Ordering::Relaxed);
        }
    }

    /// The answer is made; the next request may come.
    fn ends_request(&self) {
        self.is_in_request.store(false, Ordering::Relaxed);
        self.is_idle.store(true, Ordering::Relaxed);
        self.waits_since.store(now(), Ordering::Relaxed);
    }

    /// Bytes have come.
    fn begins_to_send(&self) {
        self.is_idle.store(false, Ordering::Relaxed);
    }

    /// Nothing of an answer can be written, and that has been so for this long.
    fn is_blocked_for(&self, long: Duration) {
        let long = u64::try_from(long.as_millis()).unwrap_or(u64::MAX);
        self.blocked_since.store(now().saturating_sub(long).max(1), Ordering::Relaxed);
    }

    /// An answer can be written again. If this was its end, the peer is idle from now on.
    fn is_not_blocked(&self) {
        self.blocked_since.store(0, Ordering::Relaxed);
        if !self.is_in_request.load(Ordering::Relaxed) {
            self.waits_since.store(now(), Ordering::Relaxed);
        }
    }

    /// How long the peer has sent no head, or has kept its connection open, although it has everything that we wrote.
    fn is_idle_for(&self) -> Option<Duration> {
        let [blocked, since] = [&self.blocked_since, &self.waits_since].map(|since| since.load(Ordering::Relaxed));
        let is_idle = blocked == 0 && since > 0 && !self.is_in_request.load(Ordering::Relaxed);
        is_idle.then(|| Duration::from_millis(now().saturating_sub(since)))
    }
}

/// The time that this many bytes may take.
fn worth(bytes: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(1000) / LOWEST_RATE)
}

/// Milliseconds since an hour before the first connection, so that 0 means never and earlier moments can be expressed too.
fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    3_600_000 + u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX / 2)
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The number of files that this process may open, after raising the limit to the allowed maximum.
fn most_open_files() -> u64 {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        let mut limit = getrlimit(Resource::Nofile);
        if limit.current != limit.maximum {
            limit.current = limit.maximum;
            if let Err(error) = setrlimit(Resource::Nofile, limit) {
                tracing::debug!(%error, "could not raise the limit of open files");
            }
        }
        getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
    }
    #[cfg(not(unix))]
    u64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(ordinary: usize, an_address: usize) -> Places {
        Places::of(Limits { ordinary, an_address, reserved: 1 })
    }

    fn take(places: &Places, address: &str) -> Option<Ticket> {
        places.take(address.parse().unwrap())
    }

    fn is_given_away(ticket: &Ticket) -> bool {
        ticket.place.is_given_away.load(Ordering::Acquire)
    }

    /// Pretends that we wait for the peer since this moment.
    fn since(ticket: &Ticket, at: u64) {
        ticket.place.waits_since.store(at, Ordering::Relaxed);
    }

    #[test]
    fn a_new_connection_takes_the_place_of_the_one_that_kept_us_waiting_for_the_longest() {
        let places = places(3, 3);
        let all: Vec<Ticket> = (0..3).map(|_| take(&places, "192.0.2.1").unwrap()).collect();
        for (ticket, at) in all.iter().zip([20, 10, 30]) {
            since(ticket, at);
        }
        let new = take(&places, "192.0.2.1").unwrap();
        assert!(!new.place.is_reserved);
        assert_eq!(all.iter().map(is_given_away).collect::<Vec<_>>(), [false, true, false]);
        since(&new, 40);
        all[0].place.begins_request();
        let another = take(&places, "192.0.2.1").unwrap();
        assert!(!another.place.is_reserved);
        assert_eq!(
            all.iter().map(is_given_away).collect::<Vec<_>>(),
            [false, true, true],
            "the first is being worked on"
        );
    }

    #[test]
    fn among_many_addresses_the_one_that_waits_for_the_longest_gives_way_whatever_its_number() {
        let places = places(3, 3);
        let slow = take(&places, "10.0.0.1").unwrap();
        since(&slow, 1);
        let good = take(&places, "203.0.113.9").unwrap();
        let other = take(&places, "10.0.0.2").unwrap();
        since(&other, 2);
        let _new = take(&places, "10.0.0.3").unwrap();
        assert!(is_given_away(&slow) && !is_given_away(&good) && !is_given_away(&other));
    }

    #[actix_web::test]
    async fn an_answer_is_not_held_back_for_an_acknowledgement() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_peer, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (guarded, _) = places(1, 1).admit(accepted.unwrap().0).unwrap();
        assert!(guarded.is_sent_at_once());
    }

    #[test]
    fn one_address_cannot_take_the_places_of_others() {
        let places = places(4, 4);
        let good = take(&places, "192.0.2.9").unwrap();
        since(&good, 1);
        let many: Vec<Ticket> = (0..100).map(|_| take(&places, "192.0.2.1").unwrap()).collect();
        assert!(!is_given_away(&good), "though it waits for the longest");
        assert_eq!(many.iter().filter(|ticket| !is_given_away(ticket)).count(), 3);
    }

    #[test]
    fn while_all_are_worked_on_only_health_is_answered_and_its_places_are_given_on() {
        let places = places(2, 2);
        let busy: Vec<Ticket> = (0..2).map(|_| take(&places, "192.0.2.1").unwrap()).collect();
        busy.iter().for_each(|ticket| ticket.place.begins_request());
        let first = take(&places, "192.0.2.2").unwrap();
        let second = take(&places, "192.0.2.2").unwrap();
        assert!(first.place.is_reserved && second.place.is_reserved);
        assert!(is_given_away(&first) && !is_given_away(&second));
        second.place.begins_request();
        assert!(take(&places, "192.0.2.2").is_none());
        drop(busy);
        assert!(!take(&places, "192.0.2.2").unwrap().place.is_reserved);
    }

    fn place() -> Place {
        Place::new("192.0.2.1".parse().unwrap(), false)
    }

    #[test]
    fn a_body_and_an_answer_that_do_not_get_on_keep_waiting_and_work_does_not() {
        let place = place();
        assert!(place.keeps_waiting_since().is_some(), "for the head");
        place.begins_request();
        assert!(place.keeps_waiting_since().is_none(), "nobody has asked for its body yet");
        place.waits_for_body();
        assert!(place.keeps_waiting_since().is_some() && place.is_idle_for().is_none(), "for the body");
        place.works();
        assert!(place.keeps_waiting_since().is_none());
        place.is_blocked_for(Duration::from_millis(0));
        assert!(place.keeps_waiting_since().is_some(), "for its reading");
        place.ends_request();
        assert!(place.is_idle_for().is_none(), "it has not got all of the answer");
        place.is_not_blocked();
        assert!(place.keeps_waiting_since().is_some() && place.is_idle_for().is_some(), "for the next");
    }

    /// A place that we have been waiting for this many seconds.
    fn waiting_for(seconds: u64) -> Place {
        let place = place();
        place.waits_since.store(now() - seconds * 1000, Ordering::Relaxed);
        place
    }

    fn seconds(place: &Place) -> u64 {
        (now() - place.keeps_waiting_since().unwrap()) / 1000
    }

    #[test]
    fn a_byte_now_and_then_does_not_make_a_peer_look_new_and_a_good_rate_does() {
        let place = waiting_for(100);
        place.sends(10);
        assert_eq!(seconds(&place), 99, "and most of the hundredth");
        place.sends(50 * LOWEST_RATE);
        assert_eq!(seconds(&place), 49);
        place.sends(1_000_000 * LOWEST_RATE);
        assert_eq!(seconds(&place), 0, "nobody saves up");
    }

    #[test]
    fn whoever_owes_us_nothing_keeps_its_place_for_longer() {
        let idle = waiting_for(80);
        idle.is_idle.store(true, Ordering::Relaxed);
        assert_eq!(seconds(&idle), 10);
        idle.begins_to_send();
        assert_eq!(seconds(&idle), 80, "a head that has begun is owed");
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        let network = |address: &str| network_of(address.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
