//! Tests against a running broker: see CONTRIBUTING.md.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]

use caudal_contract::message::MessageId;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use lapin::options::QueueDeleteOptions;

use super::*;
use crate::queue::Queue;
use crate::testing::Backend;

fn message(text: &str) -> Outgoing {
    Outgoing { message_id: MessageId::new(), payload: text.into() }
}

fn payloads(claimed: &[Claimed]) -> Vec<String> {
    claimed.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned()).collect()
}

/// The queue of a backend with a broker. Prints that the test is skipped if there is no broker.
fn broker() -> Option<(Backend, RabbitMqQueue)> {
    let backend = Backend::new();
    match backend.queue() {
        Queue::RabbitMq(queue) => Some((backend, queue)),
        Queue::Embedded(_) => {
            eprintln!("skipped: {} names no broker", crate::testing::RABBITMQ);
            None
        }
    }
}

/// Claims until `count` messages are there.
async fn claim(queue: &RabbitMqQueue, channel: Channel, count: usize) -> Vec<Claimed> {
    let mut claimed = Vec::new();
    while claimed.len() < count {
        let most = u32::try_from(count - claimed.len()).unwrap();
        claimed.extend(queue.claim(channel, most).await.unwrap());
    }
    claimed
}

#[tokio::test]
async fn messages_come_in_order_and_stay_until_they_are_acknowledged() {
    let Some((_backend, queue)) = broker() else { return };
    queue.publish(Channel::ProcessedData, &["a", "b", "c"].map(message)).await.unwrap();
    let mut first = claim(&queue, Channel::ProcessedData, 2).await;
    assert_eq!(payloads(&first), ["a", "b"]);
    assert!(queue.claim(Channel::Receipts, 2).await.unwrap().is_empty(), "channels do not mix");

    let kept = first.pop().unwrap();
    queue.acknowledge(&[first[0].tag.clone()]).await.unwrap();
    queue.release(Channel::ProcessedData, vec![kept]).await;
    assert_eq!(payloads(&claim(&queue, Channel::ProcessedData, 2).await), ["b", "c"]);
}

#[tokio::test]
async fn a_dead_consumer_gives_back_what_it_held_and_its_old_tags_acknowledge_nothing() {
    let Some((backend, queue)) = broker() else { return };
    queue.publish(Channel::ProcessedData, &[message("a")]).await.unwrap();
    let stale = claim(&queue, Channel::ProcessedData, 1).await;
    // This ends the consumer's connection.
    *queue.shared.processed_data.lock().await = None;
    let Queue::RabbitMq(successor) = backend.queue() else { unreachable!() };
    let again = claim(&successor, Channel::ProcessedData, 1).await;
    assert_eq!(payloads(&again), ["a"]);
    assert!(queue.acknowledge(&[stale[0].tag.clone()]).await.is_err());
    successor.acknowledge(&[again[0].tag.clone()]).await.unwrap();
}

#[tokio::test]
async fn each_worker_of_a_process_gets_messages_while_the_others_hold_theirs() {
    let Some((backend, _queue)) = broker() else { return };
    let queue = RabbitMqQueue::new(&backend.queue_url(backend.folder()), 4).unwrap();
    let messages: Vec<Outgoing> = (0..32).map(|n| message(&n.to_string())).collect();
    queue.publish(Channel::ProcessedData, &messages).await.unwrap();
    let mut held = Vec::new();
    for _worker in 0..4 {
        held.extend(claim(&queue, Channel::ProcessedData, CLAIM_BATCH.into()).await);
    }
    assert_eq!(held.len(), 32);
}

#[tokio::test]
async fn what_a_dead_consumer_held_is_not_given_back_to_the_next_one_and_comes_once() {
    let Some((_backend, queue)) = broker() else { return };
    queue.publish(Channel::ProcessedData, &["a", "b"].map(message)).await.unwrap();
    let held = claim(&queue, Channel::ProcessedData, 2).await;
    // This ends the consumer's connection; the next claim makes a new one.
    *queue.shared.processed_data.lock().await = None;
    let again = claim(&queue, Channel::ProcessedData, 2).await;
    queue.release(Channel::ProcessedData, held).await;
    queue.acknowledge(&again.iter().map(|message| message.tag.clone()).collect::<Vec<_>>()).await.unwrap();
    assert!(queue.claim(Channel::ProcessedData, 2).await.unwrap().is_empty(), "an acknowledged message came again");
}

#[tokio::test]
async fn after_an_acknowledgement_that_fails_the_rest_comes_again() {
    let Some((_backend, queue)) = broker() else { return };
    queue.publish(Channel::ProcessedData, &["a", "b"].map(message)).await.unwrap();
    let claimed = claim(&queue, Channel::ProcessedData, 2).await;
    let tags: Vec<Tag> = claimed.iter().map(|message| message.tag.clone()).collect();
    queue.acknowledge(&tags[..1]).await.unwrap();
    // The first message was acknowledged before, so this fails.
    assert!(queue.acknowledge(&tags).await.is_err());
    queue.release(Channel::ProcessedData, claimed).await;
    assert_eq!(payloads(&claim(&queue, Channel::ProcessedData, 1).await), ["b"]);
}

#[tokio::test]
async fn a_message_that_ends_its_consumer_again_and_again_comes_back_as_exhausted() {
    let Some((_backend, queue)) = broker() else { return };
    queue.publish(Channel::ProcessedData, &[message("poison")]).await.unwrap();
    let mut handed_out = 0;
    loop {
        let claimed = claim(&queue, Channel::ProcessedData, 1).await;
        if claimed[0].handed_out == DeliveryCount::TooOften {
            assert_eq!(payloads(&claimed), ["poison"]);
            break;
        }
        handed_out += 1;
        assert!(handed_out < 30, "the broker never gives up");
        *queue.shared.processed_data.lock().await = None;
    }
    assert!(handed_out >= 20, "only {handed_out}");
}

/// The library can attribute a returned message to another publish of the same batch. That publish then looks
/// unroutable, and the returned message looks like a success.
#[tokio::test]
async fn a_batch_with_one_unroutable_message_never_counts_as_published() {
    let Some((_backend, queue)) = broker() else { return };
    let publishing = queue.shared.publishing().await.unwrap();
    // Without the alternate exchange, which would take the unroutable messages.
    let admin = publishing.connection.create_channel().await.unwrap();
    let unbind =
        admin.queue_unbind("caudal.unroutable".into(), "caudal.unroutable".into(), "".into(), FieldTable::default());
    unbind.await.unwrap();
    for round in 0..20 {
        let messages: Vec<Outgoing> = (0..100).map(|n| message(&n.to_string())).collect();
        let batch = messages.iter().enumerate().map(|(n, message)| {
            let key = if n == (round * 7) % 100 { "nowhere" } else { Channel::ProcessedData.name() };
            (key, message)
        });
        let sent = publish_batch(&publishing.link, batch).await;
        assert!(matches!(sent, Err(QueueError::Unroutable { count: 1 })), "round {round}: {sent:?}");
    }
}

/// A channel of an administrator.
async fn admin(queue: &RabbitMqQueue) -> (Connection, Link) {
    let connection = queue.shared.connect("administrator").await.unwrap();
    let link = connection.create_channel().await.unwrap();
    (connection, link)
}

#[tokio::test]
async fn a_queue_that_was_made_with_other_settings_is_said_with_the_remedy_which_helps() {
    let Some((_backend, queue)) = broker() else { return };
    let (_connection, admin) = admin(&queue).await;
    admin.queue_declare("processed_data".into(), QueueDeclareOptions::durable(), FieldTable::default()).await.unwrap();
    let published = queue.publish(Channel::ProcessedData, &[message("a")]).await;
    let claimed = queue.claim(Channel::ProcessedData, 1).await;
    for refused in [published.unwrap_err(), claimed.map(drop).unwrap_err()] {
        let said = refused.to_string();
        assert!(matches!(refused, QueueError::OtherSettings { .. }), "{said}");
        for expected in ["'processed_data'", "other settings", "delete the exchange", "creates it again"] {
            assert!(said.contains(expected), "{said}");
        }
    }
    admin.queue_delete("processed_data".into(), QueueDeleteOptions::default()).await.unwrap();
    queue.publish(Channel::ProcessedData, &[message("a")]).await.unwrap();
    assert_eq!(payloads(&claim(&queue, Channel::ProcessedData, 1).await), ["a"]);
}

#[tokio::test]
async fn messages_that_came_to_no_queue_are_noticed_until_they_are_answered_and_the_binding_is_made_again() {
    let Some((_backend, queue)) = broker() else { return };
    assert_eq!(queue.unroutable().await.unwrap(), None);
    let (_connection, admin) = admin(&queue).await;
    let unbind =
        admin.queue_unbind("processed_data".into(), "caudal".into(), "processed_data".into(), FieldTable::default());
    unbind.await.unwrap();
    queue.publish(Channel::ProcessedData, &[message("a")]).await.expect("it is kept elsewhere");
    let noticed = async {
        loop {
            if let Some(unroutable) = queue.unroutable().await.unwrap() {
                break unroutable;
            }
            tokio::task::yield_now().await;
        }
    };
    let unroutable = tokio::time::timeout(Duration::from_secs(20), noticed).await.expect("nobody notices");
    assert_eq!(queue.unroutable().await.unwrap(), Some(unroutable), "nobody has answered");
    queue.restore().await.unwrap();
    queue.acknowledge_unroutable(unroutable);
    queue.publish(Channel::ProcessedData, &[message("b")]).await.unwrap();
    assert_eq!(payloads(&claim(&queue, Channel::ProcessedData, 1).await), ["b"]);
    assert_eq!(queue.unroutable().await.unwrap(), None);
}

#[tokio::test]
async fn a_broker_that_falls_silent_ends_a_publish_in_time_and_the_next_one_finds_it_again() {
    let Some((backend, direct)) = broker() else { return };
    let proxy = Proxy::to(&direct.shared.uri.authority.host, direct.shared.uri.authority.port);
    let url = backend.queue_url(backend.folder());
    let (_, vhost) = url.rsplit_once('/').unwrap();
    let url = format!("amqp://guest:guest@127.0.0.1:{}/{vhost}", proxy.port);
    let mut queue = RabbitMqQueue::new(&url, 1).unwrap();
    let patience = Patience { operation: Duration::from_secs(2), confirm: Duration::from_secs(2) };
    Arc::get_mut(&mut queue.shared).unwrap().patience = patience;

    queue.publish(Channel::ProcessedData, &[message("a")]).await.unwrap();
    proxy.is_silent.store(true, Ordering::Relaxed);
    let lost = [message("b")];
    let sent = tokio::time::timeout(Duration::from_secs(20), queue.publish(Channel::ProcessedData, &lost)).await;
    let error = sent.expect("it must not hang").unwrap_err();
    assert!(matches!(error, QueueError::Late { .. }), "{error}");
    proxy.is_silent.store(false, Ordering::Relaxed);
    queue.publish(Channel::ProcessedData, &[message("c")]).await.unwrap();
    let found = payloads(&claim(&direct, Channel::ProcessedData, 2).await);
    assert!(found.contains(&"a".to_owned()) && found.contains(&"c".to_owned()), "{found:?}");
}

#[tokio::test]
async fn a_broker_that_lost_everything_is_known_as_one() {
    let Some((_backend, queue)) = broker() else { return };
    assert!(queue.has_lost_its_messages().await.unwrap(), "it is new");
    queue.mark().await.unwrap();
    assert!(!queue.has_lost_its_messages().await.unwrap());
    queue.shared.forget_publishing();
    assert!(!queue.has_lost_its_messages().await.unwrap(), "a new connection to the same broker");
}

#[test]
fn queues_that_connect_at_once_share_their_thread() {
    let slot = Arc::new(Mutex::new(None));
    let all_there = Arc::new(std::sync::Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (slot, all_there) = (Arc::clone(&slot), Arc::clone(&all_there));
            std::thread::spawn(move || {
                let caller = tokio::runtime::Builder::new_current_thread().build().unwrap();
                caller.block_on(async {
                    all_there.wait();
                    made_once(&slot).unwrap().id()
                })
            })
        })
        .collect();
    let ids: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn the_password_that_every_broker_has_is_refused_elsewhere() {
    let error = RabbitMqQueue::new("amqp://guest:guest@broker.example/caudal", 1).err().unwrap().to_string();
    assert!(error.contains("create a user for Caudal"), "{error}");
    assert!(RabbitMqQueue::new("amqp://guest:guest@localhost/caudal", 1).is_ok());
}

#[tokio::test]
async fn a_refused_password_is_said_and_not_shown() {
    let Some((backend, _queue)) = broker() else { return };
    let url = backend.queue_url(backend.folder()).replace("guest:guest", "guest:hunter2");
    let error = RabbitMqQueue::new(&url, 1).unwrap().depth(Channel::ProcessedData).await.unwrap_err().to_string();
    assert!(error.contains("cannot be reached") && !error.contains("hunter2"), "{error}");
}

/// Passes bytes on, unless it is silent. Then it swallows them, like a network that lost its route.
struct Proxy {
    port: u16,
    is_silent: Arc<AtomicBool>,
}

impl Proxy {
    fn to(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own_port = listener.local_addr().unwrap().port();
        let is_silent = Arc::new(AtomicBool::new(false));
        let (target, silence) = (format!("{host}:{port}"), Arc::clone(&is_silent));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(&target)) else { break };
                let ways = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
                for (from, to) in ways {
                    let silence = Arc::clone(&silence);
                    std::thread::spawn(move || pass_on(from.unwrap(), to.unwrap(), &silence));
                }
            }
        });
        Self { port: own_port, is_silent }
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, is_silent: &AtomicBool) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if !is_silent.load(Ordering::Relaxed) && to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
